/** Heads that their authors signed and whose entries nobody gives: since when that is so. */
import { sizeOf } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'

export type Awaited = { readonly size: number; readonly since: number }

export class Withheld {
  // By origin. An entry starts anew whenever the log grows by something.
  private readonly awaited = new Map<string, Awaited & { readonly held: number }>()

  /** Looks at what is held now. */
  look(logs: Logs, now: number): void {
    for (const { origin, pending, edge } of logs.all()) {
      const size = sizeOf(pending)
      const known = this.awaited.get(origin)
      if (size <= edge.size) this.awaited.delete(origin)
      else if (known?.held !== edge.size) this.awaited.set(origin, { size, since: now, held: edge.size })
    }
  }

  of(origin: string): Awaited | undefined {
    return this.awaited.get(origin)
  }
}
