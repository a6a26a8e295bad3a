/** `witness/1`: one add-checkpoint request, one answer. What is cosigned is decided in `protocol/log/witness.ts`. */
import type { Connection, Stream } from '@libp2p/interface'
import { ADD_CHECKPOINT_BYTES_MAX } from '../../../protocol/log/add-checkpoint.ts'
import { printWitnessAnswer, type WitnessAnswer } from '../../../protocol/sync/witness.ts'
import { FrameError, Frames } from '../framing.ts'
import { ANSWERS_MAX, FRAME_MS, SCORE_LIE, SCORE_MALFORMED, SCORE_SLOW } from '../limits.ts'
import type { Peers } from '../peers.ts'
import { deadline } from '../../deadline.ts'

type Cosign = (body: Uint8Array) => Promise<WitnessAnswer & { readonly why: string | undefined }>

/** A signature that is checked and a write that is synced: several small requests' worth. */
const COST = 2

/** What a request costs its sender that no honest log ever sends. */
const PRICES: Readonly<Record<string, number>> = {
  'request-unreadable': SCORE_MALFORMED,
  'note-unreadable': SCORE_MALFORMED,
  'head-unsigned': SCORE_LIE,
}

export function witnessHandler(cosign: Cosign, peers: Peers, signal: AbortSignal) {
  let answering = 0
  return async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    const frames = new Frames(stream)
    const within = () => deadline(signal, FRAME_MS)
    answering += 1
    try {
      const body = await frames.read(ADD_CHECKPOINT_BYTES_MAX, within())
      if (body === undefined) return frames.abort(new Error('no request came'))
      const isBusy = answering > ANSWERS_MAX || !peers.mayAsk(peer, COST)
      const answer = isBusy ? BUSY : await cosign(body)
      const price = answer.why === undefined ? undefined : PRICES[answer.why]
      if (price !== undefined) peers.penalise(peer, price, `a request to cosign: ${answer.why}`)
      await frames.write(printWitnessAnswer(answer), within())
      await frames.end(within())
    } catch (error) {
      if (error instanceof FrameError && error.fault === 'frame-too-long')
        peers.penalise(peer, SCORE_MALFORMED, 'a frame that is too long')
      if (error instanceof FrameError && error.fault === 'stream-late')
        peers.penalise(peer, SCORE_SLOW, 'a stream that stood still')
      frames.abort(error instanceof Error ? error : new Error('the answer failed'))
    } finally {
      answering -= 1
    }
  }
}

const BUSY = { status: 429, body: new Uint8Array(0), why: undefined }
