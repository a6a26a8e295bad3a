/** A fake node behind a real socket, in a directory of its own that goes when the test ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientOf, NodeError, type Client, type Service } from '../../node/api/client.ts'
import { ApiServer } from '../../node/api/server.ts'
import { fakeService, type Fake } from './fake-service.ts'

export type Served = {
  readonly home: string
  readonly socket: string
  readonly fake: Fake
  readonly client: Client
  readonly errors: unknown[]
}

export async function serving(
  other: Partial<Service>,
  use: (served: Served) => Promise<void>,
  timeoutMs = 5_000,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'candor-api-'))
  const socket = join(home, 'api.sock')
  const fake = fakeService(other)
  const errors: unknown[] = []
  const server = await ApiServer.start({ socket, service: fake, onError: (error) => errors.push(error) })
  try {
    const client = clientOf({ socket, timeoutMs, startCommand: 'candor up' })
    await use({ home, socket, fake, client, errors })
  } finally {
    await server.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

type Answer = { status: number; type: string; body: string }
export type Sent = { method?: string; body?: string; type?: string }

/** A request as anybody could send it, without our client. */
export function raw(
  socket: string,
  path: string,
  { method = 'GET', body, type = 'application/json' }: Sent = {},
) {
  return new Promise<Answer>((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': type }
    const asked = request({ socketPath: socket, path, method, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk) => (text += chunk))
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', body: text })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Whether an error is ours, with this code and a text like this. */
export const refusal =
  (code: string, text = /./) =>
  (error: unknown) =>
    error instanceof NodeError && error.code === code && text.test(error.message)
