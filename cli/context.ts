/** What every command works with: its home, the node behind it, and where it writes. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { clientOf, NodeError, socketIn, type Client } from '../node/api/client.ts'
import { readToken } from './token.ts'
import { wantsColour, write, type ColourChoice, type Io } from './io.ts'
import type { Look } from './look.ts'
import { safeJson } from './safe.ts'

export type GlobalOptions = {
  readonly home?: string
  readonly json?: boolean
  readonly color?: ColourChoice
  readonly input?: boolean
  readonly yes?: boolean
  readonly timeout?: number
  /** The file with the token of the operator who asks. */
  readonly operator?: string
}

export type Context = {
  readonly io: Io
  readonly home: string
  /** How this program was started, such as `candor` or `node dist/cli/main.js`. */
  readonly invocation: string
  readonly isJson: boolean
  readonly mayAsk: boolean
  readonly isYes: boolean
  readonly look: Look
  readonly client: Client
  /** The answer: text for people, or data in an envelope for programs. */
  readonly answer: (kind: string, data: unknown, text: () => readonly string[]) => Promise<void>
  /** One item of a stream of answers. */
  readonly print: (text: string) => Promise<void>
  /** Beside the answer, on stderr; nothing with --json. */
  readonly note: (text: string) => Promise<void>
  /** A command of ours as it must be typed here. */
  readonly typed: (command: string) => string
  readonly setExit: (code: number) => void
}

/** How long a command waits for its node. */
const TIMEOUT_SECONDS = 60

export function contextOf(
  io: Io,
  options: GlobalOptions,
  invocation: string,
  setExit: (code: number) => void,
): Context {
  const home = homeOf(io, options.home)
  const isJson = options.json === true
  const colour = wantsColour(io, options.color ?? 'auto')
  const look = { colour, width: widthOf(io) }
  const typed = (command: string) => typedIn(io, options.home, invocation, command)
  const timeoutMs = 1_000 * (options.timeout ?? TIMEOUT_SECONDS)
  const print = async (text: string) => {
    await write(io.stdout, `${text}\n`)
    io.gone.throwIfAborted()
  }
  return {
    io,
    home,
    invocation,
    isJson,
    mayAsk: options.input !== false && io.stdin.isTTY === true && !isJson,
    isYes: options.yes === true,
    look,
    client: clientOf({
      socket: socketIn(home),
      timeoutMs,
      startCommand: 'candor up',
      signal: io.gone,
      ...tokenIn(options),
    }),
    answer: (kind, data, text) => print(isJson ? envelope(kind, data) : text().join('\n')),
    print,
    note: (text) => (isJson ? Promise.resolve() : write(io.stderr, `${text}\n`)),
    typed,
    setExit,
  }
}

/** The contract for programs: a schema with a version that only ever grows. */
export function envelope(kind: string, data: unknown): string {
  return safeJson({ schema: `candor.cli/${kind}@1`, data })
}

export function homeOf(io: Io, option: string | undefined): string {
  const named = option ?? io.env['CANDOR_HOME'] ?? ''
  if (named !== '') return resolve(named)
  const data = io.env['XDG_DATA_HOME'] ?? ''
  return data === '' ? join(io.env['HOME'] ?? homedir(), '.local', 'share', 'candor') : join(data, 'candor')
}

/** `candor …` as it is typed here: with this invocation, and with the home when it was named. */
function typedIn(io: Io, home: string | undefined, invocation: string, command: string): string {
  if (command !== 'candor' && !command.startsWith('candor ')) return command
  const rest = command.slice('candor'.length)
  const isNamed = home !== undefined && !rest.includes('--home') && (io.env['CANDOR_HOME'] ?? '') !== home
  return `${invocation}${isNamed ? ` --home ${quoted(home)}` : ''}${rest}`
}

export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** Read once, when a command asks the node: help needs no token. */
function tokenIn({ operator }: GlobalOptions): { readonly token?: () => string } {
  if (operator === undefined) return {}
  const read: { token?: string } = {}
  return { token: () => (read.token ??= readToken(operator)) }
}

/** Columns of the terminal; some say 0, which is no width. */
function widthOf({ stdout }: Io): number | undefined {
  return stdout.isTTY === true && stdout.columns !== 0 ? stdout.columns : undefined
}

/** A refusal to guess: the words that were needed were not given. */
export function usage(message: string, fix?: string): NodeError {
  return new NodeError('USAGE', message, fix === undefined ? {} : { fix })
}
