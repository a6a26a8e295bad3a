/** Asking the owner of a record over `access/1`: one message there, the answer back, and the ciphertext of a grant. */
import type { Connection } from '@libp2p/interface'
import { concat } from '../../protocol/bytes.ts'
import {
  parseAccessAnswer,
  printAccessMessage,
  type AccessAnswer,
  type AccessMessage,
} from '../../protocol/access/message.ts'
import { deadline } from '../deadline.ts'
import { Frames } from './framing.ts'
import { ACCESS_CHUNK_BYTES, ANSWER_MS, DIAL_MS, FRAME_MS } from './limits.ts'

/** Statements and terms come to less; a ciphertext has frames of its own. */
const ANSWER_BYTES_MAX = 300_000

export type AccessReply = { readonly answer: AccessAnswer; readonly ciphertext: Uint8Array | undefined }

/** Undefined where the peer gave no answer of this protocol. Throws FrameError; leaves no stream open. */
export async function askAccess(
  connection: Connection,
  protocol: string,
  message: AccessMessage,
  signal: AbortSignal,
  answerMs: number = ANSWER_MS,
): Promise<AccessReply | undefined> {
  const whole = deadline(signal, answerMs)
  const within = (ms: number) => deadline(whole, ms)
  const stream = await connection.newStream(protocol, { signal: within(DIAL_MS), negotiateFully: false })
  const frames = new Frames(stream)
  let isAnswered = false
  try {
    await frames.write(printAccessMessage(message), within(FRAME_MS))
    const frame = await frames.read(ANSWER_BYTES_MAX, within(FRAME_MS))
    const answer = frame === undefined ? undefined : parseAccessAnswer(frame)
    if (answer?.ok !== true) return undefined
    const expects = message.kind === 'request' && answer.value.kind === 'granted'
    const ciphertext = expects
      ? await readCiphertext(frames, answer.value, () => within(FRAME_MS))
      : undefined
    isAnswered = true
    return { answer: answer.value, ciphertext }
  } finally {
    // Nobody waits for the other side to close too; `end` aborts by itself what does not close in time.
    if (isAnswered) void frames.end(within(FRAME_MS))
    else frames.abort(new Error('no answer is expected any more'))
  }
}

/** As many bytes as were offered and no more; undefined when there are fewer. */
async function readCiphertext(
  frames: Frames,
  answer: AccessAnswer,
  within: () => AbortSignal,
): Promise<Uint8Array | undefined> {
  if (answer.kind !== 'granted') return undefined
  const { length } = answer.offer
  const chunks: Uint8Array[] = []
  let held = 0
  while (held < length) {
    const chunk = await frames.read(Math.min(ACCESS_CHUNK_BYTES, length - held), within())
    if (chunk === undefined || chunk.length === 0) return undefined
    chunks.push(chunk)
    held += chunk.length
  }
  return concat(...chunks)
}
