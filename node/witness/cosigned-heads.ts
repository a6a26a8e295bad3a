/**
 * Heads of logs with the cosignatures on them that were verified here: of each log the newest head that anybody
 * cosigned, the newest that a quorum confirmed, and one in ten minutes of those before it, which bound the time of
 * older entries. Every line was verified under a key that its member's own log has in force. Spec 03 §13.
 */
import { equal } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import type { KeyState } from '../../protocol/identity/keystate.ts'
import { keysInForce } from '../../protocol/identity/keystate.ts'
import {
  linesUnder,
  parseSignedCheckpoint,
  verifyCheckpoint,
  type SignedCheckpoint,
} from '../../protocol/log/checkpoint.ts'
import {
  confirmedAt,
  cosignersOf,
  countLines,
  isQuorumHead,
  newerHead,
  printCosigned,
  readCosigned,
  readLines,
  type CosignedHead,
  type CosignerKey,
  type ReadHead,
  type Reading,
  withoutLines,
} from '../../protocol/log/cosigned-head.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { printNote, type NoteSignature } from '../../protocol/log/note.ts'
import type { CosignedSummary } from '../../protocol/sync/message.ts'
import type { KeyValue } from '../ports.ts'
import { after, keyOf } from '../store/prefixes.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import { cosignerKeys, declared, ever, inForce, type Counting, type KeysParts } from './cosigner-keys.ts'
import { earlierBy, KIND, rowsOf } from './cosigned-rows.ts'
import { CosignedSummaries } from './cosigned-summaries.ts'
import { CosignerWatch, type WatchParts } from './cosigner-watch.ts'

export type CosignedHeadsParts = KeysParts & {
  readonly primitives: Primitives
  readonly store: KeyValue
  readonly logs: Logs
  /** Whether a proof convicts this cosigner: its lines count no more. */
  readonly isStruck: (key: CosignerKey) => boolean
  /** Takes two lines of one key that exclude each other in as evidence. */
  readonly accuse: WatchParts['accuse']
}

export type Known = { readonly newest: CosignedHead; readonly quorum: CosignedHead | undefined }

/** What a note came to that somebody handed over. */
export type AddedHead = {
  /** Whether it told anything that was not kept here. */
  readonly kind: 'new' | 'known' | 'refused'
  /** Cosigners in whose name it has lines that they did not sign. Nobody that verifies what it passes on has such a note. */
  readonly forged: readonly string[]
  /** Whether all its lines were verified, so that it may be passed on as it came. */
  readonly isWhole: boolean
}

const NOTHING_READ: AddedHead = { kind: 'known', forged: [], isWhole: false }

/** Between two quorum heads that are kept for good. */
const KEPT_EVERY_SECONDS = 600

export class CosignedHeads {
  private readonly parts: CosignedHeadsParts
  // Written by `open` and `keep` only, after the batch is on disk.
  private readonly byOrigin = new Map<string, Known>()
  // The largest head that a quorum confirmed above what was held then. Written by `addNow` only.
  private readonly above = new Map<string, number>()
  private tail: Promise<unknown> = Promise.resolve()
  private readonly watch: CosignerWatch
  private readonly said: CosignedSummaries
  private readonly hearers: ((head: CosignedHead) => Promise<void>)[] = []

  constructor(parts: CosignedHeadsParts) {
    this.parts = parts
    this.watch = new CosignerWatch(parts)
    this.said = new CosignedSummaries(parts.primitives)
  }

  /** Reads what is stored and verifies it again: a line damaged on disk is left out, and comes back from others. */
  open(): void {
    for (const { origin, number } of this.parts.logs.all()) {
      const newest = this.reread(origin, keyOf('cosigned', { log: number }, { byte: KIND.newest }))
      const quorum = this.reread(origin, keyOf('cosigned', { log: number }, { byte: KIND.quorum }))
      if (newest !== undefined) this.byOrigin.set(origin, { newest, quorum: this.quorate(quorum) })
      for (const head of [quorum, newest]) if (head !== undefined) this.watch.learn(head)
    }
  }

