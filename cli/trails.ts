/**
 * Audit trails that members handed over, checked in this process: each by itself against the logs that a node holds,
 * and every two of them against each other. What the findings mean in words stands here too.
 */
import { checkedPrimitives, NodeError, type Client } from '../node/api/client.ts'
import { parseBase64 } from '../protocol/bytes.ts'
import {
  compareTrails,
  judgeTrail,
  type TrailFinding,
  type TrailFindingCode,
} from '../protocol/audit/trail.ts'
import { parseTrailFile, type TrailFile } from '../protocol/audit/trail-file.ts'
import { parseEntry, type Entry } from '../protocol/codec/statement.ts'
import { admitKey, type PublicKey } from '../protocol/identity/key.ts'
import { readInput } from './files.ts'
import { safe } from './safe.ts'

export type TrailReport = {
  readonly trails: readonly {
    readonly origin: string
    readonly entries: number
    readonly logged: number
    readonly file: string
  }[]
  readonly findings: readonly (TrailFinding & { readonly text: string })[]
}

export async function auditTrails(client: Client, paths: readonly string[]): Promise<TrailReport> {
  const primitives = checkedPrimitives()
  const files = paths.map((path) => ({ path, file: readTrail(path) }))
  const entries = new Map<string, Entry>()
  const keys = new Map<string, PublicKey>()
  for (const { file } of files) {
    await learnKeys(client, file.origin, keys)
    for (const { origin, index } of file.logged) await learnEntry(client, origin, index, entries)
  }
  const sources = {
    entryAt: (origin: string, index: number) => entries.get(`${origin} ${index}`),
    keyOf: (keyId: string) => keys.get(keyId),
  }
  const alone = files.flatMap(({ file }) => judgeTrail(primitives, file, sources))
  const together = files.flatMap((owner) =>
    files.flatMap((reader) => (owner === reader ? [] : compareTrails(owner.file, reader.file))),
  )
  return {
    trails: files.map(({ path, file: { origin, size, logged } }) => ({
      origin,
      entries: size,
      logged: logged.length,
      file: path,
    })),
    findings: [...alone, ...together].map((found) => ({ ...found, text: SENTENCES[found.code] })),
  }
}

const SENTENCES: Readonly<Record<TrailFindingCode, string>> = {
  'trail-head': 'its entries do not lead to the head that it states',
  'trail-rewritten':
    'a head that was logged is not one of these entries: some were changed or taken away since',
  'trail-leaf':
    'the leaf that is named does not hold this head of the trail, or is not held by the node that was asked',
  'trail-order': 'a step stands without the one that it needs before it',
  'trail-statement': 'a statement is not what its step says, or is about another request',
  'trail-signature': 'a signature does not verify under the key that it names',
  'trail-grant-hidden': 'the reader holds a grant that this trail does not have',
  'trail-release-hidden': 'the reader opened what this trail says was never released',
  'trail-receipt-hidden': 'the owner holds a receipt of this member that this trail does not have',
  'trail-confirmation': 'the owner says that this member confirmed, and this trail that it opened nothing',
}

/** Lines for people, worst first as they come. */
export function trailLines({ trails, findings }: TrailReport): readonly string[] {
  const short = (origin: string) => safe(origin.split('/')[0] ?? origin)
  return [
    ...trails.map(
      ({ origin, entries, logged }) =>
        `${short(origin)}: ${entries} entries, of which heads were logged ${logged} times`,
    ),
    ...findings.map(
      ({ code, origin, request, text }) =>
        `${short(origin)}${request === null ? '' : `, request ${request.slice(0, 12)}`}: ${text} (${code})`,
    ),
    ...(findings.length === 0 ? ['Both sides of every disclosure that stands in two of them agree.'] : []),
    'Not shown: disclosures that both sides left out, and those of parties whose trail is not here.',
  ]
}

function readTrail(path: string): TrailFile {
  const read = parseTrailFile(Buffer.from(readInput(path)).toString('utf8'))
  if (read.ok) return read.value
  throw new NodeError('BAD_INPUT', `${safe(path)} is not an audit trail (${read.fault})`, {
    fix: 'candor access trail -o FILE, at that member',
  })
}

async function learnKeys(client: Client, origin: string, keys: Map<string, PublicKey>): Promise<void> {
  const { keys: views } = await client.keys(origin.split('/')[0])
  for (const { purpose, keyId, publicKey } of views) {
    const bytes = purpose === 'statement' ? parseBase64(publicKey) : undefined
    const key = bytes?.ok === true ? admitKey(bytes.value) : undefined
    if (key?.ok === true) keys.set(keyId, key.value)
  }
}

async function learnEntry(
  client: Client,
  origin: string,
  index: number,
  known: Map<string, Entry>,
): Promise<void> {
  const { entries } = await client.entries(origin, index, 1)
  const entry = entries[0] === undefined ? undefined : parseEntry(entries[0])
  if (entry?.ok === true) known.set(`${origin} ${index}`, entry.value)
}
