/**
 * The key under which the blocks of one file travel under one grant. It is made from the content key, which the reader
 * gets with the released part and not before; key and nonce together name one block of one root. Spec 11 §3.
 */
import { assert } from '../assert.ts'
import { bytesOfText, concat } from '../bytes.ts'
import { encode } from '../codec/cbor.ts'
import { DOMAINS } from '../identity/domains.ts'
import type { Primitives } from '../primitives.ts'

export const FILE_KEY_BYTES = 32

export type BlockContext = {
  readonly network: string
  readonly grant: Uint8Array
  readonly root: Uint8Array
}

export function blockKey(
  primitives: Primitives,
  contentKey: Uint8Array,
  { network, grant, root }: BlockContext,
): Uint8Array {
  assert(contentKey.length === FILE_KEY_BYTES, 'a content key has 32 bytes')
  return primitives.hmacSha256(contentKey, concat(BLOCK_KEY, encode([network, grant, root])))
}

/** The index as twelve bytes. */
export function blockNonce(index: number): Uint8Array {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(8, index)
  return nonce
}

const BLOCK_KEY = bytesOfText(DOMAINS.blockKey)
