/** `access/1`: messages, each with one answer, and after a grant its ciphertext. What is disclosed is decided behind the gate. */
import type { Connection, Stream } from '@libp2p/interface'
import { ACCESS_BYTES_MAX } from '../../../protocol/limits.ts'
import {
  parseAccessMessage,
  printAccessAnswer,
  type AccessAnswer,
  type AccessMessage,
} from '../../../protocol/access/message.ts'
import { deadline } from '../../deadline.ts'
import { FrameError, Frames } from '../framing.ts'
import { ANSWER_MS, FRAME_MS, SCORE_LIE, SCORE_MALFORMED, SCORE_SLOW } from '../limits.ts'
import type { Peers } from '../peers.ts'
import { chunksIn } from '../ciphertext.ts'
import { Slots } from './slots.ts'

/** `peer` is the Ed25519 key that the connection proved. */
export type AnswerAccess = (message: AccessMessage, peer: Uint8Array) => Promise<Answered>

export type Answered = {
  readonly answer: AccessAnswer
  readonly ciphertext?: Uint8Array
  readonly fault?: string
}

/** A signature, a decision and a synced write: several small requests' worth. */
const COST = 2

/** More than one go of a reader takes. */
const MESSAGES_MAX = 8

/** A kind byte and the length of a signed statement. */
const MESSAGE_BYTES_MAX = ACCESS_BYTES_MAX + 64

export function accessHandler(answerTo: AnswerAccess, peers: Peers, signal: AbortSignal) {
  const slots = new Slots()
  return async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    const key = connection.remotePeer.publicKey?.raw
    const frames = new Frames(stream)
    const answer = async (message: AccessMessage, within: () => AbortSignal) => {
      await slots.take(peer, async (isFree) => {
        const isBusy = !isFree || key === undefined || !peers.mayAsk(peer, COST)
        const { answer, ciphertext, fault } = isBusy ? BUSY : await answerTo(message, key)
        if (fault !== undefined) peers.penalise(peer, SCORE_LIE, `a request for detail: ${fault}`)
        const [first, ...rest] = chunksOf(message, ciphertext)
        const printed = printAccessAnswer(answer)
        await frames.writeAll(first === undefined ? [printed] : [printed, first], within())
        for (const chunk of rest) await frames.write(chunk, within())
      })
    }
    let answered = 0
    try {
      for (; answered < MESSAGES_MAX; answered++) {
        const whole = deadline(signal, ANSWER_MS)
        const within = () => deadline(whole, FRAME_MS)
        const body = await frames.read(MESSAGE_BYTES_MAX, within())
        if (body === undefined && answered > 0) break
        if (body === undefined || key === undefined) return frames.abort(new Error('no request came'))
        const message = parseAccessMessage(body)
        if (!message.ok) {
          peers.penalise(peer, SCORE_MALFORMED, message.fault)
          return frames.abort(new Error(message.fault))
        }
        await answer(message.value, within)
      }
      await frames.end(deadline(signal, FRAME_MS))
    } catch (error) {
      if (error instanceof FrameError && error.fault === 'frame-too-long')
        peers.penalise(peer, SCORE_MALFORMED, 'a frame that is too long')
      // Whoever got an answer and says nothing more owes nothing.
      if (error instanceof FrameError && error.fault === 'stream-late' && answered === 0)
        peers.penalise(peer, SCORE_SLOW, 'a stream that stood still')
      frames.abort(error instanceof Error ? error : new Error('the answer failed'))
    }
  }
}

const BUSY: Answered = { answer: { kind: 'wait' } }

function chunksOf(message: AccessMessage, ciphertext: Uint8Array | undefined): readonly Uint8Array[] {
  return message.kind !== 'request' || ciphertext === undefined ? [] : chunksIn(ciphertext)
}
