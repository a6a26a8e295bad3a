/**
 * All logs this node holds: its own and its copies of the others'. The only owner of `HeldLog` values.
 *
 * Writes to one log are serial: its appender is the only writer of our own, the verifier the only writer of
 * the others', and each waits for its batch. A value is replaced only after its batch is on disk.
 */
import { bytesOfText, equal, textOfBytes } from '../../protocol/bytes.ts'
import { checkPublicPart, type PublicPart } from '../../protocol/codec/part.ts'
import type { Entry } from '../../protocol/codec/statement.ts'
import type { KeyState } from '../../protocol/identity/keystate.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { edgeRoot, emptyRoot, leafHash, type Edge } from '../../protocol/log/merkle.ts'
import { TILE_WIDTH } from '../../protocol/log/tile.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { NodeError } from '../errors.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { readEntries, readPart, readParts } from './entries.ts'
import { erasedBy, erasuresIn, withoutParts } from './erasures.ts'
import { extend, type NewEntry } from './extension.ts'
import { emptyLog, openLog, printState, sizeOf, statedOf, type HeldLog } from './log.ts'
import { after, keyOf, numberAt } from './prefixes.ts'
import { checkBundle, type CheckParts } from './check.ts'
import { damageError, Damages, type Damage } from './damage.ts'
import { withGoodNotes } from './notes.ts'
import { edgeAt, proveConsistency, proveInclusion } from './proofs.ts'
import { provenRoot } from './roots.ts'
import { storedLeaf } from './tiles.ts'

/** A signed note that goes with an extension: the head it completes, or one that is still being fetched. */
export type NewNote = { readonly kind: 'complete' | 'pending'; readonly bytes: Uint8Array }

export class Logs {
  private readonly primitives: Primitives
  private readonly store: KeyValue
  // Replaced only by `hold`, after the batch that made the new value is on disk.
  private readonly byOrigin = new Map<string, HeldLog>()
  // Written by `hold` and `distrust` only.
  private changes = 0
  private readonly byNumber = new Map<number, string>()
  // Logs that `open` left out. Written by `open` only.
  private readonly faults = new Map<string, NodeError>()
  private readonly making = new Map<string, Promise<HeldLog>>()
  /** What is known to be damaged. Whoever reads and finds something wrong adds to it. */
  readonly damages: Damages

  constructor(primitives: Primitives, store: KeyValue, damages = new Damages()) {
    this.primitives = primitives
    this.store = store
    this.damages = damages
  }

  /** Reads every log. A damaged one is named and left out: it is fetched again, never served. */
  async open(rootKeyOf: (origin: string) => PublicKey | undefined): Promise<readonly NodeError[]> {
    const faults: NodeError[] = []
    const prefix = keyOf('log')
    for await (const [key, value] of this.store.iterate({ gte: prefix, lt: after(prefix) })) {
      const origin = textOfBytes(key.subarray(1))
      if (!origin.ok) continue
      const number = numberAt(value, 0, 4)
      this.byNumber.set(number, origin.value)
      try {
        const log = await openLog(this.primitives, this.store, number, origin.value, rootKeyOf(origin.value))
        this.hold(
          await withGoodNotes(this.primitives, log, this.damages, (held, size) => this.rootAt(held, size)),
        )
      } catch (error) {
        if (!(error instanceof NodeError)) throw error
        faults.push(error)
        this.faults.set(origin.value, error)
        this.damages.add({ origin: origin.value, what: 'log', index: undefined, why: error.message })
      }
    }
    return faults
  }

  /** Why a log that was stored here was left out. What is held of it since is a fresh copy. */
  faultOf(origin: string): NodeError | undefined {
    return this.faults.get(origin)
  }

  /** Takes a log for damaged whatever it looks like: it is not shown and not written until it is made whole. */
  distrust(origin: string, why: string): void {
    const error = damageError(`the stored log ${origin} is damaged: ${why}`)
    this.byOrigin.delete(origin)
    this.changes += 1
    this.faults.set(origin, error)
    this.damages.add({ origin, what: 'log', index: undefined, why: error.message })
  }

  /** The number under which a log is stored, whether it could be opened or not. */
  numberOf(origin: string): number | undefined {
    const found = [...this.byNumber].findLast(([, name]) => name === origin)
    return this.byOrigin.get(origin)?.number ?? found?.[0]
  }

  /** Takes a log that was made whole again in the store, in the place of what was held until now. */
  replace(before: HeldLog | undefined, log: HeldLog): void {
    if (this.byOrigin.get(log.origin) !== before) throw changed(log)
    this.hold(log)
    this.byNumber.set(log.number, log.origin)
    this.faults.delete(log.origin)
    this.damages.clear(log.origin)
  }

