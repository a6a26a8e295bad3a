/** Asking a peer: one stream, one request, frames until the answer says why it ended. Every wait is bounded. */
import type { Connection } from '@libp2p/interface'
import { parseAnswer, printRequest, type Answer, type Request } from '../../protocol/sync/message.ts'
import { Frames } from './framing.ts'
import { ANSWER_MS, DIAL_MS, FRAME_BYTES_MAX, FRAME_MS } from './limits.ts'
import { deadline } from '../deadline.ts'

export class AskError extends Error {
  readonly fault: 'message-cbor' | 'message-shape' | 'unended'

  constructor(fault: AskError['fault']) {
    super(`the answer is not one of this protocol: ${fault}`)
    this.fault = fault
  }
}

/** Yields the parts of an answer, its end last. Throws FrameError or AskError; leaves no stream open. */
export async function* ask(
  connection: Connection,
  protocol: string,
  request: Request,
  signal: AbortSignal,
): AsyncGenerator<Answer> {
  const whole = deadline(signal, ANSWER_MS)
  const stream = await connection.newStream(protocol, {
    signal: deadline(signal, DIAL_MS),
    negotiateFully: false,
  })
  const frames = new Frames(stream)
  let ended = false
  try {
    await frames.write(printRequest(request), within(whole))
    for (;;) {
      const frame = await frames.read(FRAME_BYTES_MAX, within(whole))
      if (frame === undefined) throw new AskError('unended')
      const answer = parseAnswer(frame)
      if (!answer.ok) throw new AskError(answer.fault)
      ended = answer.value.t === 'end'
      yield answer.value
      if (ended) return
    }
  } finally {
    if (ended) await frames.end(within(signal))
    else frames.abort(new Error('the answer is not wanted any more'))
  }
}

function within(signal: AbortSignal): AbortSignal {
  return deadline(signal, FRAME_MS)
}
