/**
 * Fetching a granted file from its holder: each block is opened, checked against the root and stored, in that order;
 * what is held already is not asked for. Ends when the file is whole, or says why it is not.
 */
import type { Connection } from '@libp2p/interface'
import { assert } from '../../protocol/assert.ts'
import { checkBlock, type BlockFault } from '../../protocol/dataset/blocks.ts'
import type { BlobEndReason } from '../../protocol/dataset/message.ts'
import { fault, type Result } from '../../protocol/result.ts'
import { native } from '../keys/native.ts'
import { askBlob, BlobAskError, type BlobAskFault, type SentBlock } from '../net/ask-blob.ts'
import { FrameError, type FrameFault } from '../net/framing.ts'
import type { GrantedHead } from './head.ts'
import type { Receiving } from './receiving.ts'
import { BlockOpening } from './sealed-block.ts'

type SentBlockFault = BlockFault | 'block-seal'

/** Why a file is not whole: what the holder said, how the stream failed, or what is wrong with what it sent. */
export type FetchEnd =
  | { readonly kind: 'whole' }
  | { readonly kind: 'ended'; readonly reason: Exclude<BlobEndReason, 'done'> | 'short' }
  | { readonly kind: 'cut'; readonly fault: FrameFault }
  /** A block does not open: it is damaged where it came from, or the key is another file's. */
  | { readonly kind: 'damaged' }
  /** The holder sent what is not the file: it is at fault, and was told no more. */
  | { readonly kind: 'lied'; readonly fault: BlobAskFault | BlockFault }

export type FetchParts = {
  readonly connection: Connection
  readonly protocol: string
  readonly receiving: Receiving
  readonly signal: AbortSignal
  readonly onBlock?: (held: number) => void
}

export async function fetchFile(parts: FetchParts): Promise<FetchEnd> {
  const { receiving } = parts
  for (;;) {
    const missing = receiving.missing()
    if (missing === undefined) return { kind: 'whole' }
    const end = await fetchRun(parts, missing)
    if (end.kind !== 'whole') return end
    await receiving.settle()
    // A holder that ends early with `done` again and again would be asked for ever.
    if (receiving.missing()?.from === missing.from) return { kind: 'ended', reason: 'short' }
  }
}

async function fetchRun(
  { connection, protocol, receiving, signal, onBlock }: FetchParts,
  run: { readonly from: number; readonly count: number },
): Promise<FetchEnd> {
  const { head } = receiving.copy
  let opening: BlockOpening | undefined
  const begin = (block: SentBlock) => {
    const begun = new BlockOpening(head.contentKey, block.index, block)
    opening = begun
    return (piece: Uint8Array) => begun.take(piece)
  }
  const asked = { grant: head.grant, root: head.root, bytes: head.bytes, ...run, begin }
  const blocks = askBlob(connection, protocol, asked, signal)
  try {
    for (;;) {
      const { done, value } = await blocks.next()
      if (done === true) return value === 'done' ? { kind: 'whole' } : { kind: 'ended', reason: value }
      assert(opening !== undefined, 'a block begins before it is whole')
      const checked = checkSent(head, value, opening)
      if (!checked.ok) return endOf(checked.fault)
      // It is stored as it came.
      await receiving.putSealed(value.index, { ...value, pieces: opening.pieces })
      onBlock?.(value.index)
    }
  } catch (error) {
    if (error instanceof BlobAskError) return { kind: 'lied', fault: error.fault }
    if (error instanceof FrameError) {
      return error.fault === 'frame-too-long'
        ? { kind: 'lied', fault: 'blob-length' }
        : { kind: 'cut', fault: error.fault }
    }
    throw error
  } finally {
    await blocks.return('failed')
  }
}

/** Whether a block opened and is the one of the file at this place. */
function checkSent(
  head: GrantedHead,
  { index, proof }: SentBlock,
  opening: BlockOpening,
): Result<true, SentBlockFault> {
  const opened = opening.end()
  return opened === undefined ? fault('block-seal') : checkBlock(native, head, { index, proof, ...opened })
}

function endOf(found: SentBlockFault): FetchEnd {
  return found === 'block-seal' ? { kind: 'damaged' } : { kind: 'lied', fault: found }
}
