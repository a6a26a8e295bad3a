/** One at a time for each name: two requests that overlap could each be judged by what the other replaces. */
export class InTurn {
  // Written by `run` only; a name is here while something waits or runs under it.
  private readonly tails = new Map<string, Promise<unknown>>()

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.tails.get(name) ?? Promise.resolve()
    const run = before.then(work)
    const tail = run.catch(() => undefined)
    this.tails.set(name, tail)
    try {
      return await run
    } finally {
      if (this.tails.get(name) === tail) this.tails.delete(name)
    }
  }
}
