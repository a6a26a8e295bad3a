/**
 * Parts and their commitments: what a statement says per tier, hidden behind three hashes. DESIGN §2, spec 01 §5.
 *
 * A commitment hides and binds: without its opening it looks like any other, an absent part included; with
 * it, exactly one content fits. Openings are fresh random per statement and tier and derive from nothing.
 */
import { bytesOfText, equal } from '../bytes.ts'
import { DOMAINS } from '../identity/domains.ts'
import { MEDIA_TYPE_BYTES_MAX, PUBLIC_PART_BYTES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { MAJOR } from './heads.ts'
import type { Entry } from './statement.ts'
import { Writer } from './writer.ts'

export const TIERS = ['public', 'partner', 'research'] as const
export type Tier = (typeof TIERS)[number]

export const OPENING_BYTES = 32

/** Deterministic CBOR of a public document. */
export const DOCUMENT_MEDIA_TYPE = 'application/vnd.candor.document+cbor'
/** A salted tree over items (path → value). */
export const ITEMS_MEDIA_TYPE = 'application/vnd.candor.items+cbor'

/** What a commitment binds besides its opening: the place of the part and the part itself. */
export type PartContent = {
  readonly mediaType: string
  /** Public: SHA-256 of the bytes. Items: root of the salted tree. Absent: empty. */
  readonly root: Uint8Array
  /** Public: bytes. Items: leaves of the padded tree, a power of two. Absent: 0. */
  readonly length: number
}

export type PartPlace = {
  /** The origin of the log. */
  readonly issuer: string
  readonly record: Uint8Array
  readonly version: number
  readonly tier: Tier
}

/** An absent part is committed like any other; opened, its absence is proved. */
export const ABSENT_PART: PartContent = { mediaType: '', root: new Uint8Array(0), length: 0 }

/** A public part as it travels with its entry. */
export type PublicPart = {
  readonly opening: Uint8Array
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export type PartFault = 'part-opening' | 'part-media-type' | 'part-too-long' | 'part-commitment'

const PART_KEY = bytesOfText(DOMAINS.part)
const writer = new Writer()

/** The commitment to a part at its place: 32 bytes. */
export function commit(
  primitives: Primitives,
  opening: Uint8Array,
  place: PartPlace,
  content: PartContent,
): Uint8Array {
  const { issuer, record, version, tier } = place
  const { mediaType, root, length } = content
  writer.begin().head(MAJOR.array, 8).bytes(opening).text(issuer).bytes(record)
  writer.head(MAJOR.unsigned, version).text(tier).text(mediaType).bytes(root).head(MAJOR.unsigned, length)
  return primitives.hmacSha256(PART_KEY, writer.view())
}

/** The place of a statement's part of this tier. */
export function placeOf(entry: Pick<Entry, 'header' | 'statement'>, tier: Tier): PartPlace {
  const { record, version } = entry.statement
  return { issuer: entry.header.issuer, record, version, tier }
}

/** What a public part with these bytes commits to. No bytes and no media type: an absent one. */
export function publicContent(primitives: Primitives, mediaType: string, bytes: Uint8Array): PartContent {
  if (mediaType === '' && bytes.length === 0) return ABSENT_PART
  return { mediaType, root: primitives.sha256(bytes), length: bytes.length }
}

/** Checks that a public part is the one its entry committed to. */
export function checkPublicPart(
  primitives: Primitives,
  entry: Entry,
  part: PublicPart,
): Result<true, PartFault> {
  if (part.opening.length !== OPENING_BYTES) return fault('part-opening')
  if (!isMediaType(part.mediaType, part.bytes)) return fault('part-media-type')
  if (part.bytes.length > PUBLIC_PART_BYTES_MAX) return fault('part-too-long')
  const content = publicContent(primitives, part.mediaType, part.bytes)
  const expected = commit(primitives, part.opening, placeOf(entry, 'public'), content)
  return equal(expected, entry.statement.parts[0]) ? ok(true) : fault('part-commitment')
}

/** Two lower-case names of RFC 6838 §4.2, without parameters; nothing else would be bounded or one spelling. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/

/** Bytes always have a media type; only an absent part has none. */
function isMediaType(text: string, bytes: Uint8Array): boolean {
  if (text === '') return bytes.length === 0
  return text.length <= MEDIA_TYPE_BYTES_MAX && MEDIA_TYPE.test(text)
}
