/**
 * Heads of logs with the cosignatures on them that were verified here: of each log the newest head that anybody
 * cosigned, the newest that a quorum confirmed, and one in ten minutes of those before it, which bound the time of
 * older entries. Every line was verified under a key that its member's own log has in force. Spec 03 §13.
 */
import { equal } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import type { OutsideWitness } from '../../protocol/governance/charter.ts'
import type { KeyState } from '../../protocol/identity/keystate.ts'
import { keysInForce } from '../../protocol/identity/keystate.ts'
import {
  parseSignedCheckpoint,
  verifyCheckpoint,
  type SignedCheckpoint,
} from '../../protocol/log/checkpoint.ts'
import {
  confirmedAt,
  cosignersOf,
  isQuorumHead,
  joinCosigned,
  printCosigned,
  readCosigned,
  type CosignedHead,
  type CosignerKey,
  type MemberKey,
} from '../../protocol/log/cosigned-head.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { CosignedSummary } from '../../protocol/sync/message.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { after, keyOf } from '../store/prefixes.ts'
import type { Logs } from '../store/logs.ts'

export type CosignedHeadsParts = {
  readonly primitives: Primitives
  readonly store: KeyValue
  readonly logs: Logs
  /** Domains of the voting members, our own included. */
  readonly members: readonly string[]
  /** Witnesses outside that the charter names: their lines are kept beside those of members, and never in their place. */
  readonly outside: readonly OutsideWitness[]
  /** The key state of the open log of a member, as far as it is held. */
  readonly keysOf: (domain: string) => KeyState | undefined
  /** Whether a proof convicts this cosigner: its lines count no more. */
  readonly isStruck: (key: CosignerKey) => boolean
}

export type Known = { readonly newest: CosignedHead; readonly quorum: CosignedHead | undefined }

export type AddedHead = 'new' | 'known' | 'refused'

const KIND = { newest: 0, quorum: 1, earlier: 2 } as const
/** Between two quorum heads that are kept for good. */
const KEPT_EVERY_SECONDS = 600

export class CosignedHeads {
  private readonly parts: CosignedHeadsParts
  // Written by `open` and `keep` only, after the batch is on disk.
  private readonly byOrigin = new Map<string, Known>()
  private tail: Promise<unknown> = Promise.resolve()

  constructor(parts: CosignedHeadsParts) {
    this.parts = parts
  }

  /** Reads what is stored and verifies it again: a line damaged on disk is left out, and comes back from others. */
  open(): void {
    for (const { origin, number } of this.parts.logs.all()) {
      const newest = this.reread(origin, keyOf('cosigned', { log: number }, { byte: KIND.newest }))
      const quorum = this.reread(origin, keyOf('cosigned', { log: number }, { byte: KIND.quorum }))
      if (newest !== undefined) this.byOrigin.set(origin, { newest, quorum: this.quorate(quorum) })
    }
  }

  /** Logs whose stored rows are not what was verified: a line altered on disk, a row cut short or gone. */
  damaged(): readonly string[] {
    return this.parts.logs.all().flatMap(({ origin, number }) => {
      const known = this.byOrigin.get(origin)
      const isWhole = (kind: number, head: CosignedHead | undefined) => {
        const row = this.parts.store.getSync(keyOf('cosigned', { log: number }, { byte: kind }))
        if (head === undefined || row === undefined) return head === undefined && row === undefined
        return equal(row, printCosigned(head))
      }
      return isWhole(KIND.newest, known?.newest) && isWhole(KIND.quorum, known?.quorum) ? [] : [origin]
    })
  }

  /** Writes what is verified in the place of what is damaged. Lines that are lost come back from other members. */
  async mend(): Promise<void> {
    for (const origin of this.damaged()) {
      const log = this.parts.logs.get(origin)
      if (log === undefined) continue
      const { newest, quorum } = this.byOrigin.get(origin) ?? {}
      const row = (kind: number, head: CosignedHead | undefined): Operation => {
        const key = keyOf('cosigned', { log: log.number }, { byte: kind })
        return head === undefined ? { type: 'del', key } : { type: 'put', key, value: printCosigned(head) }
      }
      await this.parts.store.batch([row(KIND.newest, newest), row(KIND.quorum, quorum)], 'durable')
    }
  }

  /** How many other members could confirm a head of this log. */
  othersOf(origin: string): number {
    return this.parts.members.filter((domain) => !origin.startsWith(`${domain}/`)).length
  }

  get(origin: string): Known | undefined {
    return this.byOrigin.get(origin)
  }