  all(): readonly HeldLog[] {
    return [...this.byOrigin.values()]
  }

  /** Another number whenever leaf 0 of a log became known here or was lost: what follows from them is to be judged anew. */
  epochsRevision(): number {
    return this.changes
  }

  get(origin: string): HeldLog | undefined {
    return this.byOrigin.get(origin)
  }

  /** Undefined for the number of a damaged log: its rows are not those of the copy that replaces it. */
  originOf(number: number): string | undefined {
    const origin = this.byNumber.get(number)
    return origin !== undefined && this.byOrigin.get(origin)?.number === number ? origin : undefined
  }

  /** The log of this origin, made empty when it is new. */
  ensure(origin: string): Promise<HeldLog> {
    const held = this.byOrigin.get(origin)
    if (held !== undefined) return Promise.resolve(held)
    const making = this.making.get(origin) ?? this.make(origin).finally(() => this.making.delete(origin))
    this.making.set(origin, making)
    return making
  }

  private async make(origin: string): Promise<HeldLog> {
    // The number is taken before anything is awaited: logs of two members may be met at one moment.
    const before = this.numberOf(origin)
    const number = Math.max(0, ...this.byNumber.keys()) + 1
    this.byNumber.set(number, origin)
    const root = emptyRoot(this.primitives)
    await this.store.batch(
      [
        {
          type: 'put',
          key: keyOf('log', bytesOfText(origin)),
          value: keyOf('meta', { log: number }).subarray(1),
        },
        { type: 'put', key: keyOf('state', { log: number }), value: printState(0, root) },
        ...(before === undefined ? [] : statedOf(this.store, before, number)),
      ],
      'durable',
    )
    const log = emptyLog(number, origin)
    this.hold(log)
    return log
  }

  /** Writes entries that continue a log, durably, and returns the log with them. */
  async extend(
    log: HeldLog,
    added: readonly NewEntry[],
    after: {
      readonly edge: Edge
      readonly keys: KeyState | undefined
      readonly note?: NewNote
      readonly alongside?: readonly Operation[]
    },
  ): Promise<HeldLog> {
    this.expectCurrent(log)
    // A tree that does not continue this very log would put a hash twice into its tiles: right roots, wrong proofs.
    if (after.edge.size !== log.edge.size + added.length) throw changed(log)
    const erased = erasuresIn(this.store, log, added)
    const left = withoutParts(this.store, log, added, erased)
    const extension = extend(this.primitives, left.log, left.added, after.edge, after.keys)
    const { operations, next } = withNote(extension.log, after.note)
    await this.store.batch(
      [...left.operations, ...extension.operations, ...operations, ...(after.alongside ?? [])],
      'durable',
    )
    this.hold(next)
    this.forgetHeadDamage(log.origin, after.note)
    return next
  }

  /** Stores a signed note for what is held already, durably. */
  async putNote(log: HeldLog, note: NewNote): Promise<HeldLog> {
    this.expectCurrent(log)
    const { operations, next } = withNote(log, note)
    await this.store.batch(operations, 'durable')
    this.hold(next)
    this.forgetHeadDamage(log.origin, note)
    return next
  }

  /** Entries from `from`, to the end of its bundle at most. */
  entries(log: HeldLog, from: number, count: number): readonly Uint8Array[] {
    const available = Math.max(0, Math.min(count, log.edge.size - from))
    return available === 0 ? [] : readEntries(this.store, { ...log, size: log.edge.size }, from, available)
  }

  part(log: HeldLog, index: number): PublicPart | undefined {
    return readPart(this.store, log.number, index)
  }

  parts(log: HeldLog, from: number, count: number): Promise<readonly (PublicPart | undefined)[]> {
    return readParts(this.store, log.number, from, count)
  }

  /** By which entry a public part was erased. */
  erasedBy(log: HeldLog, index: number): number | undefined {
    return erasedBy(this.store, log.number, index)
  }

  /** Whether these bytes are what the tree has at this index. If not, that is kept in mind. */
  isAt(log: HeldLog, index: number, bytes: Uint8Array): boolean {
    const hash = storedLeaf(this.store, log, index)
    if (hash !== undefined && equal(hash, leafHash(this.primitives, bytes))) return true
    this.damages.add({ origin: log.origin, what: 'entry', index, why: 'its hash is not the one in the tree' })
    return false
  }

