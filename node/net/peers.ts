/**
 * What we think of peers: a score that bad input lowers and time heals, and a rate for requests. A ban acts on
 * new connections through the gater and on open ones at once.
 */
import type { Clock } from '../ports.ts'
import {
  REQUEST_BURST,
  REQUESTS_PER_SECOND,
  SCORE_BAN,
  SCORE_HALF_LIFE_MS,
  SCORE_MIN,
  SCORED_PEERS_MAX,
} from './limits.ts'

type Standing = { score: number; at: number; reason: string; allowance: number; allowedAt: number }

export class Peers {
  private readonly clock: Clock
  // Written by `penalise`, `mayAsk` and `forget` only.
  private readonly standings = new Map<string, Standing>()
  private readonly onBan: (peer: string, reason: string) => void

  constructor(clock: Clock, onBan: (peer: string, reason: string) => void) {
    this.clock = clock
    this.onBan = onBan
  }

  score(peer: string): number {
    const standing = this.standings.get(peer)
    return standing === undefined ? 0 : this.decayed(standing)
  }

  /** Why a peer's score is what it is: the last thing it did wrong. */
  reason(peer: string): string | undefined {
    return this.standings.get(peer)?.reason || undefined
  }

  isBanned(peer: string): boolean {
    return this.score(peer) <= SCORE_BAN
  }

  /** Lowers a peer's score for bad input; says so once when that bans it. */
  penalise(peer: string, by: number, reason: string): void {
    const wasBanned = this.isBanned(peer)
    const standing = this.standingOf(peer)
    standing.score = Math.max(SCORE_MIN, this.decayed(standing) + by)
    standing.at = this.clock.now()
    standing.reason = reason
    if (!wasBanned && standing.score <= SCORE_BAN) this.onBan(peer, reason)
  }

  /** Takes `cost` from a peer's allowance, or says no. */
  mayAsk(peer: string, cost = 1): boolean {
    const standing = this.standingOf(peer)
    const now = this.clock.now()
    const earned = (Math.max(0, now - standing.allowedAt) / 1_000) * REQUESTS_PER_SECOND
    standing.allowance = Math.min(REQUEST_BURST, standing.allowance + earned)
    standing.allowedAt = now
    if (standing.allowance < cost) return false
    standing.allowance -= cost
    return true
  }

  private decayed({ score, at }: Standing): number {
    return score * 0.5 ** (Math.max(0, this.clock.now() - at) / SCORE_HALF_LIFE_MS)
  }

  private standingOf(peer: string): Standing {
    const known = this.standings.get(peer)
    if (known !== undefined) return known
    if (this.standings.size >= SCORED_PEERS_MAX) this.forget()
    const now = this.clock.now()
    const standing = { score: 0, at: now, reason: '', allowance: REQUEST_BURST, allowedAt: now }
    this.standings.set(peer, standing)
    return standing
  }

  private forget(): void {
    const [best] = [...this.standings].toSorted(([, a], [, b]) => this.decayed(b) - this.decayed(a))
    if (best !== undefined) this.standings.delete(best[0])
  }
}
