/**
 * Whether this node has heard enough of the others, lately enough, to know that nothing was revoked: k other members
 * gave heads over connections that prove them, each with its log confirmed within the charter's bound, and every
 * entry below those heads is held. DESIGN §6, spec 06 §5.
 */
import { quorum } from '../../protocol/log/cosignature.ts'
import type { Clock } from '../ports.ts'

export type FreshnessParts = {
  readonly clock: Clock
  readonly others: number
  readonly boundSeconds: number
  /** When a quorum last confirmed the head of a member's open log, in seconds since 1970. */
  readonly confirmedAt: (domain: string) => number | undefined
  /** Whether everything below this head of a log is held here. */
  readonly holds: (origin: string, size: number) => boolean
}

export class Freshness {
  private readonly parts: FreshnessParts
  // When each member last gave us heads below which everything is held. Written by `heard` only.
  private readonly byDomain = new Map<string, number>()
  // Heads of which something was missing when they were given: counted as soon as it is here.
  private readonly awaited = new Map<string, { at: number; heads: ReadonlyMap<string, number> }>()

  constructor(parts: FreshnessParts) {
    this.parts = parts
  }

  /** A member answered with its heads. */
  heard(domain: string, heads: ReadonlyMap<string, number>): void {
    this.awaited.set(domain, { at: this.seconds(), heads })
    this.settle(domain)
  }

  isFresh(): boolean {
    const { others, boundSeconds, confirmedAt } = this.parts
    if (others === 0) return true
    const now = this.seconds()
    // A clock that was set back must not make an old answer new.
    const isRecent = (at: number | undefined) => at !== undefined && Math.abs(now - at) <= boundSeconds
    for (const domain of this.awaited.keys()) this.settle(domain)
    const fresh = [...this.byDomain].filter(([domain, at]) => isRecent(at) && isRecent(confirmedAt(domain)))
    return fresh.length >= quorum(others)
  }

  private settle(domain: string): void {
    const awaited = this.awaited.get(domain)
    if (awaited === undefined) return
    if (![...awaited.heads].every(([origin, size]) => this.parts.holds(origin, size))) return
    this.awaited.delete(domain)
    this.byDomain.set(domain, awaited.at)
  }

  private seconds(): number {
    return Math.floor(this.parts.clock.now() / 1_000)
  }
}