  /** When a quorum last confirmed the newest quorum head; seconds since 1970. */
  confirmedAt(origin: string): number | undefined {
    const known = this.byOrigin.get(origin)
    if (known === undefined) return undefined
    const others = this.othersOf(origin)
    return confirmedAt(known.newest, others) ?? (known.quorum && confirmedAt(known.quorum, others))
  }

  /** A signed head of a log with the cosignatures that are known for it. */
  noteWith(note: Uint8Array): Uint8Array {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok) return note
    const known = this.byOrigin.get(signed.value.checkpoint.origin)
    const same = [known?.newest, known?.quorum].find((head) => head?.text === signed.value.note.text)
    return same === undefined ? note : printCosigned(same)
  }

  /** Quorum heads of a log, oldest first, the newest last: what bounds the time of its entries. */
  async history(origin: string): Promise<readonly Uint8Array[]> {
    const log = this.parts.logs.get(origin)
    if (log === undefined) return []
    const prefix = keyOf('cosigned', { log: log.number }, { byte: KIND.earlier })
    const notes: Uint8Array[] = []
    for await (const [, note] of this.parts.store.iterate({ gte: prefix, lt: after(prefix) }))
      notes.push(note)
    const newest = this.byOrigin.get(origin)?.quorum
    return newest === undefined ? notes : [...notes, printCosigned(newest)]
  }

  /** Takes in a head with cosignatures, whoever sent it. Only what verifies is kept; the answer says whether any did. */
  add(note: Uint8Array): Promise<AddedHead> {
    const run = this.tail.then(() => this.addNow(note))
    this.tail = run.catch(() => undefined)
    return run
  }

  /** SHA-256 over what `summaries` says: equal digests, nothing to exchange. */
  digest(): Uint8Array {
    return this.parts.primitives.sha256(encode(this.summaries()))
  }

  summaries(): readonly CosignedSummary[] {
    return [...this.byOrigin]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([origin, { newest }]) => [
        origin,
        newest.checkpoint.size,
        newest.cosignatures.length,
        Math.max(0, ...newest.cosignatures.map(({ time }) => time)),
      ])
  }

  /** Notes that tell more than these summaries: newer heads, more lines or fresher ones, and the quorum heads below. */
  beyond(have: readonly CosignedSummary[]): readonly Uint8Array[] {
    const theirs = new Map(have.map((one) => [one[0], one]))
    return this.summaries().flatMap(([origin, size, lines, latest]) => {
      const known = this.byOrigin.get(origin)
      const [, theirSize = -1, theirLines = 0, theirLatest = 0] = theirs.get(origin) ?? []
      const tells = size > theirSize || (size === theirSize && (lines > theirLines || latest > theirLatest))
      if (known === undefined || !tells) return []
      const { newest, quorum } = known
      const below = quorum === undefined || quorum.text === newest.text ? [] : [printCosigned(quorum)]
      return [...below, printCosigned(newest)]
    })
  }

  private async addNow(note: Uint8Array): Promise<AddedHead> {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok) return 'refused'
    const { origin, size } = signed.value.checkpoint
    const log = this.parts.logs.get(origin)
    if (log?.keys === undefined || size === 0) return 'known'
    if (!isSigned(this.parts.primitives, log.keys, signed.value)) return 'refused'
    const head = readCosigned(this.parts.primitives, signed.value, this.keys(inForce))
    if (head.cosignatures.length === 0) return 'known'
    // A head of ours above or beside what is held says nothing until its entries are here and lead to its root.
    if (size > log.edge.size) return 'known'
    const root = await this.parts.logs.rootAt(log, size)
    if (root === undefined || !equal(root, signed.value.checkpoint.root)) return 'refused'
    return this.keep(log.number, origin, head)
  }

  private async keep(number: number, origin: string, head: CosignedHead): Promise<AddedHead> {
    const known = this.byOrigin.get(origin)
    const newest = newer(known?.newest, head, 'latest')
    const quorum = this.quorumOf(known?.quorum, [newest, head])
    if (isSame(known, { newest, quorum })) return 'known'
    const place = [{ log: number }] as const
    const operations: Operation[] = [
      { type: 'put', key: keyOf('cosigned', ...place, { byte: KIND.newest }), value: printCosigned(newest) },
    ]
    if (quorum !== undefined) {
      const value = printCosigned(quorum)
      operations.push({ type: 'put', key: keyOf('cosigned', ...place, { byte: KIND.quorum }), value })
    }
    const left = known?.quorum
    if (left !== undefined && left.text !== quorum?.text && (await this.isWorthKeeping(number, left))) {
      const at = { index: left.checkpoint.size }
      const key = keyOf('cosigned', ...place, { byte: KIND.earlier }, at)
      operations.push({ type: 'put', key, value: printCosigned(left) })
    }
    await this.parts.store.batch(operations, 'durable')
    this.byOrigin.set(origin, { newest, quorum })
    return 'new'
  }

  /** The largest head that a quorum confirmed, with the earliest line of each mirror. */
  private quorumOf(
    known: CosignedHead | undefined,
    candidates: readonly CosignedHead[],
  ): CosignedHead | undefined {
    return candidates.reduce<CosignedHead | undefined>((best, head) => {
      const isCandidate = best?.text === head.text || this.quorate(head) !== undefined
      return isCandidate ? newer(best, head, 'earliest') : best
    }, known)
  }

  /** One quorum head in ten minutes bounds the time of every entry to within them. */
  private async isWorthKeeping(log: number, head: CosignedHead): Promise<boolean> {
    const prefix = keyOf('cosigned', { log }, { byte: KIND.earlier })
    const range = { gte: prefix, lt: after(prefix), reverse: true, limit: 1 }
    for await (const [, note] of this.parts.store.iterate(range)) {
      const last = parseSignedCheckpoint(note)
      if (!last.ok) return true
      const times = cosignersOf(readCosigned(this.parts.primitives, last.value, this.keys(ever)), 'mirror')
      return earliest(cosignersOf(head, 'mirror')) - earliest(times) >= KEPT_EVERY_SECONDS
    }
    return true
  }

  private quorate(head: CosignedHead | undefined): CosignedHead | undefined {
    if (head === undefined) return undefined
    return isQuorumHead(head, this.othersOf(head.checkpoint.origin)) ? head : undefined
  }

  private reread(origin: string, key: Uint8Array): CosignedHead | undefined {
    const note = this.parts.store.getSync(key)
    const keys = this.parts.logs.get(origin)?.keys
    const signed = note === undefined ? undefined : parseSignedCheckpoint(note)
    if (signed?.ok !== true || keys === undefined) return undefined
    if (signed.value.checkpoint.origin !== origin) return undefined
    if (!isSigned(this.parts.primitives, keys, signed.value)) return undefined
    const head = readCosigned(this.parts.primitives, signed.value, this.keys(ever))
    return head.cosignatures.length === 0 ? undefined : head
  }

  private keys(counting: Counting): readonly CosignerKey[] {
    const { members, outside, keysOf, isStruck } = this.parts
    const declared = members.flatMap((domain): readonly CosignerKey[] => {
      const state = keysOf(domain)
      if (state === undefined) return []
      const of = (role: MemberKey['role']) => counting(state, role).map((key) => ({ domain, role, key }))
      return [...of('mirror'), ...of('witness')]
    })
    // One key, one cosigner: a key that a member declares too would speak for both.
    const isOneOwners = ({ key }: OutsideWitness) => !declared.some((other) => equal(other.key, key))
    const beside = outside
      .filter(isOneOwners)
      .map(({ name, key }): CosignerKey => ({ domain: name, role: 'outside', key }))
    return [...declared, ...beside].filter((key) => !isStruck(key))
  }
}

