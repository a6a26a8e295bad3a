/**
 * Asking for blocks of a granted file: one stream, one request, blocks in order until the answer says why it ended.
 * Nothing here is believed; every wait and every length is bounded by what was asked for.
 */
import type { Connection, Stream } from '@libp2p/interface'
import { blockLength } from '../../protocol/dataset/blocks.ts'
import {
  BLOB_MESSAGE_BYTES_MAX,
  parseBlobAnswer,
  printBlobConfirmation,
  printBlobRequest,
  type BlobConfirmation,
  type BlobEndReason,
  type BlobRequest,
  type BlockHeader,
} from '../../protocol/dataset/message.ts'
import { deadline, Patience } from '../deadline.ts'
import { FrameError, Frames } from './framing.ts'
import { BLOB_FRAME_MS, BLOB_STREAM_MS, DIAL_MS, FRAME_MS } from './limits.ts'

/** Who takes a block: told of each piece of its sealed bytes as it comes. */
export type BlockTaker = { readonly take: (piece: Uint8Array) => void }

export type BlobAsked<T extends BlockTaker> = BlobRequest & {
  /** Length of the file: how long each block has to be. */
  readonly bytes: number
  /** Told of each block before its bytes come. */
  readonly begin: (block: SentBlock) => T
}

/** What is said of a block before its sealed bytes. */
export type SentBlock = Omit<BlockHeader, 't'>

export type BlobAskFault =
  'blob-cbor' | 'blob-shape' | 'blob-order' | 'blob-length' | 'blob-unended' | 'blob-more'

/** The answer is none of this protocol: its sender is at fault. */
export class BlobAskError extends Error {
  readonly fault: BlobAskFault

  constructor(fault: BlobAskFault) {
    super(`the answer is not one of this protocol: ${fault}`)
    this.fault = fault
  }
}

/** Tells the holder that a file is here whole. Undefined where no answer came. */
export async function confirmBlob(
  connection: Connection,
  protocol: string,
  confirmation: BlobConfirmation,
  signal: AbortSignal,
): Promise<BlobEndReason | undefined> {
  const within = deadline(signal, FRAME_MS)
  let frames: Frames | undefined
  try {
    frames = new Frames(await streamOf(connection, protocol, signal))
    await frames.write(printBlobConfirmation(confirmation), within)
    const frame = await frames.read(BLOB_MESSAGE_BYTES_MAX, within)
    const answer = frame === undefined ? undefined : parseBlobAnswer(frame)
    await endBoth(frames, within)
    return answer?.ok === true && answer.value.t === 'end' ? answer.value.reason : undefined
  } catch (error) {
    frames?.abort(new Error('no answer came'))
    if (error instanceof FrameError) return undefined
    throw error
  }
}

/**
 * Yields who took each block, when it is here whole; then returns why there are no more. Throws FrameError or
 * BlobAskError; leaves no stream open.
 */
export async function* askBlob<T extends BlockTaker>(
  connection: Connection,
  protocol: string,
  { bytes, begin, ...request }: BlobAsked<T>,
  signal: AbortSignal,
): AsyncGenerator<T, BlobEndReason> {
  const frames = new Frames(await streamOf(connection, protocol, signal))
  const patience = new Patience(deadline(signal, BLOB_STREAM_MS), BLOB_FRAME_MS)
  let reason: BlobEndReason | undefined
  try {
    await frames.write(printBlobRequest(request), patience.signal)
    for (let index = request.from; ; index++) {
      patience.renew()
      const frame = await frames.read(BLOB_MESSAGE_BYTES_MAX, patience.signal)
      if (frame === undefined) throw new BlobAskError('blob-unended')
      const answer = parseBlobAnswer(frame)
      if (!answer.ok) throw new BlobAskError(answer.fault)
      if (answer.value.t === 'end') {
        reason = answer.value.reason
        return reason
      }
      const { t: _, ...block } = answer.value
      if (index >= request.from + request.count) throw new BlobAskError('blob-more')
      if (block.index !== index) throw new BlobAskError('blob-order')
      const length = blockLength(bytes, index)
      if (length === 0) throw new BlobAskError('blob-length')
      patience.renew()
      const taker = begin(block)
      const came = await frames.readEach(length, patience.signal, (piece) => taker.take(piece))
      if (came === undefined) throw new BlobAskError('blob-unended')
      if (came !== length) throw new BlobAskError('blob-length')
      yield taker
    }
  } finally {
    if (reason !== undefined) await endBoth(frames, deadline(signal, FRAME_MS))
    else frames.abort(new Error('the answer is not wanted any more'))
    patience.end()
  }
}

async function streamOf(connection: Connection, protocol: string, signal: AbortSignal): Promise<Stream> {
  try {
    return await connection.newStream(protocol, { signal: deadline(signal, DIAL_MS), negotiateFully: false })
  } catch (error) {
    throw new FrameError('stream-closed', error)
  }
}

/** A holder that does not end its side too would keep the stream open for as long as it likes. */
async function endBoth(frames: Frames, signal: AbortSignal): Promise<void> {
  await frames.end(signal)
  const more = await frames.read(0, signal).catch(() => 'more')
  if (more !== undefined) frames.abort(new Error('the other side did not end the stream'))
}