  /** Whether a public part is the one that its entry committed to. If not, that is kept in mind. */
  fits(log: HeldLog, index: number, entry: Entry, part: PublicPart): boolean {
    if (checkPublicPart(this.primitives, entry, part).ok) return true
    this.damages.add({ origin: log.origin, what: 'part', index, why: 'it is not what its entry commits to' })
    return false
  }

  /** Reads a bundle and its tiles again and keeps in mind what is damaged, unless the log grew meanwhile. */
  async check(log: HeldLog, bundle: number): Promise<readonly Damage[]> {
    const found = await checkBundle(this.partsOf(log), bundle)
    if (this.byOrigin.get(log.origin) !== log) return []
    for (const damage of found) this.damages.add(damage)
    return found
  }

  /** Something in or above the bundle of this entry cannot be relied on: says what. */
  async nameDamage(log: HeldLog, index: number): Promise<void> {
    const found = await this.check(log, Math.floor(index / TILE_WIDTH))
    if (found.length > 0 || this.byOrigin.get(log.origin) !== log) return
    const why = 'the hashes above it do not lead to the root'
    this.damages.add({ origin: log.origin, what: 'tile', index, why })
  }

  /** A proof that holds. Throws STORE_DAMAGED where the stored hashes make none. */
  async inclusionProof(log: HeldLog, index: number, size: number): Promise<readonly Uint8Array[]> {
    return (await proveInclusion(this.partsOf(log), index, size)) ?? this.unproven(log, index)
  }

  /** The same between two sizes. */
  async consistencyProof(log: HeldLog, oldSize: number, size: number): Promise<readonly Uint8Array[]> {
    return (await proveConsistency(this.partsOf(log), oldSize, size)) ?? this.unproven(log, oldSize - 1)
  }

  /** The root of the first `size` entries. */
  async rootAt(log: HeldLog, size: number): Promise<Uint8Array | undefined> {
    const edge = await this.edgeAt(log, size)
    return edge === undefined ? undefined : edgeRoot(this.primitives, edge)
  }

  /** The same, proven against the tree in memory; undefined where what is stored does not lead there. */
  provenRoot(log: HeldLog, size: number): Uint8Array | undefined {
    return provenRoot(this.primitives, this.store, log, size)
  }

  /** The tree of the first `size` entries. */
  edgeAt(log: HeldLog, size: number): Promise<Edge | undefined> {
    return edgeAt(this.partsOf(log), size)
  }

  private hold(log: HeldLog): void {
    const before = this.byOrigin.get(log.origin)
    if (before === undefined || before.keys?.epoch !== log.keys?.epoch) this.changes += 1
    this.byOrigin.set(log.origin, log)
  }

  /** A new head takes the place of a damaged one, and a complete copy that of a damaged log. */
  private forgetHeadDamage(origin: string, note: NewNote | undefined): void {
    if (note?.kind !== 'complete') return
    this.damages.clear(origin, 'head')
    this.damages.clear(origin, 'log')
  }

  private partsOf(log: HeldLog): CheckParts {
    return { primitives: this.primitives, store: this.store, log }
  }

  private async unproven(log: HeldLog, index: number): Promise<never> {
    await this.nameDamage(log, Math.max(0, index))
    throw damageError(`hash tiles of ${log.origin} are damaged or missing`)
  }

  /** Compare-and-swap: two writers of one log would sign two heads of one size. */
  private expectCurrent(log: HeldLog): void {
    if (this.byOrigin.get(log.origin) === log) return
    throw changed(log)
  }
}

function changed(log: HeldLog): NodeError {
  return new NodeError('CONFLICT', `the log ${log.origin} changed while it was being written`)
}

function withNote(
  log: HeldLog,
  note: NewNote | undefined,
): { operations: readonly Operation[]; next: HeldLog } {
  if (note === undefined) return { operations: [], next: log }
  const place = { log: log.number }
  // The largest head ever seen is kept until all of it is held: a member that lost its log asks for it.
  const isLargest = sizeOf(note.bytes) > sizeOf(log.pending)
  if (note.kind === 'pending') {
    if (!isLargest) return { operations: [], next: log }
    const operation: Operation = { type: 'put', key: keyOf('pending', place), value: note.bytes }
    return { operations: [operation], next: { ...log, pending: note.bytes } }
  }
  const complete: Operation = { type: 'put', key: keyOf('complete', place), value: note.bytes }
  if (log.pending !== undefined && sizeOf(note.bytes) < sizeOf(log.pending)) {
    return { operations: [complete], next: { ...log, complete: note.bytes } }
  }
  return {
    operations: [complete, { type: 'del', key: keyOf('pending', place) }],
    next: { ...log, complete: note.bytes, pending: undefined },
  }
}
