/**
 * What Node 20 lacks and libp2p 3 needs. Without it every dial fails with a misleading ECONNRESET and then an
 * uncaught exception ends the process, so this is the first import of every entry point, worker and test.
 */

Promise.withResolvers ??= function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T | PromiseLike<T>) => void = () => undefined
  let reject: (reason?: unknown) => void = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
