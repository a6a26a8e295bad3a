/**
 * An audit trail as a file: its entries, its head, and what opens every `access` leaf of its member's logs. What a
 * member hands to a mandated auditor and to nobody else. Text, one thing to a line; what parses prints back to the
 * same bytes. Spec 06 §11.
 *
 *     candor/trail@v1
 *     <origin>
 *     <size> <root> <at> <retention>
 *     log <origin> <size> <root>                                    (none or more)
 *     logged <origin> <index> <size> <root> <opening> <secret>      (none or more, these three in the order
 *     opened <origin> <index> <entry number> <opening> <secret>      of the logs above and of their leaves)
 *     forgotten <origin> <index>
 *     entry <entry>                                                 (size of these two)
 *     pruned <leaf hash>
 */
import { assert } from '../assert.ts'
import { parseBase64, printBase64 } from '../bytes.ts'
import { parseCount, parseOrigin } from '../log/checkpoint.ts'
import { fault, ok, type Result } from '../result.ts'
import { parseTrailEntry, type TrailEntry } from '../access/trail.ts'

/** How far a log of the member went when the file was made. */
export type NamedLog = { readonly origin: string; readonly size: number; readonly root: Uint8Array }

type Place = { readonly origin: string; readonly index: number }
type Opens = { readonly opening: Uint8Array; readonly secret: Uint8Array }

/** A head of the trail as it was logged. */
export type LoggedHead = Place &
  Opens & { readonly kind: 'head'; readonly size: number; readonly root: Uint8Array }

/** What one `access` leaf of a log holds: a head of the trail, a statement of its entry `entry`, or one that is pruned. */
export type TrailLeaf =
  | LoggedHead
  | (Place & Opens & { readonly kind: 'statement'; readonly entry: number })
  | (Place & { readonly kind: 'pruned' })

export type TrailLine =
  | { readonly kind: 'entry'; readonly bytes: Uint8Array; readonly entry: TrailEntry }
  /** Deleted when its retention ended; its leaf hash keeps the tree whole. */
  | { readonly kind: 'pruned'; readonly leaf: Uint8Array }

export type TrailFile = {
  /** The log of the member whose trail it is. */
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  /** When the file was made, in seconds since 1970 by the clock of its member. */
  readonly at: number
  /** Days that the member's policy keeps the trail. */
  readonly retention: number
  readonly logs: readonly NamedLog[]
  readonly leaves: readonly TrailLeaf[]
  readonly lines: readonly TrailLine[]
}

export type TrailFileFault = 'trail-file-shape' | 'trail-file-entry'

const HEADER = 'candor/trail@v1'

export function printTrailFile(file: TrailFile): string {
  const { origin, size, root, at, retention, logs, leaves, lines } = file
  const named = logs.map((log) => `log ${log.origin} ${log.size} ${printBase64(log.root)}`)
  const head = `${size} ${printBase64(root)} ${at} ${retention}`
  return [HEADER, origin, head, ...named, ...leaves.map(printLeaf), ...lines.map(printLine), ''].join('\n')
}

function printLeaf(leaf: TrailLeaf): string {
  const place = `${leaf.origin} ${leaf.index}`
  if (leaf.kind === 'pruned') return `forgotten ${place}`
  const opens = `${printBase64(leaf.opening)} ${printBase64(leaf.secret)}`
  return leaf.kind === 'head'
    ? `logged ${place} ${leaf.size} ${printBase64(leaf.root)} ${opens}`
    : `opened ${place} ${leaf.entry} ${opens}`
}

function printLine(line: TrailLine): string {
  return line.kind === 'entry' ? `entry ${printBase64(line.bytes)}` : `pruned ${printBase64(line.leaf)}`
}

