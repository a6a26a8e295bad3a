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
