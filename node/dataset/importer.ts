/**
 * Reading a file in: block by block, encrypted before it is written, in constant memory. A file that was interrupted
 * is read again and only what is not on disk yet is written; it is in no list and is not served before it is whole.
 */
import { createHash } from 'node:crypto'
import { equal } from '../../protocol/bytes.ts'
import { blockCount, makeBlockTree } from '../../protocol/dataset/blocks.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import { systemRandom } from '../keys/random.ts'
import { BlockFile } from './block-file.ts'
import { blocksOf } from './blocks-of.ts'
import { blocksPlace, leavesPlace, type Copy } from './copy.ts'
import { leafOf } from './hashing.ts'
import type { ImportingHead, OwnHead } from './head.ts'
import { writeLeaves } from './leaves.ts'

/** Reads the whole file into this copy. Returns the head with which it is whole, when all the rest is on disk. */
export async function importInto(
  copy: Copy<ImportingHead>,
  body: AsyncIterable<Uint8Array>,
): Promise<OwnHead> {
  const { path, bytes, contentKey } = copy.head
  const file = await BlockFile.open(blocksPlace(copy))
  const whole = createHash('sha256')
  const leaves: Uint8Array[] = []
  try {
    let read = 0
    for await (const block of blocksOf(body)) {
      read += block.length
      if (read > bytes) throw changed(path)
      whole.update(block)
      await writeUnlessHeld(file, leaves.length, block)
      leaves.push(leafOf(block))
    }
    if (read !== bytes || leaves.length !== blockCount(bytes)) throw changed(path)
    await file.sync()
  } finally {
    await file.close()
  }
  writeLeaves(leavesPlace(copy), leaves)
  const { root } = makeBlockTree(native, leaves)
  const [digest, markSecret] = [new Uint8Array(whole.digest()), systemRandom.bytes(32)]
  return { kind: 'own', path, bytes, contentKey, root, digest, markSecret }
}

/** After an interruption most blocks are there; one that was torn or read from another state of the file is not. */
async function writeUnlessHeld(file: BlockFile, index: number, block: Uint8Array): Promise<void> {
  const held = await file.read(index)
  if (held !== undefined && equal(held, block)) return
  await file.write(index, block)
}

/** Writes anew, under the key that was named already, what does not open any more of a file that was read in again. */
export async function mend(known: Copy, again: Copy): Promise<void> {
  const from = await BlockFile.open(blocksPlace(again))
  try {
    const to = await BlockFile.open(blocksPlace(known))
    try {
      for (let index = 0; index < blockCount(known.head.bytes); index++) {
        if ((await to.read(index)) !== undefined) continue
        const block = await from.read(index)
        if (block !== undefined) await to.write(index, block)
      }
      await to.sync()
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

function changed(path: string): NodeError {
  return new NodeError('CONFLICT', `${JSON.stringify(path)} changed its length while it was read`, {
    fix: 'add it again when nothing writes to it any more',
  })
}
