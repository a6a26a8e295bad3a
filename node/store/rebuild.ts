/**
 * Making a stored log whole again, in its place and under its number: every bundle is taken from the store where it is
 * plausible and from other members where it is not, and the tree is made anew from the entries. What is written is
 * only what differs, and the size, root and head only once the entries lead to the head that the log's key signed.
 */
import { equal } from '../../protocol/bytes.ts'
import { parseEntry, type Entry } from '../../protocol/codec/statement.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import type { KeyState } from '../../protocol/identity/keystate.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import { isErasable, type CheckedEntry } from '../../protocol/log/entry.ts'
import { erasedPlace } from '../../protocol/log/erasure.ts'
import { appendLeaves, edgeRoot, leafHash, type Edge } from '../../protocol/log/merkle.ts'
import { TILE_WIDTH } from '../../protocol/log/tile.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { checkChunk, proveChunk, proveErasures, type Chunk } from '../../protocol/sync/chunk.ts'
import { NodeError } from '../errors.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { readEntries, readParts } from './entries.ts'
import { readErased, removalOperations, type ErasedPart } from './erasures.ts'
import { extend, type NewEntry } from './extension.ts'
import { emptyLog, type HeldLog } from './log.ts'
import { keyOf } from './prefixes.ts'
import { staleRows } from './stale.ts'

export type RebuildParts = {
  readonly primitives: Primitives
  readonly store: KeyValue
  readonly number: number
  readonly origin: string
  readonly rootKey: PublicKey
  /** What the entries must lead to. */
  readonly head: Checkpoint
  /** The signed note of the head; undefined for one of our own that was not signed yet. */
  readonly note: Uint8Array | undefined
  readonly verify: (checked: readonly CheckedEntry[]) => Promise<boolean>
  /** Runs of entries from `from` on, as other members have them; each run's next chunk continues the one before. */
  readonly candidates: (from: number) => AsyncIterable<AsyncIterable<Chunk>>
}

export type Rebuilt =
  | { readonly kind: 'whole'; readonly fetched: number; readonly written: number }
  /** Nobody who answered has what is missing here. */
  | { readonly kind: 'missing'; readonly from: number; readonly count: number }
  | { readonly kind: 'contradicts' }

/** Whether stored entries are believed where they look right, or all of them are asked for. */
type Trust = 'plausible' | 'nothing'

/** Bytes of proven changes kept in memory before they are written. */
const PENDING_BYTES_MAX = 32 * 1024 * 1024

export async function rebuild(parts: RebuildParts): Promise<Rebuilt> {
  const first = await new Rebuild(parts, 'plausible').run()
  // An altered entry beside a tile altered to match: only the root tells. Then nothing here is believed.
  return first.kind === 'contradicts' ? new Rebuild(parts, 'nothing').run() : first
}

class Rebuild {
  private readonly parts: RebuildParts
  private readonly trust: Trust
  private log: HeldLog
  private edge: Edge
  private keys: KeyState | undefined
  // Parts that are gone by what is stored here or was proven; and those that an entry erased and that came back.
  private erased = new Map<number, number>()
  private readonly again: (ErasedPart & { readonly leaf: Uint8Array })[] = []
  private pending: Operation[] = []
  private pendingBytes = 0
  private fetched = 0
  private written = 0

  constructor(parts: RebuildParts, trust: Trust) {
    this.parts = parts
    this.trust = trust
    this.log = emptyLog(parts.number, parts.origin)
    this.edge = this.log.edge
  }

