/**
 * Public parts and their openings in the grid of entry bundles, as a published log carries them beside its tiles.
 * A removed part leaves an empty place. Spec 10 §3.
 */
import { bytesOfText, concat, textOfBytes } from '../bytes.ts'
import { OPENING_BYTES, type PublicPart } from '../codec/part.ts'
import { MEDIA_TYPE_BYTES_MAX, PUBLIC_PART_BYTES_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'
import { printPlace, TILE_WIDTH } from './tile.ts'

export type PartsFault = 'parts-cut' | 'parts-width' | 'parts-place'

/** Length, opening, length of the media type, media type, bytes. */
const PLACE_BYTES_MAX = 4 + OPENING_BYTES + 1 + MEDIA_TYPE_BYTES_MAX + PUBLIC_PART_BYTES_MAX

/** Bytes of a full bundle of parts. */
export const PARTS_BYTES_MAX = TILE_WIDTH * PLACE_BYTES_MAX

/** `parts/<N>[.p/<W>]`, as `tile/entries/<N>[.p/<W>]`. */
export function printPartsPath(index: number, width: number): string {
  return `parts/${printPlace(index, width)}`
}

export function printParts(parts: readonly (PublicPart | undefined)[]): Uint8Array {
  return concat(...parts.map(printPart))
}

/** The parts of a bundle of this width; undefined where one was removed. */
export function parseParts(
  bytes: Uint8Array,
  width: number,
): Result<readonly (PublicPart | undefined)[], PartsFault> {
  const parts: (PublicPart | undefined)[] = []
  for (let at = 0; at < bytes.length;) {
    if (parts.length === width) return fault('parts-width')
    if (at + 4 > bytes.length) return fault('parts-cut')
    const length = numberAt(bytes, at)
    const end = at + 4 + length
    if (end > bytes.length) return fault('parts-cut')
    const part = length === 0 ? undefined : parsePart(bytes.subarray(at + 4, end))
    if (part !== undefined && !part.ok) return part
    parts.push(part?.value)
    at = end
  }
  return parts.length === width ? ok(parts) : fault('parts-width')
}

function printPart(part: PublicPart | undefined): Uint8Array {
  if (part === undefined) return lengthOf(0)
  const mediaType = bytesOfText(part.mediaType)
  const place = concat(part.opening, Uint8Array.of(mediaType.length), mediaType, part.bytes)
  return concat(lengthOf(place.length), place)
}

function parsePart(place: Uint8Array): Result<PublicPart, PartsFault> {
  const length = place[OPENING_BYTES]
  if (length === undefined || length > MEDIA_TYPE_BYTES_MAX) return fault('parts-place')
  const start = OPENING_BYTES + 1
  const mediaType = textOfBytes(place.subarray(start, start + length))
  if (!mediaType.ok || place.length < start + length) return fault('parts-place')
  const bytes = place.subarray(start + length)
  if (bytes.length > PUBLIC_PART_BYTES_MAX) return fault('parts-place')
  return ok({ opening: place.subarray(0, OPENING_BYTES), mediaType: mediaType.value, bytes })
}

function lengthOf(length: number): Uint8Array {
  return Uint8Array.of(length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff)
}

function numberAt(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let i = at; i < at + 4; i++) value = value * 256 + (bytes[i] ?? 0)
  return value
}
