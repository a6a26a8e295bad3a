/**
 * A node's part in disclosure: the gate for requests to it, the reader for requests of its own, one audit trail of
 * both, and the leaves by which both are accounted for in the log. DESIGN §6.
 */
import { othersOf } from '../../protocol/audit/confirmation.ts'
import type { AccessMessage } from '../../protocol/access/message.ts'
import type { MarkedFile } from '../../protocol/dataset/marked.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import { keysInForce } from '../../protocol/identity/keystate.ts'
import { unreachable } from '../../protocol/assert.ts'
import { equal, printHex } from '../../protocol/bytes.ts'
import { openLogOf } from '../log/epochs.ts'
import type { Content } from '../log/composer.ts'
import { native } from '../keys/native.ts'
import type { Keystore } from '../keys/keystore.ts'
import type { Clock, KeyValue, Random, Sealer, Signer } from '../ports.ts'
import type { Logs } from '../store/logs.ts'
import { forgetErased, isErasing } from '../store/forgetting.ts'
import { AskedCases, type AskedCase } from './asked.ts'
import { Cases } from './cases.ts'
import { expire, heed, letGo, OVER } from './changes.ts'
import { Freshness } from './freshness.ts'
import { Gate, type GateAnswer } from './gate.ts'
import type { Configuration } from '../home.ts'
import { PolicyFile } from './policy-file.ts'
import { pruneTrail } from './pruning.ts'
import { Register } from './register.ts'
import { Reader, type Talk } from './reader.ts'
import { takeAck, takeAppeal, takeConfirmation, takeReceipt } from './receipts.ts'
import { Trail } from './trail.ts'
import { Unlogged } from './unlogged.ts'

export type DisclosureHome = {
  readonly home: { readonly disclosure: string }
  readonly configuration?: Pick<Configuration, 'publishing'>
  readonly database: KeyValue & {
    readonly compact: (from: Uint8Array, to: Uint8Array) => Promise<void>
  }
  readonly logs: Logs
  readonly charter: CharterState
  readonly keystore: Keystore
  readonly member: { readonly domain: string }
  readonly role: 'member' | 'observer'
  readonly origin: string
  readonly cosigned: { readonly confirmedAt: (origin: string) => number | undefined }
}

export type DisclosureNode = {
  readonly clock: Clock
  readonly random: Random
  readonly sealer: Sealer
  readonly signer: () => Signer
  /** Whether entries of this log that are not held are nobody's to wait for: it is frozen or closed. */
  readonly isOver: (origin: string) => boolean
  readonly mayPublish: () => boolean
  readonly publish: (contents: readonly Content[]) => Promise<unknown>
  readonly talk: (domain: string) => Talk | undefined
  readonly serve: (answer: Disclosure['answer']) => Promise<void>
  readonly onError: (error: unknown) => void
  /** Makes the copy of a file of ours for whoever made this request. */
  readonly mark: (root: Uint8Array, request: Uint8Array) => Promise<MarkedFile>
  /** Deletes the files that are to go. Throws what the disk says. */
  readonly forgetFiles: () => Promise<void>
  /** Mean time between two batches of `access` leaves. */
  readonly accountMs: number
}

const DAY_SECONDS = 86_400

export class Disclosure {
  readonly trail: Trail
  readonly policy: PolicyFile
  readonly cases: Cases
  readonly asked: AskedCases
  readonly gate: Gate
  readonly reader: Reader
  readonly unlogged: Unlogged
  readonly freshness: Freshness
  readonly register: Register
  private readonly home: DisclosureHome
  private readonly node: DisclosureNode
  // The round of our own requests that is under way. Written by `tick` only.
  private round: Promise<void> | undefined
  // What is owed for parts that a person has already. Written by `fetch` only.
  private readonly owing = new Set<Promise<unknown>>()
  // Entries of all logs when our requests were last held against them. Written by `goOn` only.
  private seen = -1
  // When the trail was pruned last, in seconds since 1970, and the run that is under way. Written by `tick` and `prune` only.
  private prunedAt = 0
  private pruning: Promise<unknown> | undefined