export function parseTrailFile(text: string): Result<TrailFile, TrailFileFault> {
  const [header, origin = '', head = '', ...rest] = text.split('\n')
  if (header !== HEADER || rest.pop() !== '' || !parseOrigin(origin).ok) return fault('trail-file-shape')
  const stated = headOf(head.split(' '))
  if (stated === undefined) return fault('trail-file-shape')
  const logs: NamedLog[] = []
  const leaves: TrailLeaf[] = []
  const lines: TrailLine[] = []
  for (const text of rest) {
    const [kind = '', ...fields] = text.split(' ')
    if (kind === 'entry' || kind === 'pruned') {
      const line = lineOf(kind, fields)
      if (line === undefined) return fault('trail-file-entry')
      lines.push(line)
    } else if (lines.length > 0) return fault('trail-file-shape')
    else if (kind === 'log' && leaves.length === 0) {
      const log = namedOf(fields)
      if (log === undefined || logs.some((one) => one.origin === log.origin)) return fault('trail-file-shape')
      logs.push(log)
    } else {
      const leaf = leafOf(kind, fields)
      if (leaf === undefined || !isNext(logs, leaves.at(-1), leaf)) return fault('trail-file-shape')
      leaves.push(leaf)
    }
  }
  if (lines.length !== stated.size) return fault('trail-file-shape')
  return ok({ origin, ...stated, logs, leaves, lines })
}

function headOf(
  fields: readonly string[],
): Pick<TrailFile, 'size' | 'root' | 'at' | 'retention'> | undefined {
  const [count = '', hash = '', made = '', days = '', ...more] = fields
  const [size, root, at, retention] = [parseCount(count), hashOf(hash), parseCount(made), parseCount(days)]
  if (size === undefined || root === undefined || at === undefined || retention === undefined)
    return undefined
  return more.length > 0 ? undefined : { size, root, at, retention }
}

function namedOf([origin = '', count = '', hash = '', ...more]: readonly string[]): NamedLog | undefined {
  const [size, root] = [parseCount(count), hashOf(hash)]
  if (!parseOrigin(origin).ok || size === undefined || root === undefined || more.length > 0) return undefined
  return { origin, size, root }
}

function leafOf(kind: string, [origin = '', at = '', ...fields]: readonly string[]): TrailLeaf | undefined {
  const index = parseCount(at)
  if (!parseOrigin(origin).ok || index === undefined) return undefined
  const place = { origin, index }
  if (kind === 'forgotten') return fields.length === 0 ? { ...place, kind: 'pruned' } : undefined
  const count = parseCount(fields[0] ?? '')
  const [opening, secret] = fields.slice(-2).map(hashOf)
  if (count === undefined || opening === undefined || secret === undefined) return undefined
  if (kind === 'opened' && fields.length === 3)
    return { ...place, kind: 'statement', entry: count, opening, secret }
  const root = hashOf(fields[1] ?? '')
  if (kind !== 'logged' || fields.length !== 4 || root === undefined) return undefined
  return { ...place, kind: 'head', size: count, root, opening, secret }
}

/** Whether a leaf lies below the end of a named log, and after the leaf before it. */
function isNext(logs: readonly NamedLog[], before: TrailLeaf | undefined, leaf: TrailLeaf): boolean {
  const log = logs.findIndex(({ origin }) => origin === leaf.origin)
  if (log < 0 || leaf.index >= (logs[log]?.size ?? 0)) return false
  if (before === undefined) return true
  const last = logs.findIndex(({ origin }) => origin === before.origin)
  assert(last >= 0, 'what was read before lies in a named log')
  return log > last || (log === last && leaf.index > before.index)
}

function lineOf(kind: 'entry' | 'pruned', fields: readonly string[]): TrailLine | undefined {
  const [text = '', ...more] = fields
  if (more.length > 0) return undefined
  if (kind === 'pruned') {
    const leaf = hashOf(text)
    return leaf && { kind, leaf }
  }
  const bytes = parseBase64(text)
  const entry = bytes.ok ? parseTrailEntry(bytes.value) : undefined
  return bytes.ok && entry?.ok === true ? { kind, bytes: bytes.value, entry: entry.value } : undefined
}

function hashOf(text: string): Uint8Array | undefined {
  const read = parseBase64(text)
  return read.ok && read.value.length === 32 ? read.value : undefined
}
