/**
 * How one block is sealed under the content key of its file. A holder keeps the blocks of its own files like this and
 * sends them as they lie; the reader gets the key with the released part and not before. Spec 11 §3.
 */
import { encode } from '../codec/cbor.ts'

export const FILE_KEY_BYTES = 32
export const BLOCK_NONCE_BYTES = 12
export const BLOCK_TAG_BYTES = 16

/** A block under AES-256-GCM. Its nonce is random: a block can be written twice, with other content. */
export type SealedBlock = {
  readonly nonce: Uint8Array
  readonly tag: Uint8Array
  /** As long as the block. */
  readonly bytes: Uint8Array
}

/** What is authenticated with a block, so that none can stand in another's place. Each file has a key of its own. */
export function blockPlace(index: number): Uint8Array {
  return encode([index])
}
