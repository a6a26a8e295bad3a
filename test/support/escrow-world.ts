/**
 * Members that keep shares of one another's parts, in memory: an owner, its holders, a network that the test scripts, one
 * clock. Deposits are made here as anybody can make them, right ones and wrong ones.
 */
import assert from 'node:assert/strict'
import type { Escrow as Deposit } from '../../protocol/access/escrow.ts'
import { ESCROW_BOUNDS } from '../../protocol/access/escrow-rules.ts'
import type { EscrowAnswer, EscrowMessage } from '../../protocol/access/escrow-message.ts'
import type { AccessStatement } from '../../protocol/access/signed.ts'
import type { Target } from '../../protocol/codec/statement.ts'
import { stateAccess } from '../../node/disclosure/statements.ts'
import { Trail } from '../../node/disclosure/trail.ts'
import { Unlogged } from '../../node/disclosure/unlogged.ts'
import { Escrow } from '../../node/escrow/escrow.ts'
import type { EscrowAnswered, EscrowParts } from '../../node/escrow/parts.ts'
import { makeDeposit } from '../../node/escrow/depositing.ts'
import { partsAt } from '../../node/escrow/publishing.ts'
import { compose, composeMany, type Content } from '../../node/log/composer.ts'
import { NodeError } from '../../node/errors.ts'
import { native } from '../../node/keys/native.ts'
import { systemRandom } from '../../node/keys/random.ts'
import type { Signer } from '../../node/ports.ts'
import { forgetErased } from '../../node/store/forgetting.ts'
import type { Logs } from '../../node/store/logs.ts'
import { craftDeposit, DAY, SECONDS, SETTINGS, type Crafted, type Wrong } from './escrow-craft.ts'
import type { MemoryKeyValue } from './memory-kv.ts'
import { appenderOf, copyLog, Parties, RECORD } from './parties.ts'

export type Member = {
  readonly escrow: Escrow
  readonly logs: Logs
  readonly disk: MemoryKeyValue
  readonly trail: Trail
}

/** What is said between two members, as the test would have it. */
export type Line = (
  message: EscrowMessage,
  answer: () => Promise<EscrowAnswer | undefined>,
) => Promise<EscrowAnswer | undefined>

/** The same bytes with their last bit turned. */
export function bent(bytes: Uint8Array): Uint8Array {
  return bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1)
}

/** A box key that anybody can declare and that nothing can be sealed to. */
export const SMALL_ORDER: Content = {
  kind: 'key',
  public: { v: 1, add: ['box', new Uint8Array(32), null] },
}

/** What a person who recovers or releases says. */
export const WHY = { by: 'the duty officer', reason: 'A is gone.' }

export function refusedWith(code: string, words: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof NodeError && error.code === code && words.test(error.message)
}

export class EscrowWorld {
  readonly parties: Parties
  readonly on: Target
  /** Of every member, in seconds since 1970. */
  now = SECONDS
  confirmedAt: number | undefined = SECONDS
  isFresh = true
  /** Members that are connected to nobody. */
  readonly away = new Set<number>()
  readonly members = new Map<number, Member>()
  line: (from: number, to: number) => Line = () => (_, answer) => answer()

  /** The owner's disk before it heard of anybody. */
  readonly alone: MemoryKeyValue

  private constructor(parties: Parties, on: Target, alone: MemoryKeyValue) {
    this.parties = parties
    this.on = on
    this.alone = alone
  }

  /** An owner with one record, and those who hold its log. */
  static async make(count = 5): Promise<EscrowWorld> {
    const parties = await Parties.make(count)
    const on = await parties.say(0, RECORD)
    const alone = parties.store(0)
    await parties.share()
    return new EscrowWorld(parties, on, alone)
  }

  remove(): void {
    this.parties.remove()
  }

  /** Nobody has said anything to anybody. */
  reset(): void {
    this.now = SECONDS
    this.confirmedAt = SECONDS
    this.isFresh = true
    this.away.clear()
    this.members.clear()
    this.line = () => (_, answer) => answer()
  }

  /** This member as its process runs it, over a fresh copy of its disk or over another one. */
  async start(
    at: number,
    changes: Partial<EscrowParts> = {},
    disk = this.parties.store(at),
  ): Promise<Member> {
    const { keystore, sealer, origin, domain } = this.parties.party(at)
    const logs = await this.parties.logsIn(disk)
    const store = Object.assign(disk, { compact: () => Promise.resolve() })
    const clock = { now: () => this.now * 1_000 }
    const trail = new Trail({ primitives: native, store, sealer })
    await trail.open()
    const unlogged = new Unlogged({
      store,
      sealer,
      random: systemRandom,
      clock,
      everyMs: 1_000_000_000,
      isKept: true,
      head: () => trail.head(),
      logNumber: () => logs.get(origin)?.number ?? 0,
      mayPublish: () => true,
      publish: () => Promise.resolve(),
      onError: () => undefined,
    })
    const escrow = new Escrow({
      primitives: native,
      clock,
      random: systemRandom,
      sealer,
      store,
      logs,
      charter: this.parties.charter,
      domain,
      origin,
      signer: () => keystore.signer('statement'),
      nodeKey: () => this.parties.party(at).node,
      boxKey: () => keystore.boxKeys().at(-1),
      withBox: (box, use) => keystore.withBox(box, use),
      trail,
      unlogged,
      isFresh: () => this.isFresh,
      confirmedAt: () => this.confirmedAt,
      isConnected: (of) => this.isThere(at, this.atOf(of)),
      talk: (of) => this.talk(at, this.atOf(of)),
      mayPublish: () => true,
      free: () => forgetErased(store, 'sealed'),
      onError: () => undefined,
      settings: undefined,
      bounds: ESCROW_BOUNDS,
      ...changes,
    })
    await escrow.start()
    const member = { escrow, logs, disk, trail }
    this.members.set(at, member)
    return member
  }

