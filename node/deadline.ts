import { setMaxListeners } from 'node:events'

/**
 * A signal that aborts after some time, or with another one. Not `AbortSignal.any` over `AbortSignal.timeout`: on Node 20
 * nothing keeps the two alive, so garbage collection takes them before they fire, and a peer that stands still is waited
 * for without end. A timer is held by the event loop.
 */
export function deadline(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController()
  if (signal.aborted) {
    controller.abort(signal.reason)
    return controller.signal
  }
  const onAbort = () => {
    clearTimeout(timer)
    controller.abort(signal.reason)
  }
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', onAbort)
    controller.abort(new DOMException('the time is over', 'TimeoutError'))
  }, ms)
  // What is waited for keeps a process alive, not the waiting.
  timer.unref()
  // A node's own signal has a listener for each thing that is being waited for; each goes with its timer.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', onAbort, { once: true })
  return controller.signal
}

/** A deadline that begins anew whenever something moved. One timer, however many frames a stream has. */
export class Patience {
  readonly signal: AbortSignal
  private readonly timer: NodeJS.Timeout
  private readonly from: AbortSignal
  private readonly onAbort: () => void

  constructor(from: AbortSignal, ms: number) {
    const controller = new AbortController()
    this.signal = controller.signal
    this.from = from
    this.onAbort = () => controller.abort(from.reason)
    this.timer = setTimeout(() => controller.abort(new DOMException('the time is over', 'TimeoutError')), ms)
    this.timer.unref()
    setMaxListeners(0, from)
    if (from.aborted) this.onAbort()
    else from.addEventListener('abort', this.onAbort, { once: true })
  }

  renew(): void {
    this.timer.refresh()
  }

  end(): void {
    clearTimeout(this.timer)
    this.from.removeEventListener('abort', this.onAbort)
  }
}
