/**
 * What binds a sealed part to its disclosure: the info string, the commitment to the content key, the key that the
 * ciphertext is made with, and the padding. Pure; the ciphers themselves are the node's (`node/disclosure/`). Spec 06 §6.
 */
import { assert } from '../assert.ts'
import { bytesOfText, concat } from '../bytes.ts'
import { encode } from '../codec/cbor.ts'
import type { Tier } from '../codec/part.ts'
import { DOMAINS } from '../identity/domains.ts'
import { RELEASE_BYTES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'

/** One disclosure to one recipient: nothing sealed for it opens for another. */
export type SealContext = {
  readonly network: string
  readonly request: Uint8Array
  readonly grant: Uint8Array
  readonly tier: Tier
  /** Key id of the recipient. */
  readonly recipient: Uint8Array
}

/** What the owner says of a sealed part before the content key leaves; a receipt repeats it. */
export type SealOffer = {
  /** SHA-256 of the ciphertext, and its bytes. */
  readonly ciphertext: Uint8Array
  readonly length: number
  readonly keyCommitment: Uint8Array
}

export type SealedFault =
  /** Not the ciphertext that was offered. */
  | 'sealed-ciphertext'
  /** HPKE does not open it: another recipient, another context, or altered. */
  | 'sealed-recipient'
  /** The content key is not the one committed to. */
  | 'sealed-commitment'
  /** The content key does not open the ciphertext. */
  | 'sealed-content'
  | 'sealed-padding'

export const CONTENT_KEY_BYTES = 32

/** HPKE's encapsulated key and the sealed content key with its tag. */
export const SEALED_KEY_BYTES = 32 + CONTENT_KEY_BYTES + 16

/** The shortest ciphertext: most notes look alike. */
const PADDED_BYTES_MIN = 4_096
const LENGTH_BYTES = 4
const CONTENT_KEY = bytesOfText(DOMAINS.contentKey)
const KEY_COMMITMENT = bytesOfText(DOMAINS.keyCommitment)

export function sealInfo({ network, request, grant, tier, recipient }: SealContext): Uint8Array {
  return encode([network, request, grant, tier, recipient])
}

/** Commits to a content key: AES-GCM alone does not, and a second key could open the same bytes to something else. */
export function keyCommitment(primitives: Primitives, contentKey: Uint8Array, info: Uint8Array): Uint8Array {
  return primitives.hmacSha256(contentKey, concat(KEY_COMMITMENT, info))
}

/** The AES-256-GCM key of the one ciphertext of this disclosure. */
export function cipherKey(primitives: Primitives, contentKey: Uint8Array, info: Uint8Array): Uint8Array {
  return primitives.hmacSha256(contentKey, concat(CONTENT_KEY, info))
}

/** Length, content and zeros up to a power of two, so that a ciphertext tells the size of its content only roughly. */
export function pad(content: Uint8Array): Uint8Array {
  assert(content.length <= RELEASE_BYTES_MAX, 'a release has at most 1 MiB')
  const padded = new Uint8Array(paddedLength(content.length))
  new DataView(padded.buffer).setUint32(0, content.length)
  padded.set(content, LENGTH_BYTES)
  return padded
}

export function unpad(padded: Uint8Array): Result<Uint8Array, 'sealed-padding'> {
  if (padded.length < PADDED_BYTES_MIN) return fault('sealed-padding')
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0)
  if (length > RELEASE_BYTES_MAX || paddedLength(length) !== padded.length) return fault('sealed-padding')
  const end = LENGTH_BYTES + length
  return padded.subarray(end).every((byte) => byte === 0)
    ? ok(padded.slice(LENGTH_BYTES, end))
    : fault('sealed-padding')
}

function paddedLength(length: number): number {
  let padded = PADDED_BYTES_MIN
  while (padded < LENGTH_BYTES + length) padded *= 2
  return padded
}
