/**
 * Audit trails that members handed over, checked in this process: each by itself against the logs that a node holds,
 * and every two of them against each other. What the findings mean in words stands here too, and what was not shown.
 */
import { checkedPrimitives, NodeError, type Client } from '../node/api/client.ts'
import { judgeTrail, type TrailJudgement } from '../protocol/audit/trail.ts'
import { compareTrails, type Agreement } from '../protocol/audit/trail-agreement.ts'
import type { TrailFinding, TrailFindingCode } from '../protocol/audit/trail-finding.ts'
import { parseTrailFile, type TrailFile } from '../protocol/audit/trail-file.ts'
import { readInput } from './files.ts'
import { safe } from './safe.ts'
import { Keys, sourcesOf } from './trail-sources.ts'

export type TrailReport = {
  readonly trails: readonly {
    readonly origin: string
    readonly file: string
    /** When it was made, as its member says. */
    readonly at: string
    readonly entries: number
    /** Entries whose content was deleted when the days for which the policy keeps it were over. */
    readonly pruned: number
    readonly retention: number
    /** Heads of the trail in the log. */
    readonly logged: number
    readonly leaves: TrailJudgement['logs'] & { readonly isCompared: boolean }
    readonly signatures: {
      readonly verified: number
      readonly unchecked: readonly { readonly keyId: string; readonly count: number }[]
    }
  }[]
  /** Every two trails with requests of one to the other. */
  readonly pairs: readonly (Omit<Agreement, 'findings'> & {
    readonly owner: string
    readonly reader: string
  })[]
  readonly findings: readonly (TrailFinding & { readonly text: string })[]
}

export async function auditTrails(client: Client, paths: readonly string[]): Promise<TrailReport> {
  const primitives = checkedPrimitives()
  const files = paths.map((path) => ({ path, file: readTrail(path) }))
  const trails: TrailReport['trails'][number][] = []
  const findings: TrailFinding[] = []
  const keys = await Keys.of(
    client,
    files.map(({ file }) => file),
  )
  for (const { path, file } of files) {
    const sources = await sourcesOf(client, keys, file)
    const judged = judgeTrail(primitives, file, sources)
    findings.push(...judged.findings)
    trails.push(rowOf(path, file, judged, sources.logs.length > 0))
  }
  const pairs = files.flatMap((owner) =>
    files.flatMap((reader) => {
      if (owner === reader) return []
      const { findings: found, ...counts } = compareTrails(primitives, owner.file, reader.file, (id) =>
        keys.get(id),
      )
      findings.push(...found)
      const of = { owner: owner.file.origin, reader: reader.file.origin }
      return counts.requests === 0 ? [] : [{ ...of, ...counts }]
    }),
  )
  return { trails, pairs, findings: findings.map((found) => ({ ...found, text: sentenceOf(found) })) }
}

function rowOf(
  path: string,
  { origin, size, at, retention }: TrailFile,
  { signatures, pruned, logs }: TrailJudgement,
  isCompared: boolean,
): TrailReport['trails'][number] {
  return {
    origin,
    file: path,
    at: new Date(at * 1_000).toISOString(),
    entries: size,
    pruned,
    retention,
    logged: logs.heads,
    leaves: { ...logs, isCompared },
    signatures: {
      verified: signatures.verified,
      unchecked: [...signatures.unchecked].map(([keyId, count]) => ({ keyId, count })),
    },
  }
}

const SENTENCES: Readonly<Record<TrailFindingCode, string>> = {
  'trail-head': 'its entries do not lead to the head that it states',
  'trail-rewritten':
    'a head that was logged is not one of these entries: some were changed or taken away since',
  'trail-leaf': 'a leaf in the log does not hold what is said to stand there',
  'trail-leaf-withheld':
    'a leaf of kind access in the log is not opened: what it holds was left out of this trail, or is lost',
  'trail-log': 'its log did not have the head that is named, as the node that was asked holds it',
  'trail-unlogged': 'a statement was not logged in the two days that there are for it',
  'trail-head-late': 'its head was not logged when it was due, a day after the last one',
  'trail-pruned': 'entries or leaves were deleted that are not as old as the policy keeps them',
  'trail-order': 'a step stands without the one that it needs before it, or twice',
  'trail-statement': 'a statement is not what its step says, or is about something else',
  'trail-signature': 'a signature does not verify, or is made with the key of another party',
  'trail-request-hidden': 'the owner decided on a request of this member that this trail does not have',
  'trail-denial-hidden': 'the reader holds a denial that this trail does not have',
  'trail-grant-hidden': 'the reader holds a grant that this trail does not have',
  'trail-receipt-hidden': 'the owner holds a receipt of this member that this trail does not have',
  'trail-release-hidden': 'the reader opened what this trail says was never released',
  'trail-confirmation': 'the owner says that this member confirmed, and this trail that it opened nothing',
  'trail-files-hidden': 'files were sent or fetched, and this trail does not say so',
  'trail-revocation-hidden': 'the reader heard of a revocation that this trail does not have',
  'trail-share-hidden':
    'another holder has the share of this member of a part in escrow, and this trail does not say so',
  'trail-answer-hidden': 'the other side holds an acknowledgement or an appeal that this trail does not have',
}