type Counting = (state: KeyState, role: MemberKey['role']) => readonly MemberKey['key'][]

function inForce(state: KeyState, role: MemberKey['role']) {
  return keysInForce(state, role, Number.MAX_SAFE_INTEGER).map(({ key }) => key)
}

/** A line that was verified while its key was in force stays good when the key is retired, not when it is revoked. */
function ever(state: KeyState, role: MemberKey['role']) {
  return [...state.keys.values()]
    .filter(({ purpose, revoked }) => purpose === role && revoked === undefined)
    .map(({ key }) => key)
}

function isSigned(primitives: Primitives, keys: KeyState, signed: SignedCheckpoint): boolean {
  return keysInForce(keys, 'log', 0).some(({ key }) => verifyCheckpoint(primitives, signed, key).ok)
}

/** The larger head, or both joined where they are one. */
function newer(a: CosignedHead | undefined, b: CosignedHead, keep: 'earliest' | 'latest'): CosignedHead {
  if (a === undefined) return b
  if (a.text === b.text) return joinCosigned(a, b, keep)
  return b.checkpoint.size > a.checkpoint.size ? b : a
}

function isSame(known: Known | undefined, next: Known): boolean {
  const print = (head: CosignedHead | undefined) =>
    head === undefined ? new Uint8Array(0) : printCosigned(head)
  if (known === undefined) return false
  return equal(print(known.newest), print(next.newest)) && equal(print(known.quorum), print(next.quorum))
}

function earliest(times: ReadonlyMap<string, number>): number {
  return Math.min(...times.values())
}
