/**
 * Fetching a granted file from its holder: each block is opened, checked against the root and stored, in that order;
 * what is held already is not asked for. Ends when the file is whole, or says why it is not.
 */
import type { Connection } from '@libp2p/interface'
import type { BlockFault } from '../../protocol/dataset/blocks.ts'
import type { BlobEndReason } from '../../protocol/dataset/message.ts'
import { askBlob, BlobAskError, type BlobAskFault, type SentBlock } from '../net/ask-blob.ts'
import { FrameError, type FrameFault } from '../net/framing.ts'
import { Coming } from './coming.ts'
import type { Receiving } from './receiving.ts'
import { Taking } from './taking.ts'

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
  // Whoever fetches again what is here already has found it damaged.
  if (receiving.missing() === undefined) await receiving.check()
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
  parts: FetchParts,
  run: { readonly from: number; readonly count: number },
): Promise<FetchEnd> {
  const { connection, protocol, receiving, signal } = parts
  const { grant, root, bytes } = receiving.copy.head
  const taking = new Taking(parts)
  let cell = await taking.cell()
  const begin = (block: SentBlock) => new Coming(block, cell)
  const blocks = askBlob(connection, protocol, { grant, root, bytes, ...run, begin }, signal)
  try {
    for (;;) {
      const { done, value } = await blocks.next()
      if (done === true) return (await taking.end()) ?? lastOf(value)
      taking.take(value)
      cell = await taking.cell()
      const found = taking.found()
      if (found !== undefined) return found
    }
  } catch (error) {
    // Of what is wrong, the first block's fault is said.
    return (await taking.end()) ?? faultOf(error)
  } finally {
    await blocks.return('failed')
    await taking.settled()
    taking.release(cell)
  }
}

function lastOf(reason: BlobEndReason): FetchEnd {
  return reason === 'done' ? { kind: 'whole' } : { kind: 'ended', reason }
}

function faultOf(error: unknown): FetchEnd {
  if (error instanceof BlobAskError) return { kind: 'lied', fault: error.fault }
  if (!(error instanceof FrameError)) throw error
  return error.fault === 'frame-too-long'
    ? { kind: 'lied', fault: 'blob-length' }
    : { kind: 'cut', fault: error.fault }
}
