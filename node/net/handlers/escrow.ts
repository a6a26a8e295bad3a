/** `escrow/1`: one message and its answer, and between them the ciphertext of a deposit where it is asked for. */
import type { Connection, Stream } from '@libp2p/interface'
import { ACCESS_BYTES_MAX } from '../../../protocol/limits.ts'
import {
  parseEscrowMessage,
  printEscrowAnswer,
  type EscrowAnswer,
  type EscrowMessage,
} from '../../../protocol/access/escrow-message.ts'
import { deadline } from '../../deadline.ts'
import { readCiphertext } from '../ciphertext.ts'
import { FrameError, Frames } from '../framing.ts'
import { ANSWER_MS, FRAME_MS, SCORE_LIE, SCORE_MALFORMED, SCORE_SLOW } from '../limits.ts'
import type { Peers } from '../peers.ts'
import { Slots } from './slots.ts'

type Answered = {
  readonly answer: EscrowAnswer
  readonly fault?: string
  readonly take?: { readonly length: number; readonly finish: (ciphertext: Uint8Array) => Promise<Answered> }
}

/** `peer` is the Ed25519 key that the connection proved. */
export type AnswerEscrow = (message: EscrowMessage, peer: Uint8Array) => Promise<Answered>

/** A signature or two, an opened share and a synced write: several small requests' worth. */
const COST = 2

/** A signed statement, a sealed share and the words around them. */
const MESSAGE_BYTES_MAX = ACCESS_BYTES_MAX + 256

export function escrowHandler(answerTo: AnswerEscrow, peers: Peers, signal: AbortSignal) {
  const slots = new Slots()
  return async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    const key = connection.remotePeer.publicKey?.raw
    const frames = new Frames(stream)
    const whole = deadline(signal, ANSWER_MS)
    const within = () => deadline(whole, FRAME_MS)
    const say = ({ answer, fault }: Answered) => {
      if (fault !== undefined) peers.penalise(peer, SCORE_LIE, `escrow: ${fault}`)
      return frames.write(printEscrowAnswer(answer), within())
    }
    try {
      const body = await frames.read(MESSAGE_BYTES_MAX, within())
      if (body === undefined || key === undefined) return frames.abort(new Error('no message came'))
      const message = parseEscrowMessage(body)
      if (!message.ok) {
        peers.penalise(peer, SCORE_MALFORMED, message.fault)
        return frames.abort(new Error(message.fault))
      }
      await slots.take(peer, async (isFree) => {
        const isBusy = !isFree || !peers.mayAsk(peer, COST)
        const answered = isBusy ? BUSY : await answerTo(message.value, key)
        await say(answered)
        if (answered.take === undefined) return
        const ciphertext = await readCiphertext(frames, answered.take.length, within)
        if (ciphertext !== undefined) await say(await answered.take.finish(ciphertext))
      })
      await frames.end(within())
    } catch (error) {
      if (error instanceof FrameError && error.fault === 'frame-too-long')
        peers.penalise(peer, SCORE_MALFORMED, 'a frame that is too long')
      if (error instanceof FrameError && error.fault === 'stream-late')
        peers.penalise(peer, SCORE_SLOW, 'a stream that stood still')
      frames.abort(error instanceof Error ? error : new Error('the answer failed'))
    }
  }
}

const BUSY: Answered = { answer: { kind: 'wait' } }
