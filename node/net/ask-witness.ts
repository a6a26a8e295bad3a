/** Asking a connected node to cosign: one frame there, one back, every wait bounded. */
import type { Connection } from '@libp2p/interface'
import { parseWitnessAnswer, type WitnessAnswer } from '../../protocol/sync/witness.ts'
import { Frames } from './framing.ts'
import { DIAL_MS, FRAME_BYTES_MAX, FRAME_MS } from './limits.ts'
import { deadline } from '../deadline.ts'

/** Undefined where the peer gave no answer of this protocol. Throws FrameError; leaves no stream open. */
export async function askWitness(
  connection: Connection,
  protocol: string,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<WitnessAnswer | undefined> {
  const within = (ms: number) => deadline(signal, ms)
  const stream = await connection.newStream(protocol, { signal: within(DIAL_MS), negotiateFully: false })
  const frames = new Frames(stream)
  let isAnswered = false
  try {
    await frames.write(body, within(FRAME_MS))
    const frame = await frames.read(FRAME_BYTES_MAX, within(FRAME_MS))
    const answer = frame === undefined ? undefined : parseWitnessAnswer(frame)
    isAnswered = answer?.ok === true
    return answer?.ok === true ? answer.value : undefined
  } finally {
    if (isAnswered) await frames.end(within(FRAME_MS))
    else frames.abort(new Error('no answer is expected any more'))
  }
}
