/** Entries and public parts as they are stored: entry bundles as C2SP serves them, parts one to a key. */
import { textOfBytes, bytesOfText, concat } from '../../protocol/bytes.ts'
import { OPENING_BYTES, type PublicPart } from '../../protocol/codec/part.ts'
import { parseBundle, TILE_WIDTH } from '../../protocol/log/tile.ts'
import type { KeyValue } from '../ports.ts'
import { keyOf } from './prefixes.ts'

/** Where a log's entries are: full bundles in the store, the last unfilled one in memory. */
export type EntryView = {
  readonly number: number
  readonly size: number
  readonly tail: readonly Uint8Array[]
}

/**
 * Up to `count` entries from `from`, ending at the end of a bundle at the latest: what one chunk carries.
 * Fewer, or none, where the store lacks them.
 */
export function readEntries(
  store: KeyValue,
  view: EntryView,
  from: number,
  count: number,
): readonly Uint8Array[] {
  const bundle = Math.floor(from / TILE_WIDTH)
  const offset = from % TILE_WIDTH
  const tailBundle = Math.floor(view.size / TILE_WIDTH)
  if (bundle === tailBundle) return view.tail.slice(offset, offset + count)
  const stored = store.getSync(keyOf('bundle', { log: view.number }, { index: bundle }))
  if (stored === undefined) return []
  const parsed = parseBundle(stored)
  return parsed.ok ? parsed.value.slice(offset, offset + count) : []
}

/** Public parts that share a value once all of them are there; those of an unfilled group have one each. */
export const PART_GROUP = 16

export function readPart(store: KeyValue, log: number, index: number): PublicPart | undefined {
  const single = store.getSync(keyOf('part', { log }, { index }))
  if (single !== undefined) return parsePart(single)
  const group = store.getSync(keyOf('partGroup', { log }, { index: Math.floor(index / PART_GROUP) }))
  const stored = group === undefined ? undefined : splitGroup(group)[index % PART_GROUP]
  return stored === undefined ? undefined : parsePart(stored)
}

/** Public parts of entries [from, from + count): one for each, undefined where there is none. */
export async function readParts(
  store: KeyValue,
  log: number,
  from: number,
  count: number,
): Promise<readonly (PublicPart | undefined)[]> {
  const first = Math.floor(from / PART_GROUP)
  const groups = Math.ceil((from + count) / PART_GROUP) - first
  const keys = Array.from({ length: groups }, (_, offset) =>
    keyOf('partGroup', { log }, { index: first + offset }),
  )
  const stored = (await store.getMany(keys)).map((group) =>
    group === undefined ? undefined : splitGroup(group),
  )
  return Array.from({ length: count }, (_, offset) => {
    const index = from + offset
    const group = stored[Math.floor(index / PART_GROUP) - first]
    if (group === undefined) return readPart(store, log, index)
    const part = group[index % PART_GROUP]
    return part === undefined ? undefined : parsePart(part)
  })
}

/** Parts of one group, each behind four bytes of length. */
export function printGroup(parts: readonly Uint8Array[]): Uint8Array {
  const out = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  let at = 0
  for (const part of parts) {
    at = out.writeUInt32BE(part.length, at)
    out.set(part, at)
    at += part.length
  }
  return out
}

export function splitGroup(group: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(group.buffer, group.byteOffset, group.length)
  const parts: Uint8Array[] = []
  for (let at = 0; at + 4 <= group.length;) {
    const end = at + 4 + view.getUint32(at)
    parts.push(group.subarray(at + 4, end))
    at = end
  }
  return parts
}

/** Opening, one byte of length, media type, bytes. */
export function printPart(part: PublicPart): Uint8Array {
  const mediaType = bytesOfText(part.mediaType)
  return concat(part.opening, Uint8Array.of(mediaType.length), mediaType, part.bytes)
}

function parsePart(stored: Uint8Array): PublicPart | undefined {
  const length = stored[OPENING_BYTES]
  if (length === undefined) return undefined
  const start = OPENING_BYTES + 1
  const mediaType = textOfBytes(stored.subarray(start, start + length))
  if (!mediaType.ok || stored.length < start + length) return undefined
  return {
    opening: stored.subarray(0, OPENING_BYTES),
    mediaType: mediaType.value,
    bytes: stored.subarray(start + length),
  }
}
