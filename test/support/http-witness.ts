/** A C2SP witness behind HTTP as a stranger might run it: by the same pure rules, or lying as a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { native } from '../../node/keys/native.ts'
import { parseAddCheckpoint, printCosignatureLines } from '../../protocol/log/add-checkpoint.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { cosign } from '../../protocol/log/cosignature.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { judgeAddCheckpoint, type WitnessRecord } from '../../protocol/log/witness.ts'
import type { NoteSignature } from '../../protocol/log/note.ts'
import { freePort } from './port.ts'
import { testKey, type TestKey } from './notes.ts'

export type HttpWitness = {
  readonly url: string
  readonly name: string
  readonly key: PublicKey
  /** Requests that came. */
  readonly count: () => number
  /** What is answered; the honest answer until a test says otherwise. */
  answer: (body: Uint8Array, response: ServerResponse) => void
  readonly honest: HttpWitness['answer']
  readonly stop: () => Promise<void>
}

/** Starts one that accepts logs whose keys `logKeyOf` knows. */
export async function startHttpWitness(
  name: string,
  number: number,
  logKeyOf: (origin: string) => PublicKey | undefined,
): Promise<HttpWitness> {
  const own = testKey(number)
  const records = new Map<string, WitnessRecord>()
  const honest = (body: Uint8Array, response: ServerResponse) =>
    answerHonestly({ name, own, records, logKeyOf }, body, response)
  let count = 0
  const port = await freePort()
  const server = createServer((request, response) => {
    count += 1
    void bodyOf(request).then((body) => witness.answer(body, response))
  })
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve)
  })
  const witness: HttpWitness = {
    url: `http://127.0.0.1:${port}/w/`,
    name,
    key: own.key,
    count: () => count,
    answer: honest,
    honest,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return witness
}

/** A line of this key over the head in a request, at a time in seconds. */
export function lineOver(body: Uint8Array, name: string, own: TestKey, time: number): NoteSignature {
  const request = parseAddCheckpoint(body)
  const signed = request.ok ? parseSignedCheckpoint(request.value.note) : request
  if (!signed.ok) throw new Error('bug: the request is readable')
  return cosign(native, { name, key: own.key }, { text: signed.value.note.text, time }, own.sign)
}

type Honest = {
  readonly name: string
  readonly own: TestKey
  readonly records: Map<string, WitnessRecord>
  readonly logKeyOf: (origin: string) => PublicKey | undefined
}

function answerHonestly(
  { name, own, records, logKeyOf }: Honest,
  body: Uint8Array,
  response: ServerResponse,
): void {
  const request = parseAddCheckpoint(body)
  const signed = request.ok ? parseSignedCheckpoint(request.value.note) : request
  if (!request.ok || !signed.ok) return void response.writeHead(400).end()
  const { origin } = signed.value.checkpoint
  const key = logKeyOf(origin)
  const state = { record: records.get(origin), logKeys: key && [key], isFrozen: false }
  const judged = judgeAddCheckpoint(native, state, request.value, Math.floor(Date.now() / 1_000))
  if (judged.kind === 'refuse') {
    response.writeHead(judged.status, judged.status === 409 ? { 'content-type': 'text/x.tlog.size' } : {})
    return void response.end(judged.size === undefined ? '' : `${judged.size}\n`)
  }
  records.set(origin, judged.record)
  response.end(printCosignatureLines([lineOver(body, name, own, judged.record.time)]))
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = []
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}
