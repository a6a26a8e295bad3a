/** Sealing and opening one block, on disk and on the wire alike: AES-256-GCM with a fresh nonce, bound to its place. */
import { createCipheriv, createDecipheriv, randomBytes, type DecipherGCM } from 'node:crypto'
import {
  BLOCK_NONCE_BYTES,
  BLOCK_TAG_BYTES,
  blockPlace,
  type SealedBlock,
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

/** A block that is opened piece by piece as it comes, for its length and leaf hash alone; what was opened is dropped. */
export class BlockOpening {
  readonly pieces: Uint8Array[] = []
  private readonly decipher: DecipherGCM
  private readonly hasher = leafHasher()
  // Written by `take` only.
  private length = 0

  constructor(key: Uint8Array, index: number, { nonce, tag }: Pick<SealedBlock, 'nonce' | 'tag'>) {
    this.decipher = createDecipheriv(CIPHER, key, nonce, OPTIONS).setAAD(blockPlace(index)).setAuthTag(tag)
  }

  take(piece: Uint8Array): void {
    const clear = this.decipher.update(piece)
    this.hasher.update(clear)
    this.length += clear.length
    this.pieces.push(piece)
  }

  /** Undefined when the tag does not hold: then the hash is of nothing that anybody sealed. */
  end(): { readonly leaf: Uint8Array; readonly length: number } | undefined {
    try {
      this.decipher.final()
    } catch {
      return undefined
    }
    return { leaf: new Uint8Array(this.hasher.digest()), length: this.length }
  }
}
