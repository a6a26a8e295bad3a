/**
 * `blob/1`: blocks of a file of ours to the one peer that a grant names. Spec 11 §3.
 *
 * Invariants: the right to have it is asked before the first block and again every 16 blocks and 5 seconds, so a grant
 * that ends or is revoked, or a standing that is lost, ends the stream; what is being sent is written down before the first
 * block; nothing is sent that is not sealed. Everything that is not granted is answered alike.
 */
import type { Connection, Stream } from '@libp2p/interface'
import {
  BLOB_MESSAGE_BYTES_MAX,
  parseBlobMessage,
  printBlobAnswer,
  type BlobConfirmation,
  type BlobEndReason,
  type BlobMessage,
  type BlobRequest,
} from '../../../protocol/dataset/message.ts'
import type { SealedBlock } from '../../../protocol/dataset/stream.ts'
import { unreachable } from '../../../protocol/assert.ts'
import { deadline, Patience } from '../../deadline.ts'
import type { Clock } from '../../ports.ts'
import { FrameError, Frames } from '../framing.ts'
import {
  BLOB_AHEAD_BLOCKS,
  BLOB_ASK_BLOCKS,
  BLOB_ASK_MS,
  BLOB_FRAME_MS,
  BLOB_STREAM_MS,
  BLOB_STREAMS_MAX,
  FRAME_MS,
  SCORE_MALFORMED,
  SCORE_SLOW,
} from '../limits.ts'
import type { Peers } from '../peers.ts'
import { SentBytes } from './sent-bytes.ts'

/** A file that is open to be sent. */
export type OpenBlob = {
  readonly blocks: number
  readonly bytes: number
  /** A sealed block, or undefined where our own store ends before it. */
  readonly block: (index: number) => Promise<SealedBlock | undefined>
  readonly prove: (index: number) => readonly Uint8Array[]
  readonly close: () => Promise<void>
}

export type BlobServed = BlobRequest & { readonly peer: string }

export type BlobPorts = {
  /** Whether this peer may have this file under this grant, at this moment. */
  readonly mayHave: (request: BlobRequest, peer: string) => Promise<boolean>
  /** Answers when it is on disk that this is being sent. If it throws, nothing is. */
  readonly record: (served: BlobServed) => Promise<void>
  /** Writes down that this peer says it holds a whole file that was sent to it; false where none was. */
  readonly confirm: (confirmed: BlobConfirmation, peer: string) => Promise<boolean>
  /** Opens a file of ours by its root; undefined where there is none. */
  readonly open: (request: BlobRequest) => Promise<OpenBlob | undefined>
}

export type BlobHandlerParts = {
  readonly ports: BlobPorts
  readonly peers: Peers
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Time in which a reader has to take what is waiting for it. */
  readonly frameMs?: number
}

export function blobHandler({ ports, peers, clock, signal, frameMs = BLOB_FRAME_MS }: BlobHandlerParts) {
  const sent = new SentBytes()
  const open = { streams: 0 }
  return async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    const frames = new Frames(stream)
    const patience = new Patience(deadline(signal, BLOB_STREAM_MS), frameMs)
    open.streams += 1
    try {
      const bytes = await frames.read(BLOB_MESSAGE_BYTES_MAX, deadline(signal, FRAME_MS))
      const message = bytes === undefined ? undefined : parseBlobMessage(bytes)
      if (message === undefined) return frames.abort(new Error('no request came'))
      if (!message.ok) peers.penalise(peer, SCORE_MALFORMED, `a request that is not one: ${message.fault}`)
      const isBusy = open.streams > BLOB_STREAMS_MAX || !peers.mayAsk(peer)
      const answer = new BlobAnswer({ ports, clock, sent, frames, peer, patience })
      await answer.end(!message.ok ? 'bad-request' : isBusy ? 'busy' : await answer.to(message.value))
    } catch (error) {
      if (error instanceof FrameError) blame(peers, peer, error)
      frames.abort(error instanceof Error ? error : new Error('the answer failed'))
    } finally {
      open.streams -= 1
      patience.end()
    }
  }
}

