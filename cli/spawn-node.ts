/**
 * Starting `candor-node`, which holds the keys. A passphrase goes through an inherited pipe: arguments and the
 * environment can be read by others on the machine.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ERRORS, NodeError, type ErrorCode } from '../node/api/client.ts'
import type { Context } from './context.ts'
import { hiddenLine } from './prompt.ts'

const NODE_MAIN = fileURLToPath(new URL('../node/main.js', import.meta.url))

/** What `candor-node` says, one JSON object a line. */
export type NodeEvent = { readonly event: string; readonly [key: string]: unknown }

export type Passphrase = string | undefined

/** Where the output of a started node goes: its answers to us and its log to our stderr or nowhere, or all to a file. */
export type NodeOutput = 'shown' | 'quiet' | { readonly logFile: number }

export function spawnNode(
  words: readonly string[],
  passphrase: Passphrase,
  output: NodeOutput,
  phrase?: string,
): ChildProcess {
  const isDetached = typeof output === 'object'
  const secrets = [
    { option: '--passphrase-fd', fd: 3, text: passphrase },
    { option: '--words-fd', fd: 4, text: phrase },
  ]
  const given = secrets.filter(({ text }) => text !== undefined)
  const options = given.flatMap(({ option, fd }) => [option, String(fd)])
  const out = isDetached ? output.logFile : 'pipe'
  const child = spawn(process.execPath, [NODE_MAIN, ...words, ...options], {
    detached: isDetached,
    stdio: [
      'ignore',
      out,
      isDetached ? output.logFile : output === 'shown' ? 'inherit' : 'ignore',
      ...secrets.map(({ text }) => (text === undefined ? 'ignore' : 'pipe')),
    ],
  })
  for (const { fd, text } of given) hand(child, fd, text ?? '')
  return child
}

function hand(child: ChildProcess, fd: number, text: string): void {
  const pipe = child.stdio[fd]
  if (pipe === null || pipe === undefined || !('end' in pipe)) return
  // A node that ends before it reads says why itself.
  pipe.on('error', () => undefined)
  // The node keeps its end open; ours must go, or it holds this process for as long as the node runs.
  pipe.end(`${text}\n`, () => pipe.destroy())
}

/** The events of a node as it says them. */
export async function* eventsOf(child: ChildProcess): AsyncGenerator<NodeEvent> {
  if (child.stdout === null) return
  for await (const line of createInterface({ input: child.stdout })) {
    const event = readEvent(line)
    if (event !== undefined) yield event
  }
}

/** Runs one act of the node to its end and answers with what it said. */
export async function actOfNode(
  words: readonly string[],
  passphrase: Passphrase,
  phrase?: string,
): Promise<NodeEvent> {
  const child = spawnNode(words, passphrase, 'quiet', phrase)
  let last: NodeEvent | undefined
  for await (const event of eventsOf(child)) last = event
  if (last === undefined) throw new NodeError('IO_FAILED', 'candor-node ended without an answer')
  if (last.event === 'failed') throw failureOf(last)
  return last
}

/** Does it without a passphrase; if the keystore has one, asks for it and does it again. */
export async function withPassphrase<T>(
  context: Context,
  file: string | undefined,
  act: (passphrase: Passphrase) => Promise<T>,
): Promise<T> {
  const given = readPassphrase(file)
  try {
    return await act(given)
  } catch (error) {
    const isNeeded = error instanceof NodeError && error.code === 'PASSPHRASE_NEEDED' && given === undefined
    if (!isNeeded) throw error
    if (!context.mayAsk) {
      throw new NodeError('PASSPHRASE_NEEDED', error.message, {
        cause: error,
        fix: 'the same with --passphrase-file FILE',
      })
    }
    return act(await hiddenLine(context.io, 'Passphrase of the keystore:'))
  }
}

/** A passphrase from a file, such as a credential of systemd; without its last newline. */
export function readPassphrase(file: string | undefined): Passphrase {
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new NodeError('NOT_FOUND', `the passphrase file ${file} cannot be read`, { cause: error })
  }
}

export function failureOf({ code, message, fix }: NodeEvent): NodeError {
  const known: ErrorCode = isCode(code) ? code : 'IO_FAILED'
  const text = typeof message === 'string' ? message : 'candor-node failed'
  return new NodeError(known, text, typeof fix === 'string' ? { fix } : {})
}

export function readEvent(line: string): NodeEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const isEvent = typeof value === 'object' && value !== null && 'event' in value
    return isEvent && typeof value.event === 'string' ? { ...value, event: value.event } : undefined
  } catch {
    return undefined
  }
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code)
}
