/** The leaf hashes of a copy that is served, sealed in one file: what proofs are made of without reading the blocks. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { concat } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import { blockCount, makeBlockTree, type BlockTree } from '../../protocol/dataset/blocks.ts'
import { HASH_BYTES } from '../../protocol/log/merkle.ts'
import { NodeError } from '../errors.ts'
import { readFileBounded, writeFileDurably } from '../keys/files.ts'
import { native } from '../keys/native.ts'
import type { BlockPlace } from './block-file.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The place of the leaves among the blocks: an index that no block has. */
const LEAVES_INDEX = 2 ** 32

export function writeLeaves(place: BlockPlace, leaves: readonly Uint8Array[]): void {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, place.storageKey, nonce).setAAD(encode([place.copy, LEAVES_INDEX]))
  const sealed = cipher.update(concat(...leaves))
  cipher.final()
  writeFileDurably(place.path, Buffer.concat([nonce, sealed, cipher.getAuthTag()]), 0o600)
}

export function readTree(place: BlockPlace): BlockTree {
  const length = NONCE_BYTES + blockCount(place.bytes) * HASH_BYTES + TAG_BYTES
  const file = readFileBounded(place.path, length)
  const end = file.length - TAG_BYTES
  if (file.length !== length) throw damaged(place)
  const decipher = createDecipheriv(CIPHER, place.storageKey, file.subarray(0, NONCE_BYTES))
  decipher.setAAD(encode([place.copy, LEAVES_INDEX])).setAuthTag(file.subarray(end))
  const all = decipher.update(file.subarray(NONCE_BYTES, end))
  try {
    decipher.final()
  } catch (error) {
    throw damaged(place, error)
  }
  const leaves: Uint8Array[] = []
  for (let at = 0; at < all.length; at += HASH_BYTES) leaves.push(all.subarray(at, at + HASH_BYTES))
  return makeBlockTree(native, leaves)
}

function damaged(place: BlockPlace, cause?: unknown): NodeError {
  return new NodeError('STORE_DAMAGED', `${place.path} was altered or cut`, {
    cause,
    fix: 'add the file again: candor data-set add FILE',
  })
}