  /** Logs whose stored rows are not what was verified: a line altered on disk, a row cut short or gone. */
  damaged(): readonly string[] {
    return this.parts.logs.all().flatMap(({ origin, number }) => {
      const known = this.byOrigin.get(origin)
      const isWhole = (kind: number, head: CosignedHead | undefined) => {
        const row = this.parts.store.getSync(keyOf('cosigned', { log: number }, { byte: kind }))
        if (head !== undefined && row !== undefined && equal(row, printCosigned(head))) return true
        // A line whose key was convicted or revoked since counts no more, and is no damage.
        const all = row && this.readRow(origin, row, cosignerKeys(this.parts, declared))
        return row === undefined ? head === undefined : all !== undefined && equal(row, printCosigned(all))
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
      await this.parts.store.batch(rowsOf(log.number, newest, quorum), 'durable')
    }
  }

  /** The last statements of a member's cosigners that are known here, a note for each key and log. */
  async statedBy(domain: string): Promise<readonly Uint8Array[]> {
    const earlier: Uint8Array[] = []
    for (const { number } of this.parts.logs.all()) {
      const note = await earlierBy(this.parts.store, number, domain)
      if (note !== undefined) earlier.push(note)
    }
    return [...this.watch.statedBy(domain), ...earlier]
  }

  /** Hears of each head whose lines were verified, before anything is answered on it. */
  onVerified(hear: (head: CosignedHead) => Promise<void>): void {
    this.hearers.push(hear)
  }

  /** How many other members could confirm a head of this log. */
  othersOf(origin: string): number {
    return this.parts.members.filter((domain) => !origin.startsWith(`${domain}/`)).length
  }

  get(origin: string): Known | undefined {
    return this.byOrigin.get(origin)
  }

  /** The size of the largest head that a quorum is known to have confirmed, whether its entries are held or not; 0 for none. */
  confirmedSize(origin: string): number {
    return Math.max(this.byOrigin.get(origin)?.quorum?.checkpoint.size ?? 0, this.above.get(origin) ?? 0)
  }

  /** When a quorum last confirmed the newest quorum head; seconds since 1970. */
  confirmedAt(origin: string): number | undefined {
    const known = this.byOrigin.get(origin)
    if (known === undefined) return undefined
    const others = this.othersOf(origin)
    return confirmedAt(known.newest, others) ?? (known.quorum && confirmedAt(known.quorum, others))
  }

  /** A signed head of a log with the cosignatures that are known for it, and nothing that was not verified here. */
  noteWith(note: Uint8Array): Uint8Array {
    const { primitives, logs } = this.parts
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok) return note
    const { origin } = signed.value.checkpoint
    const { text } = signed.value.note
    const known = this.byOrigin.get(origin)
    const same = [known?.newest, known?.quorum].find((head) => head?.text === text)
    if (same !== undefined) return printCosigned(same)
    const keys = logs.get(origin)?.keys
    const signatures = keys && signedBy(primitives, keys, signed.value)
    return signatures === undefined ? note : printNote({ text, signatures })
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

  /** Signatures that are verified to read the cosignatures on a note: those kept here with the same bytes are not. */
  costOf(note: Uint8Array): number {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok || this.parts.logs.get(signed.value.checkpoint.origin)?.keys === undefined) return 0
    return countLines(this.parts.primitives, signed.value, this.reading(signed.value))
  }

  /** Looks whether a cosigner contradicts itself, whatever becomes of the head: its lines are its own words. */
  heed(note: Uint8Array): Promise<AddedHead> {
    const run = this.tail.then(() => this.heedNow(note))
    this.tail = run.catch(() => undefined)
    return run
  }

  /** Lets go of the lines of keys that were convicted: heads keep the quorum they have without them, or none. */
  strike(): Promise<void> {
    const run = this.tail.then(() => this.strikeNow())
    this.tail = run.catch(() => undefined)
    return run
  }

  /** SHA-256 over what `summaries` says: equal digests, nothing to exchange. */
  digest(): Uint8Array {
    return this.parts.primitives.sha256(encode(this.summaries()))
  }

  summaries(): readonly CosignedSummary[] {
    return this.said.of(this.byOrigin)
  }

  /** Notes that may tell more than these summaries, and the quorum heads below. */
  beyond(have: readonly CosignedSummary[]): readonly Uint8Array[] {
    return this.said.beyond(this.byOrigin, have)
  }

  private async heedNow(note: Uint8Array): Promise<AddedHead> {
    const signed = parseSignedCheckpoint(note)
    const read = signed.ok ? await this.read(signed.value) : undefined
    return read === undefined ? NOTHING_READ : { ...NOTHING_READ, forged: read.forged }
  }

  private async addNow(note: Uint8Array): Promise<AddedHead> {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok) return { ...NOTHING_READ, kind: 'refused' }
    const read = await this.read(signed.value)
    const log = this.parts.logs.get(signed.value.checkpoint.origin)
    if (read === undefined || log?.keys === undefined) return NOTHING_READ
    const { forged, head } = read
    const own = signedBy(this.parts.primitives, log.keys, signed.value)
    if (own === undefined) return { ...NOTHING_READ, kind: 'refused', forged }
    const isWhole = read.isWhole && own.length === head.own.length
    return { kind: await this.take(log, { ...head, own }), forged, isWhole }
  }

