/**
 * Recover before signing (DESIGN §4.2, spec 04 §6): a node that starts asks the other members for the newest head
 * of its own log that they ever saw, waits for k of them, and holds what they hold before it signs anything. A
 * restored backup that signs again would prove its honest owner a forger.
 *
 * Of n other members k = ⌊2n/3⌋ + 1 must answer, and of those connected all. The one exception is a first start:
 * keys that never signed, and an empty log. Then one answer is enough, or a coalition could only be founded with
 * everybody present; what makes it safe stands in `Keystore.renewLogKey`.
 */
import { quorum } from '../../protocol/log/cosignature.ts'
import type { NodeError } from '../errors.ts'
import type { Exchange } from '../sync/fetcher.ts'
import type { Clock } from '../ports.ts'

export type RecoveryState =
  | { readonly kind: 'asking'; readonly why: string }
  | { readonly kind: 'recovered'; readonly how: Recovered }
  | { readonly kind: 'forked'; readonly why: string }
  | { readonly kind: 'damaged'; readonly why: string; readonly error: NodeError }

/** `first`: nothing was ever signed. `restored`: this database, or the whole home, came back from a backup. */
export type Recovered = 'first' | 'current' | 'restored'

export type RecoveryParts = {
  readonly clock: Clock
  /** Peer ids of the other members that have a node. */
  readonly others: () => readonly string[]
  /** How many other members the charter names, whether their nodes are known or not. */
  readonly count: number
  readonly connected: () => ReadonlySet<string>
  readonly heldSize: () => number
  readonly hasSigned: boolean
  /** Whether the database is older than the keystore, or the other way round. */
  readonly isRestored: boolean
  /** What is wrong with our own log as it is stored. How far it went is not known then, so nobody's copy is enough. */
  readonly fault: NodeError | undefined
  readonly onRecovered: (how: Recovered) => void
}

/** Time in which members that are up find one another, before those connected count as all that can be reached. */
export const SETTLE_MS = 1_000

export class Recovery {
  private readonly parts: RecoveryParts
  private readonly since: number
  // Our own log as it was when this began, or was mended. Written by `repaired` only.
  private heldAtStart: number
  // The other members that answered. Written by `onExchange` only.
  private readonly answered = new Set<string>()
  // The largest head of our own log that anybody showed, members or not. Written by `onExchange` only.
  private newest = 0
  private state: RecoveryState = { kind: 'asking', why: 'no other member has answered yet' }

  constructor(parts: RecoveryParts) {
    this.parts = parts
    this.since = parts.clock.now()
    this.heldAtStart = parts.heldSize()
    const { fault } = parts
    if (fault !== undefined) this.state = { kind: 'damaged', why: fault.message, error: fault }
  }

  current(): RecoveryState {
    return this.state
  }

  /** Until then this node signs no heads and cosigns nobody's. */
  isRecovered(): boolean {
    return this.state.kind === 'recovered'
  }

  /** A peer told us its heads. */
  onExchange({ peer, own, agrees, told }: Pick<Exchange, 'peer' | 'own' | 'agrees' | 'told'>): void {
    if (this.state.kind !== 'asking') return
    this.newest = Math.max(this.newest, own)
    if (agrees && told && this.parts.others().includes(peer)) this.answered.add(peer)
    this.check()
  }

  /** Somebody showed a head of ours that contradicts what we hold: from now on nothing more is signed or shown. */
  onConflict(): void {
    const why = 'another member holds a head of our own log that this database contradicts'
    if (this.state.kind !== 'damaged') this.state = { kind: 'forked', why }
  }

  /** Our log was damaged and is whole again. `held`: how far this database itself knew that it goes. */
  repaired(held: number): void {
    if (this.state.kind !== 'damaged') return
    this.heldAtStart = held
    this.state = { kind: 'asking', why: 'the log was repaired; no other member has answered yet' }
    this.check()
  }

  /** Looks whether enough is known. Called after each answer and at each tick. */
  check(): void {
    if (this.state.kind !== 'asking') return
    const why = this.whyNot()
    if (why !== undefined) {
      this.state = { kind: 'asking', why }
      return
    }
    const how = this.how()
    this.state = { kind: 'recovered', how }
    this.parts.onRecovered(how)
  }

  private how(): Recovered {
    if (this.isFirst()) return 'first'
    // A crash loses no signed head: each is on disk before anybody hears of it. Only a backup is behind.
    return this.parts.isRestored || this.newest > this.heldAtStart ? 'restored' : 'current'
  }

  private isFirst(): boolean {
    return !this.parts.hasSigned && this.newest === 0 && this.parts.heldSize() === 0
  }

  private whyNot(): string | undefined {
    const { others, count, connected, heldSize, clock } = this.parts
    if (count === 0) return undefined
    const held = heldSize()
    if (this.newest > held) {
      return `own log is ahead elsewhere: other members hold ${this.newest} entries of it, this database ${held}`
    }
    const needed = this.isFirst() ? 1 : quorum(count)
    if (this.answered.size < needed) {
      return `${this.answered.size} of ${count} other members have said how far our own log reaches; ${needed} must`
    }
    // Whoever is up is heard before we sign: one of them may have seen a head that nobody else did.
    if (this.answered.size >= count) return undefined
    if (clock.now() - this.since < SETTLE_MS) return 'waiting for other members to connect'
    const open = connected()
    const silent = others().filter((peer) => open.has(peer) && !this.answered.has(peer))
    return silent.length > 0 ? `${silent.length} connected members have not answered yet` : undefined
  }
}