type AnswerParts = {
  readonly ports: BlobPorts
  readonly clock: Clock
  readonly sent: SentBytes
  readonly frames: Frames
  readonly peer: string
  /** The reader's time to take what is waiting for it. */
  readonly patience: Patience
}

class BlobAnswer {
  private readonly parts: AnswerParts

  constructor(parts: AnswerParts) {
    this.parts = parts
  }

  to(message: BlobMessage): Promise<BlobEndReason> {
    switch (message.kind) {
      case 'request':
        return this.send(message)
      case 'confirm':
        return this.confirm(message)
      default:
        return unreachable(message)
    }
  }

  private async confirm({ grant, root }: BlobConfirmation): Promise<BlobEndReason> {
    try {
      return (await this.parts.ports.confirm({ grant, root }, this.parts.peer)) ? 'done' : 'refused'
    } catch {
      // It could not be written down, which is for our log: the reader says it again another time.
      return 'failed'
    }
  }

  private async send({ grant, root, from, count }: BlobRequest): Promise<BlobEndReason> {
    const request = { grant, root, from, count }
    const { ports, peer } = this.parts
    if (!(await ports.mayHave(request, peer))) return 'refused'
    const blob = await ports.open(request)
    if (blob === undefined) return 'refused'
    try {
      if (request.from >= blob.blocks) return 'refused'
      await ports.record({ ...request, peer })
      return await this.sendBlocks(request, blob)
    } catch (error) {
      if (error instanceof FrameError) throw error
      // Our own store or trail failed, which is for our log and no business of the reader.
      return 'failed'
    } finally {
      await blob.close()
    }
  }

  async end(reason: BlobEndReason): Promise<void> {
    await this.write(printBlobAnswer({ t: 'end', reason }))
    await this.parts.frames.end(this.parts.patience.signal)
  }

  private async sendBlocks(request: BlobRequest, blob: OpenBlob): Promise<BlobEndReason> {
    const { ports, clock, sent, peer } = this.parts
    const end = Math.min(request.from + request.count, blob.blocks)
    const sealed = ahead(request.from, end, (index) => blob.block(index))
    let [asked, blocks] = [clock.now(), 0]
    for (let index = request.from; index < end; index++, blocks++) {
      if (blocks === BLOB_ASK_BLOCKS || clock.now() - asked >= BLOB_ASK_MS) {
        if (!(await ports.mayHave(request, peer))) return 'refused'
        asked = clock.now()
        blocks = 0
      }
      const block = await sealed(index)
      if (block === undefined) return 'failed'
      if (!sent.add(request, block.bytes.length, blob.bytes)) return 'spent'
      const { nonce, tag, bytes } = block
      const proof = blob.prove(index)
      await this.write(printBlobAnswer({ t: 'block', index, nonce, tag, proof }), bytes)
    }
    return 'done'
  }

  private async write(...sent: readonly Uint8Array[]): Promise<void> {
    const { frames, patience } = this.parts
    patience.renew()
    await frames.writeAll(sent, patience.signal)
  }
}

/** Makes what comes next while this one is being taken: the disk and the wire work at the same time. */
function ahead<T>(
  from: number,
  end: number,
  make: (index: number) => Promise<T>,
): (index: number) => Promise<T> {
  const made: Promise<T>[] = []
  let next = from
  return (index) => {
    for (; next < end && next <= index + BLOB_AHEAD_BLOCKS; next++) {
      const one = make(next)
      // Whoever takes it hears of a failure; one that nobody takes any more is no event.
      one.catch(() => undefined)
      made.push(one)
    }
    return made.shift() ?? make(index)
  }
}

function blame(peers: Peers, peer: string, error: FrameError): void {
  if (error.fault === 'frame-too-long') peers.penalise(peer, SCORE_MALFORMED, 'a frame that is too long')
  if (error.fault === 'stream-late') peers.penalise(peer, SCORE_SLOW, 'a stream that stood still')
}
