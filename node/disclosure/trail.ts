/**
 * The audit trail on disk: sealed entries, and the right edge of the Merkle tree over them, in one batch with
 * whatever else belongs to a step.
 *
 * Invariant: `append` answers when its entries are on disk. Whoever is about to let a byte out awaits it first; if it
 * throws, nothing leaves. Entries are never changed. When its retention ends an entry is pruned: its content goes and its
 * leaf hash stays, so that the tree and the heads that were logged still verify.
 */
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isList, isMap } from '../../protocol/codec/value.ts'
import { parseTrailEntry, printTrailEntry, type TrailEntry } from '../../protocol/access/trail.ts'
import {
  appendLeaves,
  edgeRoot,
  EMPTY_EDGE,
  HASH_BYTES,
  leafHash,
  type Edge,
} from '../../protocol/log/merkle.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { NodeError } from '../errors.ts'
import type { KeyValue, Operation, Sealer } from '../ports.ts'
import { after, keyOf, numberAt } from '../store/prefixes.ts'
import { SPACE } from './space.ts'

export type TrailParts = {
  readonly primitives: Primitives
  readonly store: KeyValue
  readonly sealer: Sealer
}

/** An entry, or the leaf hash of one that was pruned. */
type KeptLine = { readonly entry: TrailEntry } | { readonly leaf: Uint8Array }

export type TrailHead = { readonly size: number; readonly root: Uint8Array }

/** Where the edge of the tree stands. */
const EDGE = keyOf('disclosure', { byte: SPACE.edge })

export class Trail {
  private readonly parts: TrailParts
  // Written by `open` and `write` only, after the batch is on disk.
  private edge: Edge = EMPTY_EDGE
  private tail: Promise<unknown> = Promise.resolve()

  constructor(parts: TrailParts) {
    this.parts = parts
  }

  async open(): Promise<void> {
    const bytes = await this.parts.store.get(EDGE)
    if (bytes === undefined) return
    const edge = edgeOf(bytes)
    if (edge === undefined) throw damaged('the end of the audit trail cannot be read')
    this.edge = edge
  }

  head(): TrailHead {
    return { size: this.edge.size, root: edgeRoot(this.parts.primitives, this.edge) }
  }

  /** Writes these entries and, all or nothing with them, the operations beside. Throws AUDIT_WRITE_FAILED. */
  append(entries: readonly TrailEntry[], beside: readonly Operation[] = []): Promise<void> {
    return this.inTurn(() =>
      this.write(entries, async (rows) => {
        try {
          await this.parts.store.batch([...rows, ...beside], 'durable')
        } catch (error) {
          const why = 'the audit entry could not be written, so nothing is disclosed'
          throw new NodeError('AUDIT_WRITE_FAILED', why, { cause: error, fix: 'candor doctor' })
        }
      }),
    )
  }

  /** Writes these entries in a batch of somebody else, who puts the rows into it and answers when it is on disk. */
  appendWithin<T>(
    entries: readonly TrailEntry[],
    batch: (rows: readonly Operation[]) => Promise<T>,
  ): Promise<T> {
    return this.inTurn(() => this.write(entries, batch))
  }

  /** All entries from one on that were not pruned, in order. */
  async *entries(from = 0): AsyncGenerator<{ readonly index: number; readonly entry: TrailEntry }> {
    for await (const { index, line } of this.lines(from))
      if ('entry' in line) yield { index, entry: line.entry }
  }

  /** The same with what is left of those that were pruned. */
  async *lines(from = 0): AsyncGenerator<{ readonly index: number; readonly line: KeptLine }> {
    const start = keyOf('disclosure', { byte: SPACE.trail }, { index: from })
    const end = after(keyOf('disclosure', { byte: SPACE.trail }))
    for await (const [key, sealed] of this.parts.store.iterate({ gte: start, lt: end })) {
      const index = numberAt(key, 2, 6)
      const bytes = this.parts.sealer.open(key, sealed)
      // No entry is as short as a hash: its request alone has 32 bytes.
      if (bytes.length === HASH_BYTES) {
        yield { index, line: { leaf: bytes } }
        continue
      }
      const read = parseTrailEntry(bytes)
      if (!read.ok) throw damaged(`entry ${index} of the audit trail cannot be read`)
      yield { index, line: { entry: read.value } }
    }
  }

  /** Reads all of it again: whether the entries are those the stored end names. */
  async isWhole(): Promise<boolean> {
    const { size, root } = this.head()
    let edge = EMPTY_EDGE
    for await (const { index, line } of this.lines()) {
      if (index !== edge.size) return false
      const leaf = 'leaf' in line ? line.leaf : this.leafOf(printTrailEntry(line.entry))
      edge = appendLeaves(this.parts.primitives, edge, [leaf])
      if (edge.size === size) break
    }
    return edge.size === size && Buffer.from(root).equals(edgeRoot(this.parts.primitives, edge))
  }

  /** Rows that leave of these entries nothing but their leaf hashes. */
  async pruning(indexes: readonly number[]): Promise<readonly Operation[]> {
    const { store, sealer } = this.parts
    const operations: Operation[] = []
    for (const index of indexes) {
      const key = keyOf('disclosure', { byte: SPACE.trail }, { index })
      const sealed = await store.get(key)
      const bytes = sealed && sealer.open(key, sealed)
      if (bytes !== undefined && bytes.length > HASH_BYTES)
        operations.push({ type: 'put', key, value: sealer.seal(key, this.leafOf(bytes)) })
    }
    return operations
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.tail.then(work)
    this.tail = run.catch(() => undefined)
    return run
  }

  private async write<T>(
    entries: readonly TrailEntry[],
    batch: (rows: readonly Operation[]) => Promise<T>,
  ): Promise<T> {
    const { primitives, sealer } = this.parts
    const printed = entries.map(printTrailEntry)
    const edge = appendLeaves(
      primitives,
      this.edge,
      printed.map((bytes) => this.leafOf(bytes)),
    )
    const rows = printed.map((bytes, offset): Operation => {
      const key = keyOf('disclosure', { byte: SPACE.trail }, { index: this.edge.size + offset })
      return { type: 'put', key, value: sealer.seal(key, bytes) }
    })
    const end: Operation = { type: 'put', key: EDGE, value: encode({ size: edge.size, hashes: edge.hashes }) }
    const written = await batch([...rows, end])
    this.edge = edge
    return written
  }

  private leafOf(bytes: Uint8Array): Uint8Array {
    return leafHash(this.parts.primitives, bytes)
  }
}

function edgeOf(bytes: Uint8Array): Edge | undefined {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value)) return undefined
  const { size, hashes } = read.value
  if (!isCount(size) || !isList(hashes)) return undefined
  const peaks = hashes.filter((hash: Value) => isBytes(hash, 32))
  return peaks.length === hashes.length ? { size, hashes: peaks } : undefined
}

function damaged(message: string): NodeError {
  return new NodeError('STORE_DAMAGED', message, { fix: 'candor doctor' })
}
