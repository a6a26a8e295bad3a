/** The leaf hashes of a copy that is served, sealed in one file: what proofs are made of without reading the blocks. */
import { concat } from '../../protocol/bytes.ts'
import { blockCount, makeBlockTree, type BlockTree } from '../../protocol/dataset/blocks.ts'
import { BLOCK_NONCE_BYTES, BLOCK_TAG_BYTES } from '../../protocol/dataset/stream.ts'
import { HASH_BYTES } from '../../protocol/log/merkle.ts'
import { NodeError } from '../errors.ts'
import { readFileBounded, writeFileDurably } from '../keys/files.ts'
import { native } from '../keys/native.ts'
import type { BlockPlace } from './block-file.ts'
import { openBlock, sealBlock } from './sealed-block.ts'

/** The place of the leaves among the blocks: an index that no block has. */
const LEAVES_INDEX = 2 ** 32

export function writeLeaves({ path, contentKey }: BlockPlace, leaves: readonly Uint8Array[]): void {
  const { nonce, bytes, tag } = sealBlock(contentKey, LEAVES_INDEX, concat(...leaves))
  writeFileDurably(path, concat(nonce, bytes, tag), 0o600)
}

export function readTree(place: BlockPlace): BlockTree {
  const length = BLOCK_NONCE_BYTES + blockCount(place.bytes) * HASH_BYTES + BLOCK_TAG_BYTES
  const file = readFileBounded(place.path, length)
  if (file.length !== length) throw damaged(place)
  const end = length - BLOCK_TAG_BYTES
  const all = openBlock(place.contentKey, LEAVES_INDEX, {
    nonce: file.subarray(0, BLOCK_NONCE_BYTES),
    bytes: file.subarray(BLOCK_NONCE_BYTES, end),
    tag: file.subarray(end),
  })
  if (all === undefined) throw damaged(place)
  const leaves: Uint8Array[] = []
  for (let at = 0; at < all.length; at += HASH_BYTES) leaves.push(all.subarray(at, at + HASH_BYTES))
  return makeBlockTree(native, leaves)
}

function damaged(place: BlockPlace): NodeError {
  return new NodeError('STORE_DAMAGED', `${place.path} was altered or cut`, {
    fix: 'add the file again: candor data-set add FILE',
  })
}
