/**
 * Anti-entropy: heads are exchanged with a peer on connecting and at intervals, and what is missing is fetched.
 * Completeness rests on this; gossip only makes it quick. DESIGN §8.
 */
import type { Connection } from '@libp2p/interface'
import { unreachable } from '../../protocol/assert.ts'
import { LOGS_MAX } from '../../protocol/limits.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { ask, AskError } from '../net/ask.ts'
import { FrameError } from '../net/framing.ts'
import { SCORE_LIE, SCORE_MALFORMED, SCORE_SLOW } from '../net/limits.ts'
import type { Peers } from '../net/peers.ts'
import { equal } from '../../protocol/bytes.ts'
import type { Evidence } from '../evidence/evidence.ts'
import type { Clock } from '../ports.ts'
import type { Logs } from '../store/logs.ts'
import { fetchCosigned, fetchStated, type Cosigned, type Recollecting } from './cosigned.ts'
import { explain, type Explained } from './doubt.ts'
import { ForgedLines, type ForgedParts } from './forged.ts'
import type { FrontierAnswer } from '../../protocol/sync/message.ts'
import { completeSize, frontierDigest } from './answerer.ts'
import { ProofFetcher } from './proof-fetcher.ts'
import type { Received, Verifier } from './verifier.ts'

/** What one exchange with a peer came to: for `status`, and for recovering our own log. */
export type Exchange = {
  readonly peer: string
  /** The peer's head of each log, as it answered. */
  readonly heads: ReadonlyMap<string, number>
  readonly same: boolean
  /** The size of the newest head of our own log that the peer ever saw, among those that we did sign. */
  readonly own: number
  /** Whether the head of our own log that the peer holds was compared with what is held here, and agrees. */
  readonly agrees: boolean
  /** Whether the peer said what it knows of our own cosigners, where that was asked. */
  readonly told: boolean
  readonly stored: number
  readonly skipped: readonly Skipped[]
}

export type Skipped = { readonly origin: string; readonly reason: string }

export type FetcherParts = {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly logs: Logs
  readonly verifier: Verifier
  readonly peers: Peers
  readonly evidence: Evidence
  readonly cosigned: Cosigned
  readonly recollecting: Recollecting
  readonly protocol: string
  readonly isMember: (origin: string) => boolean
  /** Our own log: heads of it count only when we signed them. */
  readonly own: { readonly origin: string; readonly isOurs: (signed: SignedCheckpoint) => boolean }
  readonly endOf: (origin: string) => number | undefined
  readonly onRefused: (peer: string, received: Extract<Received, { kind: 'refused' }>) => void
  readonly onForged: ForgedParts['onForged']
}

type Running = {
  readonly done: Promise<Exchange | undefined>
  next: Promise<Exchange | undefined> | undefined
}

const FROZEN = 'frozen: its author signed two histories'

export class Fetcher {
  private readonly parts: FetcherParts
  // The exchange that is under way with a peer, and the one that was wanted meanwhile. Written by `exchange` only.
  private readonly running = new Map<string, Running>()
  private readonly proofs: ProofFetcher
  private readonly forged: ForgedLines
  // Peers that are asked what a head continues. Written by `explain` only.
  private readonly explaining = new Set<string>()
  // Logs that a peer is being asked for. Written by `fetch` only.
  private readonly fetching = new Set<string>()

  constructor(parts: FetcherParts) {
    this.parts = parts
    this.proofs = new ProofFetcher(parts)
    this.forged = new ForgedLines({
      ...parts,
      exchange: (connection, signal) => this.exchange(connection, signal),
    })
  }

  /** Exchanges heads with a peer and fetches what is missing. Undefined when the peer did not answer. */
  exchange(connection: Connection, signal: AbortSignal): Promise<Exchange | undefined> {
    const peer = connection.remotePeer.toString()
    const running = this.running.get(peer)
    if (running !== undefined) {
      // Whoever asks meanwhile gets an exchange that begins after this one. Nobody waits for more than that: where each takes
      // longer than the time between two of them, what a peer answered would never be heard of.
      running.next ??= running.done.then((answered) =>
        answered === undefined || signal.aborted ? undefined : this.exchange(connection, signal),
      )
      return running.next
    }
    const done = this.exchangeOnce(connection, signal).finally(() => this.running.delete(peer))
    this.running.set(peer, { done, next: undefined })
    return done
  }

