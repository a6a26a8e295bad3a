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

export function readPart(store: KeyValue, log: number, index: number): PublicPart | undefined {
  const stored = store.getSync(keyOf('part', { log }, { index }))
  return stored === undefined ? undefined : parsePart(stored)
}

/** Public parts of entries [from, from + count): one for each, undefined where there is none. */
export async function readParts(
  store: KeyValue,
  log: number,
  from: number,
  count: number,
): Promise<readonly (PublicPart | undefined)[]> {
  const keys = Array.from({ length: count }, (_, offset) => keyOf('part', { log }, { index: from + offset }))
  const stored = await store.getMany(keys)
  return stored.map((value) => (value === undefined ? undefined : parsePart(value)))
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
