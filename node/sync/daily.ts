/**
 * How much of another member's log is taken in a day (DESIGN §4.8). Entries below a head that a quorum confirmed do not count: enough
 * mirrors kept to the caps when they took them, and whoever joins later or was away catches up with years in an hour.
 */
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import type { CapFault } from '../../protocol/log/daily.ts'
import type { Clock, Operation } from '../ports.ts'
import type { DayCounts, Stop } from '../store/day-counts.ts'

export type DailyParts = {
  readonly counts: DayCounts
  readonly clock: Clock
  /** Our own log, when it comes back from others, was counted when it was written. */
  readonly ownOrigin: string
  /** The size of the largest head of a log that a quorum is known to have confirmed, held or not. */
  readonly confirmedSize: (origin: string) => number
  /** Hears of each stop once. */
  readonly onStop: (stopped: { readonly domain: string } & Stop) => void
}

/** How many of some entries are taken, and the rows to be written with them. */
export type Taken = {
  readonly fits: number
  readonly fault: CapFault | undefined
  readonly rows: readonly Operation[]
}

export class DailyIntake {
  private readonly parts: DailyParts

  constructor(parts: DailyParts) {
    this.parts = parts
  }

  /** Of entries of a log from this index on, with these sizes: how many are taken today. */
  take(origin: string, from: number, sizes: readonly number[]): Taken {
    const { counts, clock, onStop } = this.parts
    const free = Math.min(sizes.length, Math.max(0, this.freeBelow(origin) - from))
    if (free === sizes.length) return { fits: free, fault: undefined, rows: [] }
    const domain = domainOf(origin)
    const before = counts.stopOf(domain, clock.now())
    const { fits, fault, rows } = counts.take(domain, clock.now(), sizes.slice(free))
    const stop = counts.stopOf(domain, clock.now())
    if (before === undefined && stop !== undefined) onStop({ domain, ...stop })
    return { fits: free + fits, fault, rows }
  }

  /** Why a log of which this much is held does not grow here today. */
  stopOf(origin: string, held: number): Stop | undefined {
    if (held < this.freeBelow(origin)) return undefined
    return this.parts.counts.stopOf(domainOf(origin), this.parts.clock.now())
  }

  private freeBelow(origin: string): number {
    return origin === this.parts.ownOrigin ? Number.MAX_SAFE_INTEGER : this.parts.confirmedSize(origin)
  }
}

function domainOf(origin: string): string {
  const read = parseOrigin(origin)
  return read.ok ? read.value.domain : origin
}
