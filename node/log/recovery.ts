/**
 * Recover before signing (DESIGN §4.2): a node that starts asks the other members for its own newest head first.
 * Until those that can be reached have answered, and what they hold of our log is held here again, nothing is
 * signed. A restored backup that signs again would prove its honest owner a forger.
 *
 * The simple form: at least one other member, and every member connected now, must have answered. With no other
 * member in the charter there is nobody to ask.
 */
import type { NodeError } from '../errors.ts'
import type { Exchange } from '../sync/fetcher.ts'
import type { Clock } from '../ports.ts'

export type RecoveryState =
  | { readonly kind: 'asking'; readonly why: string }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'forked'; readonly why: string }
  | { readonly kind: 'damaged'; readonly why: string; readonly error: NodeError }

export type RecoveryParts = {
  readonly clock: Clock
  readonly ownOrigin: string
  /** Peer ids of the other members that have a node. */
  readonly others: () => readonly string[]
  readonly connected: () => ReadonlySet<string>
  readonly heldSize: () => number
  /** What is wrong with our own log as it is stored. How far it went is not known then, so nobody's copy is enough. */
  readonly fault: NodeError | undefined
  readonly onRecovered: () => void
}

/** Time in which members that are up find one another, before those connected count as all that can be reached. */
export const SETTLE_MS = 1_000

export class Recovery {
  private readonly parts: RecoveryParts
  private readonly since: number
  // The size of our own log at each member that answered. Written by `onExchange` only.
  private readonly answered = new Map<string, number>()
  private state: RecoveryState = { kind: 'asking', why: 'no other member has answered yet' }

  constructor(parts: RecoveryParts) {
    this.parts = parts
    this.since = parts.clock.now()
    const { fault } = parts
    if (fault !== undefined) this.state = { kind: 'damaged', why: fault.message, error: fault }
  }

  current(): RecoveryState {
    return this.state
  }

  isRecovered(): boolean {
    return this.state.kind === 'recovered'
  }

  /** A member told us its heads. */
  onExchange({ peer, heads, same }: Exchange): void {
    if (this.state.kind !== 'asking' || !this.parts.others().includes(peer)) return
    this.answered.set(peer, same ? this.parts.heldSize() : (heads.get(this.parts.ownOrigin) ?? 0))
    this.check()
  }

  /** Somebody showed a head of ours that contradicts what we hold. */
  onConflict(): void {
    const why = 'another member holds a head of our own log that this database contradicts'
    if (this.state.kind === 'asking') this.state = { kind: 'forked', why }
  }

  /** Looks whether enough is known. Called after each answer and at each tick. */
  check(): void {
    if (this.state.kind !== 'asking') return
    const why = this.whyNot()
    if (why !== undefined) {
      this.state = { kind: 'asking', why }
      return
    }
    this.state = { kind: 'recovered' }
    this.parts.onRecovered()
  }

  private whyNot(): string | undefined {
    const { others, connected, heldSize, clock } = this.parts
    if (others().length === 0) return undefined
    if (this.answered.size === 0) return 'no other member has answered yet'
    if (clock.now() - this.since < SETTLE_MS) return 'waiting for other members to connect'
    const open = connected()
    const silent = others().filter((peer) => open.has(peer) && !this.answered.has(peer))
    if (silent.length > 0) return `${silent.length} connected members have not answered yet`
    const newest = Math.max(...this.answered.values())
    const held = heldSize()
    if (newest > held) return `other members hold ${newest} entries of our own log, this database ${held}`
    return undefined
  }
}
