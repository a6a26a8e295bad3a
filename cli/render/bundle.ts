/** What the checks of a bundle came to: the verdict, each thing apart, what was checked, and what that does not show. */
import type { CheckedBundle, CheckedProof, Outcome } from '../../protocol/audit/bundle-check.ts'
import type { QuorumCheck, TimeCheck } from '../../protocol/audit/bundle-quorum.ts'
import type { BundleFinding } from '../../protocol/audit/bundle-verdict.ts'
import type { Bundle } from '../../protocol/audit/bundle.ts'
import type { Verdict } from '../../protocol/audit/report.ts'
import { printBase32, printHex } from '../../protocol/bytes.ts'
import type { SignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { counted, faint, heading, marked, MARK, type Look } from '../look.ts'
import { safe } from '../safe.ts'
import { digestOf, type TrustBrought } from '../trust.ts'
import { findingText } from './audit.ts'

export type BundleFacts = {
  readonly bytes: Uint8Array
  readonly bundle: Bundle
  readonly brought: TrustBrought
  readonly checked: CheckedBundle
  readonly findings: readonly BundleFinding[]
  readonly verdict: Verdict
  readonly earlier: readonly SignedCheckpoint[]
}

export type BundleView = ReturnType<typeof viewOfBundle>

export function viewOfBundle({ bytes, bundle, brought, checked, findings, verdict, earlier }: BundleFacts) {
  const { trust, digest, from, isTheirs } = brought
  return {
    verdict,
    bundle: { digest: digestOf(bytes), bytes: bytes.length },
    trust: { kind: trust.kind, digest, from, isTheirs },
    statements: checked.proofs.map(statementView),
    findings: findings.map(({ code, verdict: weight, origin, proof, by }) => ({
      code,
      verdict: weight,
      origin: origin ?? null,
      statement: proof ?? null,
      says: by === undefined ? textOf(code) : findingText(code, by),
    })),
    equivocations: checked.equivocations.map(({ id, kind, subject, convicted }) => ({
      id,
      kind: kind ?? null,
      subject: subject ?? null,
      convicts: convicted.ok ? convicted.value.kind : null,
      why: convicted.ok ? null : convicted.fault,
    })),
    continues: checked.continues,
    checked: checkedLines(bundle, checked, brought),
    notShown: notShown(checked, brought, earlier),
  }
}

function statementView(proof: CheckedProof) {
  const { origin, index, leaf, entry, signature, inLog, keyState, quorum, time, parts, later, seenUpTo } =
    proof
  const { statement } = entry ?? {}
  return {
    origin,
    index,
    leaf: printHex(leaf),
    kind: statement?.kind ?? null,
    record: statement === undefined ? null : printBase32(statement.record),
    version: statement?.version ?? null,
    signature: outcomeView(signature),
    inLog: outcomeView(inLog),
    keyState: outcomeView(keyState),
    quorum: quorumView(quorum),
    time: { existedBy: time.existedBy ?? null, notBefore: time.notBefore ?? null },
    parts: parts.map(({ tier, outcome, items }) => ({ tier, ...outcomeView(outcome), items: items ?? null })),
    later,
    seenUpTo,
  }
}

function outcomeView(outcome: Outcome) {
  return { state: outcome.state, fault: outcome.state === 'ok' ? null : (outcome.fault ?? null) }
}

function quorumView({ state, size, cosigned, needed, others, fault }: QuorumCheck) {
  return { state, size, cosigned, needed: needed ?? null, others: others ?? null, fault: fault ?? null }
}

/** Statements and findings that are shown; `--json` has all of them. */
const SHOWN = 12

const VERDICT_TEXTS: Readonly<Record<Verdict, string>> = {
  verified: 'verified',
  incomplete: 'incomplete: not everything that it should show is shown',
  key: 'a key is unknown, not in force or outside what you trust',
  invalid: 'not valid: a signature, a hash or a form is wrong',
  'split-view': 'SPLIT VIEW: a log in it signed two histories that contradict each other',
}

export function renderBundle(look: Look, view: BundleView): readonly string[] {
  const { verdict, statements, findings, continues } = view
  const mark = verdict === 'verified' ? 'ok' : verdict === 'incomplete' ? 'warn' : 'fail'
  const title = `${counted(statements.length, 'statement')}: ${VERDICT_TEXTS[verdict]}`
  return [
    marked(look, mark, heading(look, title)),
    ...statements.slice(0, SHOWN).flatMap((one) => renderStatement(look, one, statements)),
    ...more(statements.length),
    ...findings.slice(0, SHOWN).map(({ code, verdict: weight, origin, statement, says }) => {
      const where =
        statement === null ? safe(origin ?? 'the bundle') : `entry ${statements[statement]?.index}`
      const sign = weight === 'verified' ? MARK.warn : MARK.fail
      return `  ${sign} ${where}: ${says} ${faint(look, `(${code}, ${weight})`)}`
    }),
    ...more(findings.length),
    ...continues.map(
      ({ origin, size }) => `  ${marked(look, 'ok', `${safe(origin)} continues your head of size ${size}`)}`,
    ),
    '',
    heading(look, 'Checked, in this process, from the file alone'),
    ...view.checked.map((line) => `  ${safe(line)}`),
    heading(look, 'Not shown by this'),
    ...view.notShown.map((line) => `  ${safe(line)}`),
  ]
}

function more(count: number): readonly string[] {
  return count > SHOWN ? [`  … and ${count - SHOWN} more (--json shows them)`] : []
}

type StatementShown = BundleView['statements'][number]

function renderStatement(look: Look, one: StatementShown, all: readonly StatementShown[]): readonly string[] {
  const { origin, index, kind, record, version, signature, inLog, keyState, quorum, time, parts } = one
  const what =
    kind === null ? 'bytes that are no statement' : `${safe(kind)}, version ${version}, record ${record}`
  const opened = parts.map(({ tier, state, items }) => {
    const count = items === null || state !== 'ok' ? '' : `, ${counted(items, 'item')}`
    return `${tier} ${STATES[state]}${count}`
  })
  const row = (name: string, text: string) => `    ${name.padEnd(10)} ${text}`
  return [
    `  ${what}`,
    `    ${faint(look, `entry ${index} of ${safe(origin)}`)}`,
    row('signature', outcomeText(signature)),
    row(
      'in log',
      `${outcomeText(inLog)}${inLog.state === 'ok' ? `, whose newest head here has size ${one.seenUpTo}` : ''}`,
    ),
    row('key state', outcomeText(keyState)),
    row('quorum', quorumText(quorum)),
    row('time', timeText(time)),
    row('parts', opened.join(' · ')),
    row('later', laterText(one, all)),
  ]
}

const STATES = { ok: 'holds', failed: 'FAILS', 'not-shown': 'not shown' } as const

function outcomeText({ state, fault }: { state: Outcome['state']; fault: string | null }): string {
  return fault === null ? STATES[state] : `${STATES[state]} (${fault})`
}

function quorumText({ state, cosigned, needed, others, size }: StatementShown['quorum']): string {
  const names = cosigned.map(({ name }) => safe(name)).join(', ')
  const by = cosigned.length === 0 ? 'by nobody else' : `by ${names}`
  const of = needed === null ? '' : `; ${needed} of ${others} others are needed`
  switch (state) {
    case 'met':
      return `met, under size ${size}: confirmed ${by}${of}`
    case 'not-met':
      return `NOT met: confirmed ${by}${of}`
    case 'unwitnessed':
      return 'unwitnessed: nobody else has to confirm it, and nobody is known to have'
  }
}

function timeText({ existedBy, notBefore }: { [K in keyof TimeCheck]: NonNullable<TimeCheck[K]> | null }) {
  const at = (seconds: number) => new Date(seconds * 1_000).toISOString()
  const by = existedBy === null ? 'no bound: no quorum' : `existed by ${at(existedBy.time)}`
  return notBefore === null ? by : `${by}, a quorum did not have it before ${at(notBefore.time)}`
}

function laterText({ later, seenUpTo }: StatementShown, all: readonly StatementShown[]): string {
  if (later.length === 0) return `nothing in this bundle, which knows the log up to size ${seenUpTo}`
  return later
    .map(({ kind, counts, proof }) => {
      const place = all[proof]
      const where =
        place === undefined ? '' : ` (entry ${place.index} of ${safe(place.origin.split('/')[0] ?? '')})`
      return `${safe(kind)}${where}${counts ? '' : ', not for its author to say'}`
    })
    .join(' · ')
}

function textOf(code: string): string {
  return Object.hasOwn(TEXTS, code) ? (TEXTS[code] ?? code) : findingText(code)
}

const TEXTS: Readonly<Record<string, string>> = {
  'quorum-not-met': 'too few others confirmed it',
  'quorum-unwitnessed': 'nobody else has to confirm it',
  'audit-forked': 'a proof in the bundle convicts its key of two histories',
  'audit-split-view': 'the bundle itself holds two signed histories of it',
  'audit-keyless': 'the bundle does not show which keys speak in it',
  'audit-outsider': 'the charter names nobody who may write it: another network, or no member',
  'cosigner-struck': 'a proof in the bundle convicts a cosigner, whose signatures do not count',
  'policy-log': 'the policy does not name its key',
  'bundle-unlinked': 'its heads are not proven to be of one history',
  'bundle-key-event': 'something else than a statement about keys stands among the keys',
  'root-mismatch': 'the hashes do not lead to the root in the head',
  'part-missing': 'the public part is not in the bundle',
}

function checkedLines({ proofs }: Bundle, checked: CheckedBundle, { trust, digest, from }: TrustBrought) {
  const opened = checked.proofs.flatMap(({ parts }) => parts).filter(({ outcome }) => outcome.state === 'ok')
  const whose =
    trust.kind === 'charter' ? 'charter → root keys → declared keys' : 'policy → log keys → declared keys'
  return [
    `${whose}; from ${from}, SHA-256 ${digest}`,
    `${counted(proofs.length, 'statement')}: signature, key state, place under a signed head, who confirmed that head`,
    `${counted(opened.length, 'part')} against the commitments`,
    `${counted(checked.equivocations.length, 'proof')} of two histories`,
  ]
}

function notShown(
  { continues }: CheckedBundle,
  { trust, isTheirs }: TrustBrought,
  earlier: readonly SignedCheckpoint[],
): readonly string[] {
  const compared =
    continues.length < earlier.length ? ['that the logs continue the head that you brought'] : []
  return [
    'that what is stated is true, or that everything was reported; when it happened, only that it was signed',
    'what was stated later: a bundle holds what its maker put into it, and its logs have gone on since',
    'that no key was revoked: a bundle can leave that out; where a quorum is met, its mirrors had seen all of the log',
    'what parts hold that are not shown here, or that disclosed items are all there are',
    ...(trust.kind === 'policy'
      ? ['who the keys belong to: the policy names keys, and only a charter binds them to members']
      : []),
    ...(isTheirs ? ['that the charter is yours: it came from this node; --trust FILE brings your own'] : []),
    ...compared,
  ]
}