  constructor(home: DisclosureHome, node: DisclosureNode) {
    const { database: store, logs, charter, member, origin, cosigned } = home
    const { clock, random, sealer, signer } = node
    this.home = home
    this.node = node
    this.trail = new Trail({ primitives: native, store, sealer })
    this.policy = new PolicyFile(home.home.disclosure, home.configuration?.publishing?.maxTier)
    this.cases = new Cases(store, sealer)
    this.asked = new AskedCases(store, sealer)
    this.unlogged = new Unlogged({
      store,
      sealer,
      random,
      clock,
      everyMs: node.accountMs,
      isKept: home.role === 'member',
      head: () => this.trail.head(),
      logNumber: () => logs.get(origin)?.number ?? 0,
      mayPublish: node.mayPublish,
      publish: node.publish,
      onError: node.onError,
    })
    this.freshness = new Freshness({
      clock,
      others: othersOf(charter, origin),
      boundSeconds: charter.document.stalenessSeconds,
      confirmedAt: (domain) => {
        const log = openLogOf(logs, domain)
        return log && cosigned.confirmedAt(log.origin)
      },
      holds: (of, size) => (logs.get(of)?.edge.size ?? 0) >= size || node.isOver(of),
    })
    this.register = new Register({ primitives: native, store, logs, charter })
    const shared = { primitives: native, store, logs, charter, clock, signer, trail: this.trail }
    this.gate = new Gate({
      ...shared,
      sealer,
      random,
      domain: member.domain,
      origin,
      policy: () => this.policy.policy(),
      isFresh: () => this.freshness.isFresh(),
      cases: this.cases,
      unlogged: this.unlogged,
      mark: node.mark,
    })
    this.reader = new Reader({
      ...shared,
      cases: this.asked,
      unlogged: this.unlogged,
      withBox: (box, use) => home.keystore.withBox(box, use),
      talk: node.talk,
    })
  }

  async start(): Promise<void> {
    await this.trail.open()
    await this.unlogged.open()
    await this.asked.open()
    await this.gate.open()
    await this.node.serve((message, peer) => this.answer(message, peer))
    this.unlogged.start()
  }

  async stop(): Promise<void> {
    await this.unlogged.stop()
    await this.round
    await this.pruning
    await Promise.all(this.owing)
  }

  /** Goes on with a request of ours until its part is here. That it is here is told to its owner afterwards. */
  async fetch(id: Uint8Array): Promise<AskedCase> {
    const one = await this.reader.pursue(id, 'due', 'opened')
    const owing = this.reader.pursue(id).catch(this.node.onError)
    this.owing.add(owing)
    void owing.finally(() => this.owing.delete(owing))
    return one
  }

  /** Logs what waits, if the head of the trail is due. Where that fails the trail is handed over without: it shows. */
  logOverdue(): Promise<void> {
    return this.unlogged.flushIfDue().catch(this.node.onError)
  }

  /** One message over `access/1`, from the peer with this key. What fails here is ours to say, and theirs to ask again. */
  async answer(message: AccessMessage, peer: Uint8Array): Promise<GateAnswer> {
    if (!this.node.mayPublish()) return { answer: { kind: 'wait' } }
    try {
      return await this.answerNow(message, peer)
    } catch (error) {
      this.node.onError(error)
      return { answer: { kind: 'wait' } }
    }
  }

  private answerNow(message: AccessMessage, peer: Uint8Array): Promise<GateAnswer> {
    switch (message.kind) {
      case 'request':
        return this.gate.request(message.signed, peer)
      case 'receipt':
        return takeReceipt(this.gate, message.signed, peer)
      case 'ack':
        return takeAck(this.gate, message.signed, peer)
      case 'appeal':
        return takeAppeal(this.gate, message.signed, peer)
      case 'confirm':
        return takeConfirmation(this.gate, message.request, peer)
      case 'state':
        return this.gate.state(message.request, peer)
      default:
        return unreachable(message)
    }
  }

  /**
   * Goes on with our own requests, as far as their owners can be reached. What we may keep no longer goes even while we
   * may not speak.
   */
  tick(): void {
    const now = this.reader.now()
    if (Math.abs(now - this.prunedAt) >= DAY_SECONDS) {
      this.prunedAt = now
      this.pruning ??= this.prune()
        .catch(this.node.onError)
        .finally(() => (this.pruning = undefined))
    }
    this.round ??= this.goOn()
      .catch(this.node.onError)
      .finally(() => (this.round = undefined))
  }