  private async exchangeOnce(connection: Connection, signal: AbortSignal): Promise<Exchange | undefined> {
    const peer = connection.remotePeer.toString()
    const answer = await this.askFrontier(connection, signal)
    if (answer === undefined) return undefined
    const heads = new Map<string, number>()
    const skipped: Skipped[] = []
    let own = this.ownIn(peer, answer)
    let agrees = true
    let stored = 0
    for (const note of answer.notes.slice(0, LOGS_MAX)) {
      const signed = parseSignedCheckpoint(note)
      if (!signed.ok) {
        this.parts.peers.penalise(peer, SCORE_MALFORMED, `a head that is not one: ${signed.fault}`)
        continue
      }
      const { origin, size } = signed.value.checkpoint
      if (origin === this.parts.own.origin && !this.parts.own.isOurs(signed.value)) {
        // Anybody could keep us from signing with a head of ours that is larger than the real one.
        this.parts.peers.penalise(peer, SCORE_LIE, 'a head of our own log that we did not sign')
        continue
      }
      heads.set(origin, size)
      const outcome = await this.consider(connection, note, origin, size, signal)
      if (origin === this.parts.own.origin) {
        own = Math.max(own, size)
        agrees = outcome === 'stored' || outcome === 'held'
      }
      if (outcome === 'stored') stored += 1
      else if (outcome !== 'held') skipped.push({ origin, reason: outcome })
    }
    agrees = (await this.agreesWith(peer, answer.seen)) && agrees
    await this.unlessBroken(connection, this.proofs.fetch(connection, answer.struck, signal))
    await this.fetchCosigned(connection, answer.cosigned, signal)
    const told = await this.fetchStated(connection, signal)
    return { peer, heads, same: answer.same, own, agrees, told, stored, skipped }
  }

  private async fetchCosigned(
    connection: Connection,
    digest: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const { cosigned, protocol } = this.parts
    const answer = fetchCosigned(cosigned, protocol, connection, digest, signal)
    const note = await this.unlessBroken(connection, answer)
    // The exchange that this takes begins after the one that is under way, which must not wait for it.
    if (note !== undefined) void this.doubtLines(connection, note, signal).catch(() => undefined)
  }

  /** A note with a line that was forged: the peer that gave it pays, unless it may know a key that is not known here. */
  doubtLines(connection: Connection, note: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.forged.judge(connection, note, signal)
  }

  private async fetchStated(connection: Connection, signal: AbortSignal): Promise<boolean> {
    const { recollecting, protocol } = this.parts
    if (!recollecting.isNeeded()) return true
    return (
      (await this.unlessBroken(connection, fetchStated(recollecting, protocol, connection, signal))) === true
    )
  }