  async run(): Promise<Rebuilt> {
    const { primitives, head, store, number } = this.parts
    this.erased = await readErased(store, number)
    while (this.edge.size < head.size) {
      const from = this.edge.size
      const count = Math.min(TILE_WIDTH, head.size - from)
      const stored = await this.stored(from, count)
      const isGood = stored !== undefined && this.trust === 'plausible' && (await this.isPlausible(stored))
      if (isGood && stored !== undefined) await this.take(stored)
      else if (!(await this.fetch(from, count))) {
        // Only the tile over them may be wrong: the root decides in the end.
        if (stored === undefined || !this.isValid(stored)) return { kind: 'missing', from, count }
        await this.take(stored)
      }
    }
    if (!equal(edgeRoot(primitives, this.edge), head.root)) return { kind: 'contradicts' }
    await this.finish()
    return { kind: 'whole', fetched: this.fetched, written: this.written }
  }

  private async stored(from: number, count: number): Promise<Chunk | undefined> {
    const { store, number } = this.parts
    try {
      const entries = await this.storedEntries(from, count)
      if (entries.length < count) return undefined
      const parts = await readParts(store, number, from, count)
      return this.withoutErased({ from, entries, parts: parts.map((part) => part ?? null), proof: [] })
    } catch (error) {
      if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return undefined
      throw error
    }
  }

  /** What was erased is refused from anybody. */
  private withoutErased(chunk: Chunk): Chunk {
    const parts = chunk.parts.map((part, at) => (this.erased.has(chunk.from + at) ? null : part))
    return { ...chunk, parts }
  }

  /** A bundle, or the rows of one that was not full when it was written. */
  private async storedEntries(from: number, count: number): Promise<readonly Uint8Array[]> {
    const { store, number } = this.parts
    const view = { number, size: Number.MAX_SAFE_INTEGER, tail: [] }
    const bundle = readEntries(store, view, from, count)
    if (bundle.length === count) return bundle
    const keys = Array.from({ length: count }, (_, at) =>
      keyOf('tail', { log: number }, { index: from + at }),
    )
    return (await store.getMany(keys)).flatMap((row) => row ?? [])
  }

  private isValid(chunk: Chunk): boolean {
    const { primitives, origin, rootKey } = this.parts
    const replica = { origin, rootKey, keys: this.keys, edge: this.edge }
    return checkChunk(primitives, replica, chunk, this.erased).refusal === undefined
  }

  /** Valid, and hashed as the stored tile says. */
  private async isPlausible(chunk: Chunk): Promise<boolean> {
    const { primitives, store, number } = this.parts
    if (!this.isValid(chunk)) return false
    const leaves = chunk.entries.map((entry) => leafHash(primitives, entry))
    if (leaves.length < TILE_WIDTH) return true
    const key = keyOf('tile', { log: number }, { byte: 0 }, { index: chunk.from / TILE_WIDTH })
    const tile = await readable(() => store.get(key))
    return tile !== undefined && equal(tile, Buffer.concat(leaves))
  }

  /** Takes a bundle from whoever can prove it under the head. */
  private async fetch(from: number, count: number): Promise<boolean> {
    const { primitives, head } = this.parts
    for await (const run of this.parts.candidates(from)) {
      const got: Chunk[] = []
      let edge = this.edge
      for await (const whole of run) {
        const proven = proveChunk(primitives, edge, head, whole)
        const erased = proveErasures(primitives, head, whole)
        if (!proven.ok || !erased.ok) break
        for (const [of, by] of erased.value) this.erased.set(of, by)
        const chunk = this.withoutErased(upTo(whole, from + count))
        if (!(await this.isSigned(chunk, got))) break
        edge = proven.value.edges[chunk.entries.length - 1] ?? edge
        got.push(chunk)
        if (edge.size === from + count) {
          await this.take(joined(got))
          this.fetched += count
          await this.flush()
          return true
        }
      }
    }
    return false
  }

  private async isSigned(chunk: Chunk, before: readonly Chunk[]): Promise<boolean> {
    const { primitives, origin, rootKey, verify } = this.parts
    const all = joined([...before, chunk])
    const replica = { origin, rootKey, keys: this.keys, edge: this.edge }
    const checked = checkChunk(primitives, replica, all, this.erased)
    return checked.refusal === undefined && verify(checked.entries.slice(-chunk.entries.length))
  }