  /**
   * Deletes what the policy keeps no longer; how many entries of the trail that were. While the policy cannot be read nobody
   * knows what that is, and nothing is deleted.
   */
  async prune(): Promise<number> {
    if (this.policy.fault() !== undefined) return 0
    const { database: store, logs, member, role } = this.home
    const { trail, cases, asked, gate, reader } = this
    const alone = (id: Uint8Array, work: () => Promise<void>) =>
      gate.turns.take(printHex(id), () => reader.turns.take(printHex(id), work))
    const parts = { store, sealer: this.node.sealer, logs, trail, cases, asked, alone, domain: member.domain }
    const { retention } = this.policy.policy()
    // Erasures rewrite the same sealed values.
    const pruned = await gate.turns.take('erase', () =>
      pruneTrail({ ...parts, isKept: role === 'member' }, this.reader.now(), retention),
    )
    if (pruned > 0) await this.free()
    return pruned
  }

  /** What a request has come to by what is known here and by the clock: what was erased or is over is deleted. */
  async settle(id: Uint8Array): Promise<AskedCase> {
    const { reader, home, asked } = this
    await letGo(reader, home.database, id)
    await expire(reader, id)
    const one = await reader.caseOf(id)
    if (OVER.has(one.state) && !(await asked.isGone(one))) await this.free().catch(this.node.onError)
    if (!this.maySpeak()) return one
    await heed(reader, home.database, id)
    return reader.caseOf(id)
  }

  private maySpeak(): boolean {
    return this.home.role !== 'member' || this.node.mayPublish()
  }

  /** The newest of our box keys in force (an observer has no log that could say so): what answers to us are sealed to. */
  boxKey(): Uint8Array | undefined {
    const held = this.home.keystore.boxKeys()
    if (this.home.role === 'observer') return held.at(-1)
    const keys = this.home.logs.get(this.home.origin)?.keys
    if (keys === undefined) return undefined
    const inForce = keysInForce(keys, 'box', Number.MAX_SAFE_INTEGER)
    return inForce.findLast(({ key }) => held.some((one) => equal(one, key)))?.key
  }

  private async goOn(): Promise<void> {
    // What became of a record can only show where a log grew; otherwise those are looked at that are due.
    const seen = this.home.logs.all().reduce((sum, { edge }) => sum + edge.size, 0)
    const ids = seen === this.seen ? this.asked.ids(this.reader.now()) : this.asked.ids()
    this.seen = seen
    const byOwner = new Map<string, Uint8Array[]>()
    for (const id of ids) {
      const owner = (await this.asked.get(id))?.owner
      if (owner !== undefined) byOwner.set(owner, [...(byOwner.get(owner) ?? []), id])
    }
    // An owner that is slow holds up what it owns and nothing else.
    await Promise.all([...byOwner.values()].map((ids) => this.goOnWith(ids)))
    // Whatever an answer ended, in this round or while a person waited for it.
    await this.free().catch(this.node.onError)
  }

  /** Takes away what we were given and may not keep. */
  private async letGo(id: Uint8Array): Promise<void> {
    try {
      await letGo(this.reader, this.home.database, id)
      await expire(this.reader, id)
    } catch (error) {
      this.node.onError(error)
    }
  }

  /** Frees the disk of what was let go: nothing says that it is erased before. */
  async free(): Promise<void> {
    await this.node.forgetFiles()
    // Old copies of the files open as long as the vault's key lies here: the next start moves everything to another one.
    if (await isErasing(this.home.database, 'sealed')) this.home.keystore.prepareVaultKey()
    await forgetErased(this.home.database, 'sealed')
  }

  /**
   * The requests to one owner, one after the other, until it has no time for us: a busy owner is not asked for each of
   * them, and none is put off for long because of the others.
   */
  private async goOnWith(ids: readonly Uint8Array[]): Promise<void> {
    for (const id of ids) await this.letGo(id)
    await this.free().catch(this.node.onError)
    if (!this.maySpeak()) return
    let hasTime = true
    for (const id of ids) {
      try {
        await heed(this.reader, this.home.database, id)
        const { nextAt } = await this.reader.caseOf(id)
        if (hasTime && nextAt <= this.reader.now()) hasTime = (await this.reader.goOn(id)).hasTime
      } catch (error) {
        this.node.onError(error)
      }
    }
  }
}