  /** An answer that breaks off costs its peer, and ends no exchange. */
  private async unlessBroken<T>(connection: Connection, answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof AskError)) throw error
      this.brokenOff(connection, error)
      return undefined
    }
  }

  /** Entries that do not lead to the head they came with: the peer says what it continues, or pays. */
  async doubt(connection: Connection, note: Uint8Array, signal: AbortSignal): Promise<Explained> {
    const peer = connection.remotePeer.toString()
    try {
      const explained = await explain(this.parts, connection, note, signal)
      if (explained === 'lie') this.parts.peers.penalise(peer, SCORE_LIE, 'chunk-inclusion')
      if (explained === 'ours') this.parts.onRefused(peer, contradicted(this.parts.own.origin))
      return explained
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof AskError)) throw error
      this.brokenOff(connection, error)
      return 'open'
    }
  }

  /** As `doubt`, of a head that somebody else may have shown: whatever the peer answers, it pays for nothing. Throws what `ask` throws. */
  async explain(connection: Connection, note: Uint8Array, signal: AbortSignal): Promise<void> {
    const peer = connection.remotePeer.toString()
    // Anybody can make us ask: one question at a time.
    if (this.explaining.has(peer)) return
    this.explaining.add(peer)
    try {
      await explain(this.parts, connection, note, signal)
    } finally {
      this.explaining.delete(peer)
    }
  }

  /** The newest head of our own log that a peer says it ever saw. */
  private ownIn(peer: string, { same, seen }: FrontierAnswer): number {
    const { own, logs, peers } = this.parts
    const held = logs.get(own.origin)
    const known = same && held !== undefined ? completeSize(held) : 0
    if (seen === null) return known
    const signed = parseSignedCheckpoint(seen)
    if (signed.ok && signed.value.checkpoint.origin === own.origin && own.isOurs(signed.value)) {
      return Math.max(known, signed.value.checkpoint.size)
    }
    peers.penalise(peer, SCORE_LIE, 'a head of our own log that we did not sign')
    return known
  }

  /**
   * Compares the newest head of our own log that a peer ever saw with what is held here. Larger than all that we hold, it is
   * kept in mind; where it is no prefix of it, this database is not the one that signed it.
   */
  private async agreesWith(peer: string, seen: Uint8Array | null): Promise<boolean> {
    const { own, logs, verifier } = this.parts
    const signed = seen === null ? undefined : parseSignedCheckpoint(seen)
    if (seen === null || signed?.ok !== true) return true
    if (signed.value.checkpoint.origin !== own.origin || !own.isOurs(signed.value)) return true
    const complete = logs.get(own.origin)?.complete
    if (complete !== undefined && equal(complete, seen)) return true
    const outcome = this.judge(peer, await verifier.receive(seen, null))
    return outcome === 'stored' || outcome === 'held'
  }

  private async consider(
    connection: Connection,
    note: Uint8Array,
    origin: string,
    size: number,
    signal: AbortSignal,
  ): Promise<string> {
    if (!this.parts.isMember(origin)) return 'not a member of this coalition'
    if (this.parts.verifier.refusalOf(origin) !== undefined) return 'stopped at an entry that is not valid'
    if (this.fetching.has(origin)) {
      // The head is kept in mind all the same, behind what is being taken in.
      this.parts.verifier.receive(note, null).catch(() => undefined)
      return 'being fetched from another peer'
    }
    const held = this.parts.logs.get(origin)?.edge.size ?? 0
    if (size > held && this.parts.verifier.stopOf(origin, held) !== undefined) {
      return this.judge(connection.remotePeer.toString(), await this.parts.verifier.receive(note, null))
    }
    this.fetching.add(origin)
    try {
      const received =
        size <= held
          ? await this.parts.verifier.receive(note, null)
          : await this.fetch(connection, note, origin, held, size, signal)
      if (received.kind === 'refused' && received.fault === 'chunk-inclusion') {
        const explained = await this.doubt(connection, note, signal)
        if (explained === 'forked') return FROZEN
        if (explained === 'ours') return 'refused: head-conflict'
        this.parts.onRefused(connection.remotePeer.toString(), received)
        return `refused: ${received.fault}`
      }
      return this.judge(connection.remotePeer.toString(), received)
    } catch (error) {
      if (error instanceof FrameError || error instanceof AskError) return this.brokenOff(connection, error)
      throw error
    } finally {
      this.fetching.delete(origin)
    }
  }

  /** What came before is kept. A peer that stands still pays a little, one that talks nonsense more. */
  private brokenOff(connection: Connection, error: FrameError | AskError): string {
    const peer = connection.remotePeer.toString()
    if (error instanceof AskError) this.parts.peers.penalise(peer, priceOf(error), error.fault)
    if (error.fault === 'stream-late')
      this.parts.peers.penalise(peer, SCORE_SLOW, 'an answer that stood still')
    return `the answer broke off (${error.fault})`
  }

  private fetch(
    connection: Connection,
    note: Uint8Array,
    origin: string,
    from: number,
    size: number,
    signal: AbortSignal,
  ): Promise<Received> {
    const { protocol, verifier } = this.parts
    return verifier.receiveRange(note, signal, async (push, turn) => {
      for await (const answer of ask(connection, protocol, { t: 'range', origin, from, size }, turn)) {
        if (answer.t !== 'entries' || !(await push(answer.chunk))) break
      }
    })
  }

  private judge(peer: string, received: Received): string {
    switch (received.kind) {
      case 'stored':
      case 'held':
        return received.kind
      case 'ours':
        return 'held'
      case 'frozen':
        return FROZEN
      case 'capped':
        return 'more in a day than the charter lets its author add'
      case 'void':
        return 'above the head at which its author closed this log'
      case 'behind':
        return 'the peer did not give what leads to its head'
      case 'refused':
        if (received.blame === 'sender') this.parts.peers.penalise(peer, SCORE_LIE, received.fault)
        this.parts.onRefused(peer, received)
        return `refused: ${received.fault}`
      default:
        return unreachable(received)
    }
  }

  private async askFrontier(connection: Connection, signal: AbortSignal) {
    const { protocol, peers } = this.parts
    const request = {
      t: 'frontier',
      digest: frontierDigest(this.parts),
      own: this.parts.own.origin,
      struck: this.parts.evidence.digest(),
    } as const
    try {
      for await (const answer of ask(connection, protocol, request, signal)) {
        if (answer.t === 'heads') return answer
        if (answer.t === 'end') return undefined
      }
      return undefined
    } catch (error) {
      if (error instanceof AskError)
        peers.penalise(connection.remotePeer.toString(), priceOf(error), error.fault)
      return undefined
    }
  }
}

/** A head of our own log that does not continue the one we hold: not its sender's fault. */
function contradicted(origin: string): Extract<Received, { kind: 'refused' }> {
  return { kind: 'refused', origin, blame: 'author', fault: 'head-conflict' }
}

/** A member that is restarted leaves its answers without an end, and must not be banned for it. */
function priceOf(error: AskError): number {
  return error.fault === 'unended' ? SCORE_SLOW : SCORE_MALFORMED
}
