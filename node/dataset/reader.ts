/** Reading a copy block by block: one of ours, one that was granted, or a marked one, made of its base as it is read. */
import { assert } from '../../protocol/assert.ts'
import { blockCount, type BlockTree } from '../../protocol/dataset/blocks.ts'
import type { SealedBlock } from '../../protocol/dataset/stream.ts'
import { NodeError } from '../errors.ts'
import { BlockFile } from './block-file.ts'
import { blocksPlace, isKind, leavesPlace, type Copy } from './copy.ts'
import type { MarkedHead, OwnHead } from './head.ts'
import { readTree } from './leaves.ts'
import { readInserted } from './marked.ts'
import { sealBlock } from './sealed-block.ts'

export type Readable = {
  /** What proofs are made of; only of copies that are served. */
  readonly tree: () => BlockTree
  /** A block, or undefined where none opens. Never anything that was not sealed here. */
  readonly read: (index: number) => Promise<Uint8Array | undefined>
  /** A block as it is sent, under the content key. One of our own store is not opened before: its reader does that. */
  readonly sealed: (index: number) => Promise<SealedBlock | undefined>
  readonly close: () => Promise<void>
}

/** `isHeld` is asked before each block: what was erased meanwhile is read no more, though its file is still open. */
export async function openReader(
  copy: Copy,
  own: (root: Uint8Array) => Copy<OwnHead> | undefined,
  isHeld: () => boolean,
): Promise<Readable> {
  const marked = isKind(copy, 'marked') ? copy : undefined
  const base = marked === undefined ? copy : baseOf(marked, own)
  const file = await BlockFile.open(blocksPlace(base))
  const { contentKey } = copy.head
  const inserted = marked === undefined ? undefined : readInserted(marked.head, base.head.bytes, file)
  const read = inserted ?? ((index: number) => file.read(index))
  const seal = async (index: number) => {
    const block = await read(index)
    return block === undefined ? undefined : sealBlock(contentKey, index, block)
  }
  const isAsItLies = copy.head.kind === 'own'
  const held = <T>(work: (index: number) => Promise<T>) => {
    return async (index: number) => {
      if (!isHeld()) throw new NodeError('NOT_FOUND', 'the file was erased meanwhile')
      return work(index)
    }
  }
  return {
    tree: () => {
      assert(copy.head.kind === 'own' || copy.head.kind === 'marked', 'only copies of ours are served')
      return readTree(leavesPlace(copy))
    },
    read: held(read),
    sealed: held(isAsItLies ? (index) => file.readSealed(index) : seal),
    close: () => file.close(),
  }
}

/** All of a file in order. Throws STORE_DAMAGED at a block that does not open. */
export async function* readAll(copy: Copy, readable: Readable): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < blockCount(copy.head.bytes); index++) {
    const block = await readable.read(index)
    if (block === undefined) throw damagedBlock(copy, index)
    yield block
  }
}

export function damagedBlock({ head }: Copy, index: number): NodeError {
  const what = `block ${index} of ${JSON.stringify(head.path)} cannot be read`
  const fix =
    head.kind === 'granted'
      ? 'fetch it again: candor data-set fetch'
      : 'add it again: candor data-set add FILE'
  return new NodeError('STORE_DAMAGED', what, { fix })
}

function baseOf(
  { head }: Copy<MarkedHead>,
  own: (root: Uint8Array) => Copy<OwnHead> | undefined,
): Copy<OwnHead> {
  const base = own(head.base)
  if (base === undefined) throw new NodeError('NOT_FOUND', 'the file that this copy is made of was erased')
  return base
}
