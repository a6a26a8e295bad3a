/** Progress on stderr: a bar on a terminal after a second, a line every ten elsewhere, nothing with --json. */
import type { Context } from './context.ts'
import { progressBar, progressLine } from './render/progress.ts'

const QUIET_MS = 1_000
const TERMINAL_MS = 200
const PIPE_MS = 10_000

/** Columns of a terminal that does not say how many it has. */
const COLUMNS = 80

/** What ends a command from outside. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

type Begun = { readonly what: string; readonly done: number; readonly at: number }

export class Progress {
  private readonly context: Pick<Context, 'io' | 'isJson'>
  private readonly now: () => number
  private readonly isTerminal: boolean
  private next: number
  private shown = false
  // Where counting began for what is being done now. Written by `entries` only.
  private begun: Begun | undefined

  constructor(context: Pick<Context, 'io' | 'isJson'>, now: () => number = Date.now) {
    this.context = context
    this.now = now
    const { stderr, env } = context.io
    this.isTerminal = stderr.isTTY === true && env['TERM'] !== 'dumb'
    // Where each line stays, what takes a few seconds leaves none.
    this.next = now() + (this.isTerminal ? QUIET_MS : PIPE_MS)
  }

  /** Shows how many entries of a log are done, if it is time to. Handed around as it is. */
  readonly entries = (origin: string, done: number, of: number): void => {
    const what = origin.split('/')[0] ?? ''
    const at = this.now()
    // A log that is gone through again is counted again.
    const begun = this.begun?.what === what && this.begun.done <= done ? this.begun : { what, done, at }
    this.begun = begun
    const reached = { what, done, of, lately: done - begun.done, elapsedMs: at - begun.at }
    const { columns = 0 } = this.context.io.stderr
    this.at(() =>
      this.isTerminal ? progressBar(reached, columns > 0 ? columns : COLUMNS) : progressLine(reached),
    )
  }

  /** Shows the text if it is time to. */
  at(text: () => string): void {
    const now = this.now()
    if (this.context.isJson || now < this.next) return
    this.next = now + (this.isTerminal ? TERMINAL_MS : PIPE_MS)
    this.shown = true
    this.context.io.stderr.write(this.isTerminal ? `\r\u001b[K${text()}` : `${text()}\n`)
  }

  /**
   * Until what comes back is called, an interruption leaves no half-written line behind and says this, with --json as well; then
   * the signal ends the process as it would have.
   */
  onInterruption(says: string): () => void {
    const end = (signal: NodeJS.Signals) => {
      this.done()
      this.context.io.stderr.write(`${says}\n`)
      off()
      process.kill(process.pid, signal)
    }
    const off = () => {
      for (const signal of SIGNALS) process.off(signal, end)
    }
    for (const signal of SIGNALS) process.on(signal, end)
    return off
  }

  /** Leaves no half-written line behind. */
  done(): void {
    if (this.shown && this.isTerminal) this.context.io.stderr.write('\r\u001b[K')
  }
}
