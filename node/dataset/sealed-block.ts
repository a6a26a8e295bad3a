/** Sealing and opening one block, on disk and on the wire alike: AES-256-GCM with a fresh nonce, bound to its place. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  BLOCK_NONCE_BYTES,
  BLOCK_TAG_BYTES,
  blockPlace,
  type SealedBlock,
  type SealedPieces,
} from '../../protocol/dataset/stream.ts'
import { leafHasher } from './hashing.ts'

const CIPHER = 'aes-256-gcm'
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

/**
 * Opens a block under one key and seals it under another, piece by piece, so that the block is never in memory whole.
 * Also gives its leaf hash; undefined when the tag does not hold. Nothing of it may be used before `leaf` is proven.
 */
export function resealBlock(
  from: Uint8Array,
  to: Uint8Array,
  index: number,
  { nonce, pieces, tag }: SealedPieces,
): { readonly leaf: Uint8Array; readonly length: number; readonly sealed: SealedPieces } | undefined {
  const place = blockPlace(index)
  const decipher = createDecipheriv(CIPHER, from, nonce, OPTIONS).setAAD(place).setAuthTag(tag)
  const fresh = randomBytes(BLOCK_NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, to, fresh, OPTIONS).setAAD(place)
  const leaf = leafHasher()
  let length = 0
  const sealed = pieces.map((piece) => {
    const clear = decipher.update(piece)
    leaf.update(clear)
    length += clear.length
    return cipher.update(clear)
  })
  try {
    decipher.final()
  } catch {
    // The tag does not hold; what was sealed of it is dropped.
    return undefined
  }
  cipher.final()
  return {
    leaf: new Uint8Array(leaf.digest()),
    length,
    sealed: { nonce: fresh, pieces: sealed, tag: cipher.getAuthTag() },
  }
}
