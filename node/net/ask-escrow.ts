/** Saying something over `escrow/1`: a message there, an answer back, and the ciphertext where the other side asks for it. */
import type { Connection } from '@libp2p/interface'
import {
  parseEscrowAnswer,
  printEscrowMessage,
  type EscrowAnswer,
  type EscrowMessage,
} from '../../protocol/access/escrow-message.ts'
import { ACCESS_BYTES_MAX } from '../../protocol/limits.ts'
import { deadline } from '../deadline.ts'
import { chunksIn } from './ciphertext.ts'
import { Frames } from './framing.ts'
import { ANSWER_MS, DIAL_MS, FRAME_MS } from './limits.ts'

/** A signed statement, a sealed share and the words around them. */
const ANSWER_BYTES_MAX = ACCESS_BYTES_MAX + 256

/** Says one thing after the other to this peer. */
export function escrowTalk(connection: Connection, protocol: string, signal: AbortSignal) {
  return (message: EscrowMessage, ciphertext?: Uint8Array) =>
    askEscrow(connection, protocol, message, ciphertext, signal)
}

/** Undefined where the peer gave no answer of this protocol. Throws FrameError; leaves no stream open. */
export async function askEscrow(
  connection: Connection,
  protocol: string,
  message: EscrowMessage,
  ciphertext: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<EscrowAnswer | undefined> {
  const whole = deadline(signal, ANSWER_MS)
  const within = () => deadline(whole, FRAME_MS)
  const options = { signal: deadline(whole, DIAL_MS), negotiateFully: false }
  const frames = new Frames(await connection.newStream(protocol, options))
  const hear = async () => {
    const frame = await frames.read(ANSWER_BYTES_MAX, within())
    const answer = frame === undefined ? undefined : parseEscrowAnswer(frame)
    return answer?.ok === true ? answer.value : undefined
  }
  let answer: EscrowAnswer | undefined
  try {
    await frames.write(printEscrowMessage(message), within())
    answer = await hear()
    if (answer?.kind !== 'send') return answer
    answer = undefined
    if (ciphertext === undefined) return undefined
    for (const chunk of chunksIn(ciphertext)) await frames.write(chunk, within())
    answer = await hear()
    return answer
  } finally {
    if (answer === undefined) frames.abort(new Error('no answer is expected any more'))
    // Nobody waits for the other side to close too: what does not close in time is aborted.
    else void frames.end(deadline(signal, FRAME_MS)).catch(() => undefined)
  }
}
