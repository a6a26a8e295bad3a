/**
 * Asking the owner of a record over `access/1`: messages there, each with its answer back, and the ciphertext of a grant. What
 * belongs to one go stands on one stream, because opening a stream takes longer than most answers.
 */
import type { Connection } from '@libp2p/interface'
import {
  parseAccessAnswer,
  printAccessMessage,
  type AccessAnswer,
  type AccessMessage,
} from '../../protocol/access/message.ts'
import { deadline } from '../deadline.ts'
import { readCiphertext } from './ciphertext.ts'
import { Frames } from './framing.ts'
import { ANSWER_MS, DIAL_MS, FRAME_MS } from './limits.ts'

/** Statements and terms come to less; a ciphertext has frames of its own. */
const ANSWER_BYTES_MAX = 300_000

export type AccessReply = { readonly answer: AccessAnswer; readonly ciphertext: Uint8Array | undefined }

export class AccessTalk {
  private readonly connection: Connection
  private readonly protocol: string
  private readonly signal: AbortSignal
  private readonly answerMs: number
  // The stream that is open, after an answer came on it. Written by `say` and `end` only.
  private open: Frames | undefined

  constructor(connection: Connection, protocol: string, signal: AbortSignal, answerMs: number = ANSWER_MS) {
    this.connection = connection
    this.protocol = protocol
    this.signal = signal
    this.answerMs = answerMs
  }

  /** Undefined where the peer gave no answer of this protocol. Throws FrameError. */
  async say(message: AccessMessage): Promise<AccessReply | undefined> {
    const whole = deadline(this.signal, this.answerMs)
    const again = this.open
    // A peer may end a stream after any answer; what was said on it then counts as not said.
    const reply = again && (await this.sayOn(again, message, whole).catch(() => undefined))
    return reply ?? this.sayOn(await this.stream(whole), message, whole)
  }

  /** Ends what is open. Nobody waits for the other side to close too: what does not close in time is aborted. */
  end(): void {
    void this.open?.end(deadline(this.signal, FRAME_MS))
    this.open = undefined
  }

  private async stream(whole: AbortSignal): Promise<Frames> {
    const options = { signal: deadline(whole, DIAL_MS), negotiateFully: false }
    return new Frames(await this.connection.newStream(this.protocol, options))
  }

  private async sayOn(
    frames: Frames,
    message: AccessMessage,
    whole: AbortSignal,
  ): Promise<AccessReply | undefined> {
    const within = () => deadline(whole, FRAME_MS)
    this.open = undefined
    try {
      await frames.write(printAccessMessage(message), within())
      const frame = await frames.read(ANSWER_BYTES_MAX, within())
      const answer = frame === undefined ? undefined : parseAccessAnswer(frame)
      if (answer?.ok !== true) return undefined
      const expects = message.kind === 'request' && answer.value.kind === 'granted'
      const ciphertext = expects ? await ciphertextOf(frames, answer.value, within) : undefined
      this.open = frames
      return { answer: answer.value, ciphertext }
    } finally {
      if (this.open !== frames) frames.abort(new Error('no answer is expected any more'))
    }
  }
}

/** One message alone. */
export async function askAccess(
  connection: Connection,
  protocol: string,
  message: AccessMessage,
  signal: AbortSignal,
  answerMs: number = ANSWER_MS,
): Promise<AccessReply | undefined> {
  const talk = new AccessTalk(connection, protocol, signal, answerMs)
  try {
    return await talk.say(message)
  } finally {
    talk.end()
  }
}

async function ciphertextOf(
  frames: Frames,
  answer: AccessAnswer,
  within: () => AbortSignal,
): Promise<Uint8Array | undefined> {
  return answer.kind === 'granted' ? readCiphertext(frames, answer.offer.length, within) : undefined
}
