/** Work on one name at a time, in the order in which it came; different names do not wait for one another. */

export class Turns {
  private readonly tails = new Map<string, Promise<unknown>>()
  // Settles when no work is under way that lets no other begin. Written by `alone` only.
  private closed: Promise<unknown> = Promise.resolve()

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const run = Promise.all([this.closed, this.tails.get(name)]).then(work)
    const tail = run.catch(() => undefined)
    this.tails.set(name, tail)
    void tail.finally(() => {
      if (this.tails.get(name) === tail) this.tails.delete(name)
    })
    return run
  }

  /** Waits for all work that has begun, and lets none begin until this is done. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const run = Promise.all([this.closed, ...this.tails.values()]).then(work)
    this.closed = run.catch(() => undefined)
    return run
  }
}