  member(at: number): Member {
    const found = this.members.get(at)
    if (found === undefined) throw new Error('bug: it was started')
    return found
  }

  /** Everybody runs, and the owner says nothing by itself. */
  async startAll(): Promise<void> {
    for (const at of [0, 1, 2, 3, 4]) await this.start(at)
  }

  /** Says something in the log of a member that runs, and brings it to all the others that do. */
  async publish(at: number, content: Content): Promise<Target> {
    const { logs } = this.member(at)
    const party = this.parties.party(at)
    const appender = appenderOf(logs, party)
    await appender.start()
    const signer = this.signer(at)
    const clock = { now: () => this.now * 1_000 }
    const composer = { primitives: native, origin: party.origin, signer, random: systemRandom, clock }
    const composed =
      content.kind === 'key'
        ? party.keystore.withRoot((root) => {
            const unsigned = compose({ ...composer, signer: root }, content)
            return [unsigned.finish(root.sign(unsigned.toBeSigned))]
          })
        : await composeMany(composer, [content])
    const [placed] = await appender.append(composed)
    if (placed === undefined) throw new Error('bug: it was placed')
    for (const [to, member] of this.members) if (to !== at) await copyLog(logs, member.logs, party.origin)
    return { origin: party.origin, index: placed.index, leaf: placed.leaf }
  }

  /** One round of a member, to its end. */
  async round(at: number): Promise<void> {
    const { escrow } = this.member(at)
    escrow.tick()
    await escrow.stop()
  }

  /** Says something to a member, as whoever has this node key; with `send` the ciphertext follows. */
  async say(
    to: number,
    message: EscrowMessage,
    { peer = this.parties.party(0).node, ciphertext }: { peer?: Uint8Array; ciphertext?: Uint8Array } = {},
  ): Promise<EscrowAnswered> {
    const answered = await this.member(to).escrow.answer(message, peer)
    return answered.take === undefined || ciphertext === undefined
      ? answered
      : answered.take.finish(ciphertext)
  }

  signed(statement: AccessStatement, signer: Signer = this.signer(0)): Uint8Array {
    return stateAccess(native, signer, statement).bytes
  }

  signer(at: number): Signer {
    return this.parties.party(at).keystore.signer('statement')
  }

  /** A deposit of the research part of the record: a good one, with these changes. */
  async craft(changes: Partial<Deposit> = {}, wrong: Wrong = {}): Promise<Crafted> {
    const { desk } = (this.members.get(0) ?? (await this.start(0))).escrow
    const what = (await partsAt(desk, this.on.origin, this.on.index)).find(({ tier }) => tier === 'research')
    if (what === undefined) throw new Error('bug: the owner holds its part')
    return craftDeposit(this.parties, what, { at: this.now, ...changes }, wrong)
  }

  /** Brings a crafted deposit to one of its holders, counted from the owner's place 0. */
  bring(to: number, crafted: Crafted, ciphertext: Uint8Array = crafted.ciphertext): Promise<EscrowAnswered> {
    const share = crafted.sealed[to - 1] ?? new Uint8Array(81)
    return this.say(to, { kind: 'deposit', signed: crafted.signed, share }, { ciphertext })
  }

  /** A deposit of a part of the record, as the owner makes it. */
  async deposit(tier: 'partner' | 'research' = 'research'): Promise<Uint8Array> {
    const { desk } = this.member(0).escrow
    const what = (await partsAt(desk, this.on.origin, this.on.index)).find((one) => one.tier === tier)
    if (what === undefined) throw new Error('bug: the owner holds its part')
    return (await makeDeposit(desk, what, SETTINGS)).id
  }

  /** Everybody has its share, and the owner is gone for longer than it said. */
  async silent(crafted?: Crafted): Promise<Uint8Array> {
    const given = crafted ?? (await this.craft())
    for (const at of [1, 2, 3, 4]) await this.bring(at, given)
    this.away.add(0)
    this.now = SECONDS + 91 * DAY
    return given.id
  }

  kept(at: number, id: Uint8Array) {
    return this.member(at).escrow.desk.kept.get(id)
  }

  async holderStates(id: Uint8Array): Promise<readonly string[] | undefined> {
    return (await this.member(0).escrow.desk.deposits.get(id))?.holders.map(({ state }) => state)
  }

  /** What a member wrote down, in order. */
  async steps(at: number): Promise<readonly string[]> {
    return this.stepsOn(at, this.member(at).disk)
  }

  /** The same as it stands on a disk. */
  async stepsOn(at: number, store: MemoryKeyValue): Promise<readonly string[]> {
    const trail = new Trail({ primitives: native, store, sealer: this.parties.party(at).sealer })
    await trail.open()
    const found: string[] = []
    for await (const { entry } of trail.entries()) found.push(entry.step)
    assert.ok(await trail.isWhole())
    return found
  }

  private atOf(domain: string): number {
    return domain.charCodeAt(0) - 97
  }

  private isThere(from: number, to: number): boolean {
    return this.members.has(to) && !this.away.has(to) && !this.away.has(from)
  }

  private talk(from: number, to: number) {
    if (!this.isThere(from, to)) return undefined
    const peer = this.parties.party(from).node
    return (message: EscrowMessage, ciphertext?: Uint8Array) =>
      this.line(from, to)(message, async () => {
        const options = ciphertext === undefined ? { peer } : { peer, ciphertext }
        return (await this.say(to, message, options)).answer
      })
  }
}
