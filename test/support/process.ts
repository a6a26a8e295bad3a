/** Real node processes: started as `candor-node run`, spoken to over their socket, ended by pid. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { clientOf, type Client } from '../../node/api/client.ts'
import type { Home } from '../../node/home.ts'

export type NodeProcess = {
  readonly child: ChildProcess
  readonly client: Client
  /** What it wrote to its log. */
  readonly log: () => string
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
}

const MAIN = 'dist/node/main.js'

/** Starts a node and waits until it serves its socket. */
export async function startNode(
  home: Home,
  charterFile: string,
  args: readonly string[] = [],
  runtimeArgs: readonly string[] = [],
): Promise<NodeProcess> {
  const given = ['run', '--home', home.directory, '--charter', charterFile, '--tick-ms', '500', ...args]
  const child = spawn(process.execPath, [...runtimeArgs, MAIN, ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const end = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return ended(child)
  }
  const client = clientOf({ socket: home.socket, timeoutMs: 60_000, startCommand: 'candor up' })
  await ready(child, () => log)
  return { child, client, log: () => log, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

/** Starts a node that must not come up; resolves to what it said. */
export async function failToStart(
  home: Home,
  args: readonly string[],
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [MAIN, 'run', '--home', home.directory, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await ended(child)
  return { code: child.exitCode, said }
}

function ready(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('the child has a pipe')
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"event":"ready"')) resolve()
      else reject(new Error(`the node did not start: ${line}\n${log()}`))
    })
    child.once('exit', (code) => reject(new Error(`the node ended (${code}) while starting\n${log()}`)))
  })
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}
