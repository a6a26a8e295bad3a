/** What the checks of a bundle amount to: findings with their weight, and the worst of them. Spec 08 §5. */
import type { PolicyVerdictFault } from '../log/policy-judge.ts'
import type { ConvictionFault } from './bundle-accounts.ts'
import type { BundleCheckFault, CheckedBundle, CheckedProof, Outcome } from './bundle-check.ts'
import { worst, type Verdict } from './report.ts'

export type BundleFindingCode =
  | BundleCheckFault
  | PolicyVerdictFault
  | ConvictionFault
  /** Fewer cosigners than the charter or the policy asks for. */
  | 'quorum-not-met'
  /** Nobody else had to confirm it, and nobody is known to have. */
  | 'quorum-unwitnessed'
  /** A log, or a cosigner, is convicted by a proof in the bundle. */
  | 'audit-forked'
  /** Another entry in the bundle erased its public part. */
  | 'audit-erased'
  | 'cosigner-struck'

export type BundleFinding = {
  readonly code: BundleFindingCode
  /** What it takes from the verdict; `verified` for a note. */
  readonly verdict: Verdict
  readonly origin: string | undefined
  /** Which of the proofs it is about, where it is about one. */
  readonly proof: number | undefined
  /** The entry that erased a public part. */
  readonly by?: number
}

export function findingsOfBundle({ proofs, equivocations, logs }: CheckedBundle): readonly BundleFinding[] {
  return [
    ...proofs.flatMap(findingsOfProof),
    ...logs.flatMap(({ origin, faults }) =>
      faults.map((code): BundleFinding => ({ code, verdict: weightOf(code), origin, proof: undefined })),
    ),
    ...equivocations.map(({ convicted }): BundleFinding => {
      const nowhere = { origin: undefined, proof: undefined }
      // Anybody can put a file into a bundle; what proves nothing takes nothing from the rest.
      if (!convicted.ok) return { code: convicted.fault, verdict: 'verified', ...nowhere }
      if (convicted.value.kind === 'cosigner')
        return { code: 'cosigner-struck', verdict: 'verified', ...nowhere }
      const { origin } = convicted.value
      return { code: 'audit-forked', verdict: 'split-view', origin, proof: undefined }
    }),
  ]
}

/** The worst finding's; a bundle that shows no statement is incomplete, whatever else it proves. */
export function verdictOfBundle(checked: CheckedBundle): Verdict {
  const verdicts = findingsOfBundle(checked).map(({ verdict }) => verdict)
  return worst(checked.proofs.length === 0 ? ['incomplete', ...verdicts] : verdicts)
}

function findingsOfProof(checked: CheckedProof, proof: number): readonly BundleFinding[] {
  const { origin, signature, inLog, keyState, quorum, parts, erasedBy } = checked
  const found = (code: BundleFindingCode, verdict: Verdict): BundleFinding => ({
    code,
    verdict,
    origin,
    proof,
  })
  const of = (outcome: Outcome): readonly BundleFinding[] => {
    if (outcome.state === 'ok' || outcome.fault === undefined) return []
    const { state, fault } = outcome
    return [found(fault, state === 'failed' ? weightOf(fault) : 'incomplete')]
  }
  // One cause, such as an unknown key, may keep several checks from holding; it is named where it weighs most.
  const checks = [keyState, signature, inLog, ...parts.map(({ outcome }) => outcome)].flatMap(of)
  const distinct = checks.filter((one, at) => checks.findIndex(({ code }) => code === one.code) === at)
  const isHidden = parts.some(({ tier, outcome }) => tier === 'public' && outcome.state === 'not-shown')
  const hidden: BundleFinding =
    erasedBy === undefined
      ? found('part-missing', 'incomplete')
      : { ...found('audit-erased', 'verified'), by: erasedBy }
  return [
    ...distinct,
    ...(isHidden ? [hidden] : []),
    ...(quorum.fault === undefined ? [] : [found(quorum.fault, 'invalid')]),
    ...(quorum.state === 'not-met' ? [found('quorum-not-met', 'incomplete')] : []),
    ...(quorum.state === 'unwitnessed' ? [found('quorum-unwitnessed', 'verified')] : []),
  ]
}

const KEY_FAULTS: ReadonlySet<BundleFindingCode> = new Set<BundleFindingCode>([
  'audit-outsider',
  'audit-keyless',
  'policy-log',
  'epoch-root',
  'key-unknown',
  'key-purpose',
  'key-not-in-force',
  'key-suspect',
  'entry-void',
  'head-unsigned',
])

function weightOf(code: BundleFindingCode): Verdict {
  if (code === 'audit-split-view') return 'split-view'
  if (code === 'bundle-unlinked') return 'incomplete'
  return KEY_FAULTS.has(code) ? 'key' : 'invalid'
}
