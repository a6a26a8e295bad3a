/** Work on one name at a time, in the order in which it came; different names do not wait for one another. */

export class Turns {
  private readonly tails = new Map<string, Promise<unknown>>()

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.tails.get(name) ?? Promise.resolve()
    const run = before.then(work, work)
    const tail = run.catch(() => undefined)
    this.tails.set(name, tail)
    void tail.finally(() => {
      if (this.tails.get(name) === tail) this.tails.delete(name)
    })
    return run
  }
}
