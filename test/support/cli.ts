/** Runs a command in this process with its own streams, as a terminal or as a pipe would. */
import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { run } from '../../cli/run.ts'
import type { Service } from '../../node/api/client.ts'
import { serving } from './api.ts'

export type Ran = { readonly exit: number; readonly out: string; readonly err: string }

export type RunOptions = {
  readonly input?: string
  /** Whether stdin and stdout are a terminal. */
  readonly isTerminal?: boolean
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
}

export async function candor(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input = '', isTerminal = false, columns, env = {} } = options
  const stdin = Object.assign(Readable.from([Buffer.from(input)]), { isTTY: isTerminal })
  const stdout = Object.assign(new PassThrough(), { isTTY: isTerminal, columns })
  const stderr = new PassThrough()
  const io = { stdin, stdout, stderr, env: { HOME: '/nowhere', ...env }, gone: new AbortController().signal }
  const [out, err] = [textOf(stdout), textOf(stderr)]
  const exit = await run(words, io, 'candor')
  stdout.end()
  stderr.end()
  return { exit, out: await out, err: await err }
}

async function textOf(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

/** Runs a command against a fake node. */
export async function asked(
  words: readonly string[],
  options: RunOptions = {},
  other: Partial<Service> = {},
) {
  const made: { ran?: Awaited<ReturnType<typeof candor>>; calls?: readonly string[] } = {}
  await serving(other, async ({ home, fake }) => {
    made.ran = await candor(['--home', home, ...words], options)
    made.calls = fake.calls
  })
  const { ran, calls } = made
  assert.ok(ran !== undefined && calls !== undefined)
  return { ...ran, calls }
}
