/**
 * The audit trail on disk: sealed entries, and the right edge of the Merkle tree over them, in one batch with
 * whatever else belongs to a step.
 *
 * Invariant: `append` answers when its entries are on disk. Whoever is about to let a byte out awaits it first; if it
 * throws, nothing leaves. Entries are never changed and never deleted before their retention ends.
 */
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isList, isMap } from '../../protocol/codec/value.ts'
import { parseTrailEntry, printTrailEntry, type TrailEntry } from '../../protocol/access/trail.ts'
import { appendLeaves, edgeRoot, EMPTY_EDGE, leafHash, type Edge } from '../../protocol/log/merkle.ts'
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
    const run = this.tail.then(() => this.write(entries, beside))
    this.tail = run.catch(() => undefined)
    return run
  }

  /** All entries from one on, in order. */
  async *entries(from = 0): AsyncGenerator<{ readonly index: number; readonly entry: TrailEntry }> {
    const start = keyOf('disclosure', { byte: SPACE.trail }, { index: from })
    const end = after(keyOf('disclosure', { byte: SPACE.trail }))
    for await (const [key, sealed] of this.parts.store.iterate({ gte: start, lt: end })) {
      const index = numberAt(key, 2, 6)
      const read = parseTrailEntry(this.parts.sealer.open(key, sealed))
      if (!read.ok) throw damaged(`entry ${index} of the audit trail cannot be read`)
      yield { index, entry: read.value }
    }
  }

  /** Reads all of it again: whether the entries are those the stored end names. */
  async isWhole(): Promise<boolean> {
    const { size, root } = this.head()
    let edge = EMPTY_EDGE
    for await (const { index, entry } of this.entries()) {
      if (index !== edge.size) return false
      edge = appendLeaves(this.parts.primitives, edge, [this.leafOf(printTrailEntry(entry))])
      if (edge.size === size) break
    }
    return edge.size === size && Buffer.from(root).equals(edgeRoot(this.parts.primitives, edge))
  }

  private async write(entries: readonly TrailEntry[], beside: readonly Operation[]): Promise<void> {
    const { primitives, store, sealer } = this.parts
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
    try {
      await store.batch([...rows, end, ...beside], 'durable')
    } catch (error) {
      const why = 'the audit entry could not be written, so nothing is disclosed'
      throw new NodeError('AUDIT_WRITE_FAILED', why, { cause: error, fix: 'candor doctor' })
    }
    this.edge = edge
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
