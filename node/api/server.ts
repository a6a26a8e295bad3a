/**
 * The local API on a Unix socket. The file's permission is the credential, so the socket is 0600 from the first
 * moment anybody could open it: it is bound inside a private directory and then moved to its place.
 */
import { createAdaptorServer } from '@hono/node-server'
import { chmodSync, lstatSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createServer, Server } from 'node:http'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { NodeError } from '../errors.ts'
import { routesOf } from './routes.ts'
import type { Service } from './service.ts'
import { openSocketPath } from './socket-path.ts'

/** Commands at once, each with one connection. */
const CONNECTIONS_MAX = 64

/** A command sends its headers at once. Bodies may take as long as an import does. */
const HEADERS_TIMEOUT_MS = 10_000

/** How long a stopping node waits for answers under way. */
const STOP_TIMEOUT_MS = 2_000

export type ServerOptions = {
  /** Path of the socket; its directory is there. */
  readonly socket: string
  readonly service: Service
  /** Hears of errors nobody foresaw. */
  readonly onError: (error: unknown) => void
}

export class ApiServer {
  private readonly server: Server
  private readonly socket: string
  private readonly inode: number

  private constructor(server: Server, socket: string) {
    this.server = server
    this.socket = socket
    this.inode = lstatSync(socket).ino
  }

  /** Listens, in the place of a dead node's socket; refuses where a node answers already. */
  static async start({ socket, service, onError }: ServerOptions): Promise<ApiServer> {
    await refuseLive(socket)
    const { fetch } = routesOf(service, onError)
    const server = createAdaptorServer({
      fetch,
      createServer,
      overrideGlobalObjects: false,
      serverOptions: { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 },
    })
    if (!(server instanceof Server)) throw new Error('bug: the adaptor makes the server it is asked for')
    server.maxConnections = CONNECTIONS_MAX
    await listen(server, socket)
    server.on('error', onError)
    return new ApiServer(server, socket)
  }

  /** Lets answers under way finish, for a moment, and takes the socket away. */
  async stop({ waitMs = STOP_TIMEOUT_MS } = {}): Promise<void> {
    if (inodeOf(this.socket) === this.inode) rmSync(this.socket, { force: true })
    const timer = setTimeout(() => this.server.closeAllConnections(), waitMs)
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve())
      this.server.closeIdleConnections()
    })
    clearTimeout(timer)
  }
}

async function listen(server: Server, socket: string): Promise<void> {
  const directory = mkdtempIn(dirname(socket), socket)
  const path = join(directory, 's')
  const short = openSocketPath(path)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ path: short.path }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    chmodSync(path, 0o600)
    renameSync(path, socket)
  } catch (error) {
    server.close()
    throw new NodeError('IO_FAILED', `the API cannot listen on ${socket}`, { cause: error })
  } finally {
    short.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** A directory that only we may enter (0700), so that nobody opens the socket before its mode is set. */
function mkdtempIn(parent: string, socket: string): string {
  try {
    return mkdtempSync(join(parent, '.a-'))
  } catch (error) {
    throw new NodeError('IO_FAILED', `the API cannot listen on ${socket}`, { cause: error })
  }
}

/** A socket that nobody listens on is left from a node that died; one that answers belongs to a live one. */
async function refuseLive(socket: string): Promise<void> {
  const found = lstatSync(socket, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw new NodeError('CONFIGURATION', `${socket} is in the way: it is not a socket`)
  const isLive = await new Promise<boolean>((resolve) => {
    const short = openSocketPath(socket)
    const connection = connect(short.path)
    connection.on('close', short.close)
    connection.on('connect', () => {
      connection.destroy()
      resolve(true)
    })
    // Anything but a refusal (a full backlog, a missing permission) is no proof of death.
    connection.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
  if (isLive) {
    throw new NodeError('STORE_LOCKED', `a node is running in ${dirname(socket)} already`, {
      fix: `candor --home ${dirname(socket)} status`,
    })
  }
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino
}
