/**
 * A head judged by a policy: whose it is, who confirmed it, and whether that is enough. Spec 03 §11.
 *
 * The log's own member never counts (DESIGN §4.5): a policy for several logs lists the mirrors of all their members,
 * and that of the log at hand is left out here, whatever the policy says.
 */
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import {
  parseOrigin,
  verifyCheckpoint,
  type Checkpoint,
  type HeadSignatureFault,
  type SignedCheckpoint,
} from './checkpoint.ts'
import { printCosignerName, verifyCosignatures, type Cosigned, type CosignatureFault } from './cosignature.ts'
import type { VerifierKey } from './note.ts'
import { NO_QUORUM, type Policy, type PolicyWitness } from './policy.ts'

export type WitnessedBy = { readonly witness: PolicyWitness; readonly time: number }

export type PolicyVerdict = {
  readonly checkpoint: Checkpoint
  /** The key of the policy that signed the head. */
  readonly log: VerifierKey
  /** Witnesses of the policy with a good cosignature, the log's own member left out. */
  readonly cosigned: readonly WitnessedBy[]
  /** `unwitnessed` is what `quorum none` asks for: nobody else has to confirm the head. */
  readonly quorum: 'met' | 'not-met' | 'unwitnessed'
  readonly groups: readonly {
    readonly name: string
    readonly threshold: number
    readonly witnessed: number
    readonly members: number
  }[]
}

export type PolicyVerdictFault =
  'policy-log' | HeadSignatureFault | Exclude<CosignatureFault, 'cosignature-absent'>

/** Judges a head. A bad line of any key of the policy refuses it whole. */
export function judgeByPolicy(
  primitives: Primitives,
  policy: Policy,
  signed: SignedCheckpoint,
): Result<PolicyVerdict, PolicyVerdictFault> {
  const log = logOf(primitives, policy, signed)
  if (!log.ok) return log
  const counted = policy.witnesses.filter(({ key }) => !isOwn(key.name, signed.checkpoint.origin))
  const lines = verifyCosignatures(
    primitives,
    counted.map(({ key }) => key),
    signed.note,
  )
  if (!lines.ok) return lines
  const cosigned = lines.value.flatMap((line) => witnessOf(counted, line))
  const witnessed = new Set(cosigned.map(({ witness }) => witness.name))
  const groups = policy.groups.map(({ name, threshold, members }) => {
    const count = members.filter((member) => witnessed.has(member)).length
    if (count >= threshold) witnessed.add(name)
    return { name, threshold, witnessed: count, members: members.length }
  })
  const quorum =
    policy.quorum === NO_QUORUM ? 'unwitnessed' : witnessed.has(policy.quorum) ? 'met' : 'not-met'
  return ok({ checkpoint: signed.checkpoint, log: log.value, cosigned, quorum, groups })
}

/** The policy's key that signed the head. A log with two keys in a policy needs one of them. */
function logOf(
  primitives: Primitives,
  { logs }: Policy,
  signed: SignedCheckpoint,
): Result<VerifierKey, 'policy-log' | HeadSignatureFault> {
  const named = logs.filter(({ key }) => key.name === signed.checkpoint.origin)
  let refusal: Result<VerifierKey, 'policy-log' | HeadSignatureFault> = fault('policy-log')
  let log: VerifierKey | undefined
  for (const { key } of named) {
    const head = verifyCheckpoint(primitives, signed, key.key)
    if (head.ok) log = key
    else if (head.fault === 'head-unsigned') refusal = head
    else return head
  }
  return log === undefined ? refusal : ok(log)
}

function isOwn(name: string, origin: string): boolean {
  const read = parseOrigin(origin)
  if (!read.ok) return false
  const { domain } = read.value
  return name === printCosignerName(domain, 'mirror') || name === printCosignerName(domain, 'witness')
}

function witnessOf(
  witnesses: readonly PolicyWitness[],
  { cosigner, time }: Cosigned,
): readonly WitnessedBy[] {
  const witness = witnesses.find(({ key }) => key.key === cosigner.key)
  return witness === undefined ? [] : [{ witness, time }]
}
