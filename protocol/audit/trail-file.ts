/**
 * An audit trail as a file: its entries, its head, and the openings of the leaves by which the head was logged. What a
 * member hands to a mandated auditor. Text, one thing to a line; what parses prints back to the same bytes. Spec 06 §11.
 *
 *     candor/trail@v1
 *     <origin>
 *     <size> <root>
 *     logged <origin> <index> <size> <root> <opening> <secret>      (none or more, oldest first)
 *     entry <entry>                                                 (size of them)
 */
import { parseBase64, printBase64 } from '../bytes.ts'
import { parseCount, parseOrigin } from '../log/checkpoint.ts'
import { fault, ok, type Result } from '../result.ts'
import { parseTrailEntry, type TrailEntry } from '../access/trail.ts'

/** A head of the trail as it was logged: where, and what opens that leaf. */
export type LoggedHead = {
  readonly origin: string
  readonly index: number
  readonly size: number
  readonly root: Uint8Array
  readonly opening: Uint8Array
  readonly secret: Uint8Array
}

export type TrailFile = {
  /** The log of the member whose trail it is. */
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly logged: readonly LoggedHead[]
  readonly entries: readonly { readonly bytes: Uint8Array; readonly entry: TrailEntry }[]
}

export type TrailFileFault = 'trail-file-shape' | 'trail-file-entry'

const HEADER = 'candor/trail@v1'

export function printTrailFile({ origin, size, root, logged, entries }: TrailFile): string {
  const heads = logged.map((one) =>
    [
      'logged',
      one.origin,
      one.index,
      one.size,
      printBase64(one.root),
      printBase64(one.opening),
      printBase64(one.secret),
    ].join(' '),
  )
  const lines = entries.map(({ bytes }) => `entry ${printBase64(bytes)}`)
  return [HEADER, origin, `${size} ${printBase64(root)}`, ...heads, ...lines, ''].join('\n')
}

export function parseTrailFile(text: string): Result<TrailFile, TrailFileFault> {
  const [header, origin = '', head = '', ...rest] = text.split('\n')
  if (header !== HEADER || rest.pop() !== '' || !parseOrigin(origin).ok) return fault('trail-file-shape')
  const [count = '', hash = '', ...more] = head.split(' ')
  const [size, root] = [parseCount(count), bytesOf(hash, 32)]
  if (size === undefined || root === undefined || more.length > 0) return fault('trail-file-shape')
  const logged: LoggedHead[] = []
  const entries: TrailFile['entries'][number][] = []
  for (const line of rest) {
    const [kind, ...fields] = line.split(' ')
    if (kind === 'logged' && entries.length === 0) {
      const one = loggedOf(fields)
      if (one === undefined) return fault('trail-file-shape')
      logged.push(one)
    } else if (kind === 'entry' && fields.length === 1) {
      const bytes = bytesOf(fields[0] ?? '', undefined)
      const entry = bytes && parseTrailEntry(bytes)
      if (bytes === undefined || entry?.ok !== true) return fault('trail-file-entry')
      entries.push({ bytes, entry: entry.value })
    } else return fault('trail-file-shape')
  }
  return entries.length === size ? ok({ origin, size, root, logged, entries }) : fault('trail-file-shape')
}

function loggedOf(fields: readonly string[]): LoggedHead | undefined {
  const [origin = '', at = '', count = '', hash = '', first = '', second = '', ...more] = fields
  const [index, size] = [parseCount(at), parseCount(count)]
  const [root, opening, secret] = [bytesOf(hash, 32), bytesOf(first, 32), bytesOf(second, 32)]
  if (!parseOrigin(origin).ok || index === undefined || size === undefined || more.length > 0)
    return undefined
  if (root === undefined || opening === undefined || secret === undefined) return undefined
  return { origin, index, size, root, opening, secret }
}

function bytesOf(text: string, length: number | undefined): Uint8Array | undefined {
  const read = parseBase64(text)
  if (!read.ok || (length !== undefined && read.value.length !== length)) return undefined
  return read.value
}
