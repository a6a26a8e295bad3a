/**
 * Our witness over HTTP, for operators of other C2SP logs: `POST /add-checkpoint` and nothing else. Off unless the
 * operator turns it on; TLS is a proxy's work. What is cosigned is decided in `protocol/log/witness.ts`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ADD_CHECKPOINT_BYTES_MAX } from '../../protocol/log/add-checkpoint.ts'
import { NodeError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import {
  ANSWERS_MAX,
  HTTP_CONNECTIONS_MAX,
  HTTP_HEADER_BYTES_MAX,
  HTTP_IDLE_MS,
  HTTP_REQUEST_MS,
} from './limits.ts'
import { Peers } from './peers.ts'

export type HttpAnswer = {
  readonly status: number
  readonly body: Uint8Array
  readonly why: string | undefined
}

export type WitnessHttpOptions = {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  readonly answer: (body: Uint8Array) => Promise<HttpAnswer>
  readonly onError: (error: unknown) => void
}

/** A signature that is checked and a write that is synced: several small requests' worth. */
const COST = 2

export class WitnessHttp {
  private readonly server: Server
  private readonly options: WitnessHttpOptions
  private readonly peers: Peers
  private answering = 0

  private constructor(options: WitnessHttpOptions) {
    this.options = options
    this.peers = new Peers(options.clock, () => undefined)
    this.server = createServer(
      {
        maxHeaderSize: HTTP_HEADER_BYTES_MAX,
        headersTimeout: HTTP_REQUEST_MS,
        requestTimeout: HTTP_REQUEST_MS,
        keepAliveTimeout: HTTP_IDLE_MS,
        connectionsCheckingInterval: 1_000,
      },
      (request, response) => void this.handle(request, response),
    )
    this.server.maxConnections = HTTP_CONNECTIONS_MAX
  }

  static async start(options: WitnessHttpOptions): Promise<WitnessHttp> {
    const made = new WitnessHttp(options)
    const { server } = made
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(busy(options, error)))
      server.listen({ host: options.host, port: options.port }, resolve)
    })
    server.on('error', options.onError)
    return made
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve())
      this.server.closeAllConnections()
    })
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined)
    const refused = this.refusalOf(request)
    if (refused !== undefined) {
      // What is still to come is not read.
      response.writeHead(refused, { ...PLAIN, connection: 'close' }).end(() => request.destroy())
      return
    }
    this.answering += 1
    try {
      const body = await readBody(request)
      if (body === undefined) {
        response.writeHead(413, { ...PLAIN, connection: 'close' }).end(() => request.destroy())
        return
      }
      send(response, await this.options.answer(body))
    } catch (error) {
      if (!request.destroyed || request.complete) this.options.onError(error)
      if (!response.headersSent) response.writeHead(500, PLAIN).end()
    } finally {
      this.answering -= 1
    }
  }

  private refusalOf({ method, url, headers, socket }: IncomingMessage): number | undefined {
    if (url !== '/add-checkpoint') return 404
    if (method !== 'POST') return 405
    if (Number(headers['content-length'] ?? 0) > ADD_CHECKPOINT_BYTES_MAX) return 413
    const isBusy = this.answering >= ANSWERS_MAX || !this.peers.mayAsk(socket.remoteAddress ?? '', COST)
    return isBusy ? 429 : undefined
  }
}

const PLAIN = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } as const

function send(response: ServerResponse, { status, body, why }: HttpAnswer): void {
  const type = status === 409 ? { 'content-type': 'text/x.tlog.size' } : {}
  response.writeHead(status, { ...PLAIN, ...type })
  // C2SP tlog-witness leaves the bodies of other refusals open: a word for the log's operator.
  response.end(status === 200 || status === 409 ? body : `${why ?? 'refused'}\n`)
}

/** Undefined where it is longer than any request. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(part)) return undefined
    length += part.length
    if (length > ADD_CHECKPOINT_BYTES_MAX) return undefined
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function busy({ host, port }: WitnessHttpOptions, cause: unknown): NodeError {
  return new NodeError(
    'PORT_BUSY',
    `the witness cannot listen on ${host} port ${port}: the port is taken or the address is not ours`,
    { cause, fix: 'change witness.http.listen in candor.json' },
  )
}
