/** `sync/1`: reads one request, answers it from the store, says why it ended. No decisions of its own. */
import type { Connection, Stream } from '@libp2p/interface'
import { parseRequest, printAnswer, type Answer, type EndReason } from '../../../protocol/sync/message.ts'
import { FrameError, Frames } from '../framing.ts'
import { ANSWERS_MAX, FRAME_MS, REQUEST_BYTES_MAX, SCORE_MALFORMED, SCORE_SLOW } from '../limits.ts'
import type { Peers } from '../peers.ts'
import type { Answerer } from '../../sync/answerer.ts'
import { deadline } from '../../deadline.ts'

/** Entries whose answer costs as much as one small request. */
const ENTRIES_PER_COST = 4_096
const COST_MAX = 32

export function syncHandler(answerer: Answerer, peers: Peers, signal: AbortSignal) {
  let answering = 0
  return async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    const frames = new Frames(stream)
    const within = () => deadline(signal, FRAME_MS)
    const send = (answer: Answer) => frames.write(printAnswer(answer), within())
    const end = async (reason: EndReason) => {
      await send({ t: 'end', reason })
      await frames.end(within())
    }
    answering += 1
    try {
      const bytes = await frames.read(REQUEST_BYTES_MAX, within())
      const request = bytes === undefined ? undefined : parseRequest(bytes)
      if (request === undefined) return frames.abort(new Error('no request came'))
      if (!request.ok) {
        peers.penalise(peer, SCORE_MALFORMED, `a request that is not one: ${request.fault}`)
        return await end('bad-request')
      }
      const cost = request.value.t === 'range' ? rangeCost(request.value) : 1
      if (answering > ANSWERS_MAX || !peers.mayAsk(peer, cost)) return await end('busy')
      return await end(await answerer.answer(request.value, send, peer))
    } catch (error) {
      if (error instanceof FrameError) blame(peers, peer, error)
      frames.abort(error instanceof Error ? error : new Error('the answer failed'))
    } finally {
      answering -= 1
    }
  }
}

function rangeCost({ from, size }: { from: number; size: number }): number {
  return Math.min(COST_MAX, 1 + Math.floor((size - from) / ENTRIES_PER_COST))
}

function blame(peers: Peers, peer: string, error: FrameError): void {
  if (error.fault === 'frame-too-long') peers.penalise(peer, SCORE_MALFORMED, 'a frame that is too long')
  if (error.fault === 'stream-late') peers.penalise(peer, SCORE_SLOW, 'a stream that stood still')
}
