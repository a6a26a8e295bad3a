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
import { printHex } from '../../protocol/bytes.ts'
import type { Added, Evidence } from '../evidence/evidence.ts'
import type { Clock } from '../ports.ts'
import type { Logs } from '../store/logs.ts'
import { fetchCosigned, type Cosigned } from './cosigned.ts'
import { explain, type Explained } from './doubt.ts'
import type { FrontierAnswer } from '../../protocol/sync/message.ts'
import { completeSize, frontierDigest } from './answerer.ts'
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
  readonly protocol: string
  readonly isMember: (origin: string) => boolean
  /** Our own log: heads of it count only when we signed them. */
  readonly own: { readonly origin: string; readonly isOurs: (signed: SignedCheckpoint) => boolean }
  readonly endOf: (origin: string) => number | undefined
  readonly onRefused: (peer: string, received: Extract<Received, { kind: 'refused' }>) => void
}

/** Proofs fetched in one exchange; the rest with the next. */
const PROOFS_AT_ONCE = 16

/** A proof that did not come, or could not be judged, is asked for again only then: what it needs may be here by that time. */
const PUT_OFF_MS = 30_000
const PUT_OFF_MAX = 4_096

const FROZEN = 'frozen: its author signed two histories'

export class Fetcher {
  private readonly parts: FetcherParts
  // Peers an exchange is under way with, and whether another was wanted meanwhile. Written by `exchange` only.
  private readonly running = new Map<string, { again: boolean; done: Promise<Exchange | undefined> }>()
  // When a key's proof may be asked for again, by the key's id. Written by `putOff` only.
  private readonly notBefore = new Map<string, number>()
  // Logs that a peer is being asked for. Written by `fetch` only.
  private readonly fetching = new Set<string>()

  constructor(parts: FetcherParts) {
    this.parts = parts
  }

  /** Exchanges heads with a peer and fetches what is missing. Undefined when the peer did not answer. */
  exchange(connection: Connection, signal: AbortSignal): Promise<Exchange | undefined> {
    const peer = connection.remotePeer.toString()
    const running = this.running.get(peer)
    if (running !== undefined) {
      running.again = true
      return running.done
    }
    const state: { again: boolean; done: Promise<Exchange | undefined> } = {
      again: false,
      done: Promise.resolve(undefined),
    }
    state.done = this.exchangeUntilQuiet(connection, signal, state).finally(() => this.running.delete(peer))
    this.running.set(peer, state)
    return state.done
  }

  private async exchangeUntilQuiet(
    connection: Connection,
    signal: AbortSignal,
    state: { again: boolean },
  ): Promise<Exchange | undefined> {
    let last: Exchange | undefined
    do {
      state.again = false
      last = await this.exchangeOnce(connection, signal)
    } while (state.again && last !== undefined && !signal.aborted)
    return last
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
    await this.fetchProofs(connection, answer.struck, signal)
    await this.fetchCosigned(connection, answer.cosigned, signal)
    return { peer, heads, same: answer.same, own, agrees, stored, skipped }
  }

  /** Fetches proofs against keys that are not convicted here, after the logs that declare those keys. */
  private async fetchProofs(
    connection: Connection,
    struck: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<void> {
    const { evidence, protocol, clock } = this.parts
    const peer = connection.remotePeer.toString()
    const wanted = struck.filter(
      (key) =>
        evidence.proofAgainst(key) === undefined && (this.notBefore.get(printHex(key)) ?? 0) <= clock.now(),
    )
    for (const subject of wanted.slice(0, PROOFS_AT_ONCE)) {
      try {
        // Until it has come and was good: a peer may name what it does not have.
        this.putOff(subject)
        for await (const answer of ask(connection, protocol, { t: 'evidence', subject }, signal)) {
          if (answer.t !== 'evidence') break
          this.judgeProof(peer, await evidence.add(answer.proof, `the node ${peer}`))
        }
      } catch (error) {
        if (!(error instanceof FrameError || error instanceof AskError)) throw error
        this.brokenOff(connection, error)
        return
      }
    }
  }

  private putOff(subject: Uint8Array): void {
    if (this.notBefore.size >= PUT_OFF_MAX) this.notBefore.clear()
    this.notBefore.set(printHex(subject), this.parts.clock.now() + PUT_OFF_MS)
  }

  private judgeProof(peer: string, added: Added): void {
    if (added.kind === 'refused' && added.blame === 'sender')
      this.parts.peers.penalise(peer, SCORE_LIE, added.fault)
  }

  private async fetchCosigned(
    connection: Connection,
    digest: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const { cosigned, protocol } = this.parts
    await fetchCosigned(cosigned, protocol, connection, digest, signal).catch((error: unknown) => {
      if (!(error instanceof FrameError || error instanceof AskError)) throw error
      this.brokenOff(connection, error)
    })
  }

  /** Entries that do not lead to the head they came with: the peer says what it continues, or pays. */
  async doubt(connection: Connection, note: Uint8Array, signal: AbortSignal): Promise<Explained> {
    const peer = connection.remotePeer.toString()
    try {
      const explained = await explain(this.parts, connection, note, signal)
      if (explained === 'lie') this.parts.peers.penalise(peer, SCORE_LIE, 'chunk-inclusion')
      return explained
    } catch (error) {
      if (!(error instanceof FrameError || error instanceof AskError)) throw error
      this.brokenOff(connection, error)
      return 'open'
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
    this.fetching.add(origin)
    try {
      const received =
        size <= held
          ? await this.parts.verifier.receive(note, null)
          : await this.fetch(connection, note, origin, held, size, signal)
      if (received.kind === 'refused' && received.fault === 'chunk-inclusion') {
        const explained = await this.doubt(connection, note, signal)
        if (explained === 'forked') return FROZEN
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
    return verifier.receiveRange(note, async (push) => {
      for await (const answer of ask(connection, protocol, { t: 'range', origin, from, size }, signal)) {
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

/** A member that is restarted leaves its answers without an end, and must not be banned for it. */
function priceOf(error: AskError): number {
  return error.fault === 'unended' ? SCORE_SLOW : SCORE_MALFORMED
}
