/** One HTTP request over the node's socket, with its bounds: what `client.ts` is made of. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { NodeError } from '../errors.ts'
import { errorOf, PROBLEM_MEDIA_TYPE } from './problem.ts'
import { openSocketPath } from './socket-path.ts'

export type Connection = {
  readonly socket: string
  /** How long an answer may take to begin, and a stream to go on. */
  readonly timeoutMs?: number
  /** What to type when no node answers. */
  readonly startCommand?: string
  readonly signal?: AbortSignal
  /** The token of the operator who asks. Read when it is needed, from a file that only they can read. */
  readonly token?: () => string | undefined
}

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: { readonly [name: string]: string | number | boolean | undefined }
  readonly json?: unknown
  readonly stream?: AsyncIterable<Uint8Array>
}

/** A node under load answers later, a dead one never. */
const TIMEOUT_MS = 60_000

const START_COMMAND = 'candor up'

/** Bytes of one answer that is read whole. A page of records stays far below. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** The answer with its body still to be read. Throws what a problem document says. */
export async function send(connection: Connection, call: Call): Promise<IncomingMessage> {
  const answer = await exchange(connection, call)
  if (answer.statusCode !== undefined && answer.statusCode < 300) return answer
  const body = await readAll(answer, connection)
  if (answer.headers['content-type'] !== PROBLEM_MEDIA_TYPE) throw errorOf(undefined)
  throw errorOf(parseJson(body))
}

export async function sendForJson<T>(connection: Connection, call: Call): Promise<T> {
  return parseJson(await readAll(await send(connection, call), connection))
}

export async function sendForBytes(connection: Connection, call: Call): Promise<Uint8Array> {
  return readAll(await send(connection, call), connection)
}

/** Lines of JSON as they come; a `failed` line is thrown, an early end too. */
export async function* sendForLines<T>(connection: Connection, call: Call): AsyncGenerator<T> {
  const answer = await send(connection, call)
  let rest = ''
  answer.setEncoding('utf8')
  try {
    for await (const chunk of answer) {
      const [first = '', ...others] = String(chunk).split('\n')
      const lines = [rest + first, ...others]
      rest = lines.pop() ?? ''
      for (const line of lines) yield itemOf<T>(line)
    }
  } catch (error) {
    throw error instanceof NodeError ? error : unreachable(connection, error)
  }
  if (rest !== '' || !answer.complete) throw lost(connection)
}

function itemOf<T>(line: string): T {
  const value = parseJson(Buffer.from(line))
  if (value?.event === 'failed') throw errorOf(value.problem)
  return value
}

function exchange(connection: Connection, call: Call): Promise<IncomingMessage> {
  const { socket, timeoutMs = TIMEOUT_MS, signal } = connection
  const { method, path, query, json, stream } = call
  const token = connection.token?.()
  const short = openSocketPath(socket)
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      socketPath: short.path,
      method,
      path: path + printQuery(query),
      timeout: timeoutMs,
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(signal === undefined ? {} : { signal }),
    })
    let broken: unknown
    request.on('timeout', () => {
      broken = new NodeError('NODE_UNREACHABLE', `the node did not answer within ${timeoutMs / 1_000} s`, {
        fix: 'candor status --timeout 120',
      })
      request.destroy()
    })
    request.on('error', (error) => reject(broken ?? unreachable(connection, error)))
    request.on('close', short.close)
    request.on('response', (answer) => {
      // A node that answers before it has read the whole body does not want the rest; nobody waits for its end.
      answer.once('end', () => {
        if (!request.writableFinished) request.destroy()
      })
      resolve(answer)
    })
    if (stream === undefined) {
      request.end(json === undefined ? undefined : JSON.stringify(json))
      return
    }
    // A reader of ours that fails (a file that vanished) ends the request; a node that answers early ends the reading.
    const source = Readable.from(stream, { objectMode: false })
    source.on('error', (error) => {
      broken = error
      request.destroy(error)
    })
    request.on('close', () => source.destroy())
    source.pipe(request)
  })
}

async function readAll(answer: IncomingMessage, connection: Connection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of answer) {
      bytes += chunk.length
      if (bytes > ANSWER_BYTES_MAX) throw new NodeError('TOO_LARGE', 'the answer of the node is too long')
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof NodeError ? error : lost(connection, error)
  }
  return Buffer.concat(chunks)
}

function printQuery(query: Call['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text === '' ? '' : `?${text}`
}

function parseJson(bytes: Uint8Array) {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    throw errorOf(error)
  }
}

function unreachable({ socket, startCommand = START_COMMAND }: Connection, error: unknown): NodeError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EACCES') {
    return new NodeError('NOT_ALLOWED', `you may not open ${socket}: it belongs to another user`, {
      cause: error,
    })
  }
  const isAbsent = code === 'ENOENT' || code === 'ECONNREFUSED'
  if (!isAbsent) return lost({ startCommand }, error)
  return new NodeError('NODE_UNREACHABLE', `no node is running here (nothing answers at ${socket})`, {
    cause: error,
    fix: startCommand,
  })
}

function lost(
  { startCommand = START_COMMAND }: Pick<Connection, 'startCommand'>,
  cause?: unknown,
): NodeError {
  return new NodeError('NODE_UNREACHABLE', 'the node went away before its answer was complete', {
    cause,
    fix: startCommand,
  })
}