  /** Lays the entries on the tree, and notes which rows differ from what is stored. */
  private async take(chunk: Chunk): Promise<void> {
    const { primitives, store, origin, rootKey } = this.parts
    const replica = { origin, rootKey, keys: this.keys, edge: this.edge }
    const checked = checkChunk(primitives, replica, chunk, this.erased)
    const added = checked.entries.map(({ entry }, at) => this.newEntry(entry, chunk, at))
    const edge = appendLeaves(
      primitives,
      this.edge,
      added.map(({ leaf }) => leaf),
    )
    const keys = checked.entries.at(-1)?.keys
    const { operations, log } = extend(primitives, this.log, added, edge, keys)
    const puts = operations.flatMap((one) => (one.type === 'put' && !isState(one.key) ? [one] : []))
    const rows = (await readable(() => store.getMany(puts.map(({ key }) => key)))) ?? []
    for (const [at, put] of puts.entries()) {
      const row = rows[at]
      if (row !== undefined && equal(row, put.value)) continue
      this.pending.push(put)
      this.pendingBytes += put.value.length
    }
    this.log = log
    this.edge = edge
    this.keys = keys
  }

  private newEntry(entry: Entry, chunk: Chunk, at: number): NewEntry {
    const { primitives, origin } = this.parts
    const index = chunk.from + at
    const by = this.erased.get(index)
    const part = chunk.parts[at] ?? (by === undefined ? undefined : { erasedBy: by })
    if (part === undefined) throw new NodeError('STORE_DAMAGED', `a part of ${origin} is missing`)
    const { statement } = entry
    const place = 'erasedBy' in part ? undefined : erasedPlace(origin, index, statement, part)
    if (place !== undefined && !this.erased.has(place.index)) this.again.push({ ...place, by: index })
    return { entry, leaf: leafHash(primitives, entry.bytes), part }
  }

  /** What a fetched run proved is written early; entries below it are under the head too. */
  private async flush(): Promise<void> {
    if (this.pendingBytes < PENDING_BYTES_MAX) return
    await this.parts.store.batch(this.pending, 'durable')
    this.written += this.pending.length
    this.pending = []
    this.pendingBytes = 0
  }

  private async finish(): Promise<void> {
    const { store, number, head, note } = this.parts
    const { operations } = extend(this.parts.primitives, this.log, [], this.edge, this.keys)
    const state = operations.filter(({ key }) => isState(key))
    const complete: readonly Operation[] =
      note === undefined ? [] : [{ type: 'put', key: keyOf('complete', { log: number }), value: note }]
    const stale = await staleRows(store, number, head.size)
    await store.batch([...this.pending, ...stale, ...state, ...complete], 'durable')
    this.written += this.pending.length
    const again = this.again.filter(({ index, leaf }) => this.isErasable(index, leaf))
    await store.batch(removalOperations(store, number, again), 'durable')
  }

  private isErasable(index: number, leaf: Uint8Array): boolean {
    const [bytes] = readEntries(this.parts.store, { ...this.log, size: this.edge.size }, index, 1)
    const entry = bytes === undefined ? undefined : parseEntry(bytes)
    if (bytes === undefined || !equal(leafHash(this.parts.primitives, bytes), leaf)) return false
    return entry?.ok === true && isErasable(entry.value.statement.kind)
  }
}

function isState(key: Uint8Array): boolean {
  return key[0] === keyOf('state')[0]
}

function upTo(chunk: Chunk, end: number): Chunk {
  const count = Math.max(0, end - chunk.from)
  const { from, entries, parts, proof } = chunk
  return { from, entries: entries.slice(0, count), parts: parts.slice(0, count), proof }
}

function joined(chunks: readonly Chunk[]): Chunk {
  const from = chunks[0]?.from ?? 0
  return {
    from,
    entries: chunks.flatMap(({ entries }) => entries),
    parts: chunks.flatMap(({ parts }) => parts),
    proof: [],
  }
}

async function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return undefined
    throw error
  }
}
