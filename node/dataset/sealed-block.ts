/** Sealing and opening one block, on disk and on the wire alike: AES-256-GCM with a fresh nonce, bound to its place. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  BLOCK_NONCE_BYTES,
  BLOCK_TAG_BYTES,
  blockPlace,
  type SealedBlock,
} from '../../protocol/dataset/stream.ts'

export const CIPHER = 'aes-256-gcm'
const OPTIONS = { authTagLength: BLOCK_TAG_BYTES }

export function sealBlock(key: Uint8Array, index: number, block: Uint8Array): SealedBlock {
  const nonce = randomBytes(BLOCK_NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce, OPTIONS).setAAD(blockPlace(index))
  const bytes = cipher.update(block)
  cipher.final()
  return { nonce, bytes, tag: cipher.getAuthTag() }
}

/** The block, or undefined when this is none that was sealed under the key for this place. */
export function openBlock(
  key: Uint8Array,
  index: number,
  { nonce, bytes, tag }: SealedBlock,
): Uint8Array | undefined {
  const decipher = createDecipheriv(CIPHER, key, nonce, OPTIONS)
  decipher.setAAD(blockPlace(index)).setAuthTag(tag)
  const block = decipher.update(bytes)
  try {
    decipher.final()
    return block
  } catch {
    // The tag does not hold; nothing that was deciphered is handed on.
    return undefined
  }
}
