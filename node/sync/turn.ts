/**
 * One answer's turn at a log. While it comes, nobody else writes into that log: a peer that stands still, or gives an entry every
 * few seconds, would keep a log from everybody, its quorum and the author's own questions about it included.
 */
export type TurnParts = {
  /** Whether somebody else waits for this log. */
  readonly isAwaited: () => boolean
  readonly signal: AbortSignal
  /** Milliseconds of any clock that does not jump. */
  readonly now: () => number
}

/** Without a chunk for this long, an answer that others wait behind is given up; its sender is slow. */
const STILL_MS_MAX = 2_000
/** From then on, an answer that others wait behind has to come at this rate; it ends without blame. */
const SLOW_AFTER_MS = 5_000
const ENTRIES_PER_SECOND_MIN = 50

export class Turn {
  /** Aborts with the node's own signal, or when the answer stands still while others wait. */
  readonly signal: AbortSignal
  private readonly parts: TurnParts
  private readonly still = new AbortController()
  private readonly timer: NodeJS.Timeout
  private readonly begun: number
  // Written by `took` only.
  private moved: number
  private entries = 0

  constructor(parts: TurnParts) {
    this.parts = parts
    this.begun = parts.now()
    this.moved = this.begun
    this.signal = this.still.signal
    this.timer = setInterval(() => this.look(), STILL_MS_MAX / 4)
    this.timer.unref()
    if (parts.signal.aborted) this.onAbort()
    else parts.signal.addEventListener('abort', this.onAbort, { once: true })
  }

  /** Counts entries that came. False when it is the others' turn. */
  took(entries: number): boolean {
    this.moved = this.parts.now()
    this.entries += entries
    const elapsed = this.moved - this.begun
    const isSlow = elapsed > SLOW_AFTER_MS && this.entries < (ENTRIES_PER_SECOND_MIN * elapsed) / 1_000
    return !(isSlow && this.parts.isAwaited())
  }

  end(): void {
    clearInterval(this.timer)
    this.parts.signal.removeEventListener('abort', this.onAbort)
  }

  private look(): void {
    if (this.parts.now() - this.moved > STILL_MS_MAX && this.parts.isAwaited()) this.still.abort()
  }

  private readonly onAbort = () => this.still.abort(this.parts.signal.reason)
}
