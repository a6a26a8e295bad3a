/** Progress on stderr for what takes longer than a second: one line on a terminal, now and then a line elsewhere. */
import type { Context } from './context.ts'

const QUIET_MS = 1_000
const TERMINAL_MS = 200
const PIPE_MS = 10_000

export class Progress {
  private readonly context: Context
  private readonly isTerminal: boolean
  private next: number
  private shown = false

  constructor(context: Context) {
    this.context = context
    const { stderr, env } = context.io
    this.isTerminal = stderr.isTTY === true && env['TERM'] !== 'dumb'
    this.next = Date.now() + QUIET_MS
  }

  /** Shows the text if it is time to. */
  at(text: () => string): void {
    const now = Date.now()
    if (this.context.isJson || now < this.next) return
    this.next = now + (this.isTerminal ? TERMINAL_MS : PIPE_MS)
    this.shown = true
    this.context.io.stderr.write(this.isTerminal ? `\r\u001b[K${text()}` : `${text()}\n`)
  }

  /** Leaves no half-written line behind. */
  done(): void {
    if (this.shown && this.isTerminal) this.context.io.stderr.write('\r\u001b[K')
  }
}