  /** Takes a head in that its log signed. */
  private async take(log: HeldLog, head: CosignedHead): Promise<AddedHead['kind']> {
    const { origin, size, root } = head.checkpoint
    if (size === 0 || head.cosignatures.length === 0) return 'known'
    // A head above what is held says nothing until its entries are here and lead to its root, but how far others went.
    if (size > log.edge.size) {
      if (this.quorate(head) !== undefined) this.above.set(origin, Math.max(size, this.confirmedSize(origin)))
      return 'known'
    }
    const held = await this.parts.logs.rootAt(log, size)
    if (held === undefined || !equal(held, root)) return 'refused'
    return this.keep(log.number, origin, head)
  }

  /** The head with the lines that verify, of keys that contradict nothing they stated before. */
  private async read(signed: SignedCheckpoint): Promise<ReadHead | undefined> {
    if (this.parts.logs.get(signed.checkpoint.origin)?.keys === undefined) return undefined
    const read = readLines(this.parts.primitives, signed, this.reading(signed))
    await this.watch.look(read.head)
    for (const hear of this.hearers) await hear(read.head)
    return { ...read, head: withoutLines(read.head, this.parts.isStruck) }
  }

  private reading({ checkpoint, note }: SignedCheckpoint): Reading {
    const { newest, quorum } = this.byOrigin.get(checkpoint.origin) ?? {}
    const same = [newest, quorum].filter((head) => head?.text === note.text)
    return {
      keys: this.keys(inForce),
      declared: () => cosignerKeys(this.parts, declared),
      known: same.flatMap((head) => head?.cosignatures ?? []),
    }
  }

  private async strikeNow(): Promise<void> {
    const { logs, store, isStruck } = this.parts
    for (const [origin, known] of this.byOrigin) {
      const log = logs.get(origin)
      const newest = withoutLines(known.newest, isStruck)
      const quorum = this.quorate(known.quorum && withoutLines(known.quorum, isStruck))
      if (log === undefined || isSame(known, { newest, quorum })) continue
      const left = newest.cosignatures.length === 0 ? undefined : newest
      await store.batch(rowsOf(log.number, left, quorum), 'durable')
      if (left === undefined) this.byOrigin.delete(origin)
      else this.byOrigin.set(origin, { newest: left, quorum })
    }
  }

  private async keep(number: number, origin: string, head: CosignedHead): Promise<AddedHead['kind']> {
    const known = this.byOrigin.get(origin)
    const newest = newerHead(known?.newest, head, 'latest')
    const heads = known === undefined ? [head] : [known.newest, head]
    const quorum = this.quorumOf(known?.quorum, [newest, ...heads])
    if (isSame(known, { newest, quorum })) return 'known'
    const operations = rowsOf(number, newest, quorum).filter(({ type }) => type === 'put')
    const left = known?.quorum
    if (left !== undefined && left.text !== quorum?.text && (await this.isWorthKeeping(number, left))) {
      const at = { index: left.checkpoint.size }
      const key = keyOf('cosigned', { log: number }, { byte: KIND.earlier }, at)
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
      return isCandidate ? newerHead(best, head, 'earliest') : best
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
      const since = Math.min(...cosignersOf(head, 'mirror').values()) - Math.min(...times.values())
      return since >= KEPT_EVERY_SECONDS
    }
    return true
  }

  private quorate(head: CosignedHead | undefined): CosignedHead | undefined {
    if (head === undefined) return undefined
    return isQuorumHead(head, this.othersOf(head.checkpoint.origin)) ? head : undefined
  }

  private reread(origin: string, key: Uint8Array): CosignedHead | undefined {
    const note = this.parts.store.getSync(key)
    return note && this.readRow(origin, note, this.keys(ever))
  }

  private readRow(origin: string, note: Uint8Array, keys: readonly CosignerKey[]): CosignedHead | undefined {
    const state = this.parts.logs.get(origin)?.keys
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok || state === undefined || signed.value.checkpoint.origin !== origin) return undefined
    const own = signedBy(this.parts.primitives, state, signed.value)
    if (own === undefined) return undefined
    const head = { ...readCosigned(this.parts.primitives, signed.value, keys), own }
    return head.cosignatures.length === 0 ? undefined : head
  }

  private keys(counting: Counting): readonly CosignerKey[] {
    return cosignerKeys(this.parts, counting).filter((key) => !this.parts.isStruck(key))
  }
}

/** The log's own lines on its head, where its key signed it: whatever else stands in its name is dropped. */
function signedBy(
  primitives: Primitives,
  keys: KeyState,
  signed: SignedCheckpoint,
): readonly NoteSignature[] | undefined {
  const signer = keysInForce(keys, 'log', 0).find(({ key }) => verifyCheckpoint(primitives, signed, key).ok)
  return signer && linesUnder(primitives, signed, signer.key)
}

function isSame(known: Known | undefined, next: Known): boolean {
  const print = (head: CosignedHead | undefined) =>
    head === undefined ? new Uint8Array(0) : printCosigned(head)
  if (known === undefined) return false
  return equal(print(known.newest), print(next.newest)) && equal(print(known.quorum), print(next.quorum))
}
