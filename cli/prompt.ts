/**
 * Questions, one after the other: numbered choices and plain lines, nothing redrawn, so that they work with a
 * screen reader, over a slow line and in a test.
 */
import { createInterface, type Interface } from 'node:readline'
import { NodeError } from '../node/api/client.ts'
import type { Io } from './io.ts'

export type Choice = { readonly value: string; readonly label: string }

/** Wrong answers to one question before giving up: what answers is no person. */
const TRIES_MAX = 5

export class Prompter {
  private readonly io: Io
  private readonly lines: AsyncIterator<string>
  private readonly reader: Interface

  constructor(io: Io) {
    this.io = io
    this.reader = createInterface({ input: io.stdin, terminal: false })
    this.lines = this.reader[Symbol.asyncIterator]()
  }

  close(): void {
    this.reader.close()
  }

  /** A line that passes `check`, which names what is wrong with it. */
  async line(
    question: string,
    check: (text: string) => string | undefined = () => undefined,
  ): Promise<string> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      this.io.stderr.write(`${question}\n> `)
      const answer = (await this.next()).trim()
      const wrong = check(answer)
      if (wrong === undefined) return answer
      this.io.stderr.write(`  ${wrong}\n`)
    }
    throw new NodeError('USAGE', 'no usable answer was given')
  }

  async optional(question: string, check: (text: string) => string | undefined = () => undefined) {
    const answer = await this.line(`${question} (empty to skip)`, (text) =>
      text === '' ? undefined : check(text),
    )
    return answer === '' ? undefined : answer
  }

  async choose(question: string, choices: readonly Choice[]): Promise<string> {
    const numbered = choices.map(({ label }, at) => `  ${String(at + 1).padStart(2)}  ${label}`)
    const answer = await this.line([question, ...numbered].join('\n'), (text) =>
      pick(choices, text) === undefined ? `a number from 1 to ${choices.length}` : undefined,
    )
    return pick(choices, answer) ?? ''
  }

  async yes(question: string): Promise<boolean> {
    return /^y(?:es)?$/i.test(await this.line(`${question} (yes or no)`))
  }

  private async next(): Promise<string> {
    const { done, value } = await this.lines.next()
    if (done === true) throw new NodeError('USAGE', 'the input ended before the questions did')
    return value
  }
}

function pick(choices: readonly Choice[], text: string): string | undefined {
  const at = /^\d{1,3}$/.test(text) ? Number(text) : 0
  return choices[at - 1]?.value ?? choices.find(({ value }) => value === text)?.value
}

/** Reads a line that is not shown. Only for terminals; elsewhere a passphrase comes from a file. */
export function hiddenLine(io: Io, question: string): Promise<string> {
  const { stdin, stderr } = io
  if (!('setRawMode' in stdin) || typeof stdin.setRawMode !== 'function') {
    throw new NodeError('USAGE', 'a passphrase is asked for on a terminal only', {
      fix: '--passphrase-file FILE',
    })
  }
  stderr.write(`${question} `)
  stdin.setRawMode(true)
  return new Promise((resolve, reject) => {
    let typed = ''
    const end = (settle: () => void) => {
      stdin.off('data', onData)
      if ('setRawMode' in stdin && typeof stdin.setRawMode === 'function') stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
      settle()
    }
    const onData = (chunk: Buffer) => {
      for (const letter of chunk.toString('utf8')) {
        if (letter === '\r' || letter === '\n') return end(() => resolve(typed))
        if (letter === '\u0003') return end(() => reject(new NodeError('INTERRUPTED', 'interrupted')))
        typed = letter === '\u007f' || letter === '\b' ? [...typed].slice(0, -1).join('') : typed + letter
      }
    }
    stdin.on('data', onData)
    stdin.resume()
  })
}