/** Nobody is accused by the other side's word: it could have written down what never was. */
const WORD_ALONE = '; that is the other side’s word alone: either it is left out here, or made up there'

function sentenceOf({ code, isWord }: TrailFinding): string {
  return SENTENCES[code] + (isWord === true ? WORD_ALONE : '')
}

const short = (origin: string) => safe(origin.split('/')[0] ?? origin)
const few = (count: number, one: string, more = `${one}s`) => `${count} ${count === 1 ? one : more}`

/** Lines for people: what was looked at, what is wrong, and what does not show. */
export function trailLines({ trails, pairs, findings }: TrailReport): readonly string[] {
  return [
    ...trails.map(
      ({ origin, at, entries, logged }) =>
        `${short(origin)}: ${few(entries, 'entry', 'entries')} by ${at}, of which heads were logged ${few(logged, 'time')}`,
    ),
    ...findings.map(
      ({ code, origin, request, text }) =>
        `${short(origin)}${request === null ? '' : `, request ${request.slice(0, 12)}`}: ${text} (${code})`,
    ),
    ...(findings.length === 0 ? ['Both sides of every disclosure that stands in two of them agree.'] : []),
    ...trails.flatMap(remarksOf),
    ...pairs.flatMap(remarksOnPair),
    'Not shown: disclosures that both sides left out, and those of parties whose trail is not here.',
  ]
}

function remarksOf(trail: TrailReport['trails'][number]): readonly string[] {
  const { leaves, signatures, pruned, retention } = trail
  const said: string[] = []
  if (leaves.isCompared) {
    const { leaves: all, statements, heads, forgotten, longest } = leaves
    said.push(
      `${few(all, 'leaf', 'leaves')} of kind access in its log: ${few(statements, 'statement')}, ${few(heads, 'head')} and ${forgotten} pruned are opened`,
    )
    if (leaves.newer > 0)
      said.push(`not shown: ${few(leaves.newer, 'leaf', 'leaves')} logged after it was made`)
    if (leaves.notHeld > 0)
      said.push(
        `not shown: ${few(leaves.notHeld, 'leaf', 'leaves')} that the node that was asked does not hold yet`,
      )
    if (leaves.waiting > 0) said.push(`${few(leaves.waiting, 'statement')} had still to be logged`)
    if (longest !== null)
      said.push(`a step waited at most ${Math.ceil(Math.max(0, longest) / 3_600)} h for a head over it`)
  } else
    said.push(
      'not shown: whether anything was cut out of it, because the node that was asked holds no log of its member',
    )
  if (pruned > 0)
    said.push(
      `not shown: ${few(pruned, 'entry', 'entries')}, deleted after the ${few(retention, 'day')} of its policy`,
    )
  for (const { keyId, count } of signatures.unchecked)
    said.push(
      `not checked: ${few(count, 'signature')} of the key ${keyId.slice(0, 12)}, which is in no log and no accreditation that the node holds`,
    )
  return said.map((line) => `${short(trail.origin)}: ${line}`)
}

function remarksOnPair({
  owner,
  reader,
  newer,
  pruned,
  unheard,
}: TrailReport['pairs'][number]): readonly string[] {
  const said: string[] = []
  if (newer > 0)
    said.push(`not compared: ${few(newer, 'request')} newer in one trail than the other was made`)
  if (pruned > 0) said.push(`not compared: ${few(pruned, 'request')} that one side has pruned`)
  if (unheard > 0) said.push(`${few(unheard, 'revocation')} had not been heard of`)
  return said.map((line) => `${short(reader)} at ${short(owner)}: ${line}`)
}

function readTrail(path: string): TrailFile {
  const read = parseTrailFile(Buffer.from(readInput(path)).toString('utf8'))
  if (read.ok) return read.value
  throw new NodeError('BAD_INPUT', `${safe(path)} is not an audit trail (${read.fault})`, {
    fix: 'candor access trail -o FILE, at that member',
  })
}
