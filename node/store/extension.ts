/**
 * What is written when a log grows: entries, hash tiles, parts, index rows, size and root in one batch, and the
 * value of the log afterwards. Pure; `logs.ts` writes the batch and then, only then, replaces the value.
 */
import type { PublicPart } from '../../protocol/codec/part.ts'
import { statementId, type Entry } from '../../protocol/codec/statement.ts'
import type { KeyState } from '../../protocol/identity/keystate.ts'
import { edgeRoot, type Edge } from '../../protocol/log/merkle.ts'
import { printBundle, TILE_WIDTH } from '../../protocol/log/tile.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Operation } from '../ports.ts'
import { PART_GROUP, printGroup, printPart } from './entries.ts'
import { erasedRow, GONE } from './erasures.ts'
import { printState, type HeldLog } from './log.ts'
import { keyOf } from './prefixes.ts'
import { growTiles } from './tiles.ts'

export type NewEntry = {
  readonly entry: Entry
  readonly leaf: Uint8Array
  /** Or the index of the entry below the same head that erased it. */
  readonly part: PublicPart | { readonly erasedBy: number }
  /** Rows of the caller that must stand or fall with this entry; they learn its index here. */
  readonly alongside?: (index: number) => readonly Operation[]
}

export type Extension = {
  readonly operations: readonly Operation[]
  readonly log: HeldLog
}

/** Grows a log by entries that are valid and continue it. `edge` is its tree with them. */
export function extend(
  primitives: Primitives,
  log: HeldLog,
  added: readonly NewEntry[],
  edge: Edge,
  keys: KeyState | undefined,
): Extension {
  const { number } = log
  const size = log.edge.size
  const root = edgeRoot(primitives, edge)
  const tiles = growTiles(
    primitives,
    number,
    size,
    log.growing,
    added.map(({ leaf }) => leaf),
  )
  const bundles = fillBundles(
    log,
    added.map(({ entry }) => entry.bytes),
  )
  const parts = groupParts(log, added)
  const rows = added.flatMap((one, offset) => rowsOf(primitives, number, size + offset, one))
  const state: Operation = {
    type: 'put',
    key: keyOf('state', { log: number }),
    value: printState(edge.size, root),
  }
  return {
    operations: [...bundles.operations, ...tiles.operations, ...parts.operations, ...rows, state],
    log: { ...log, edge, growing: tiles.growing, tail: bundles.tail, partTail: parts.tail, keys },
  }
}

function fillBundles(log: HeldLog, entries: readonly Uint8Array[]) {
  const { number } = log
  const operations: Operation[] = []
  const size = log.edge.size
  const all = [...log.tail, ...entries]
  const start = size - log.tail.length
  const full = Math.floor(all.length / TILE_WIDTH)
  for (let i = 0; i < full; i++) {
    const index = start / TILE_WIDTH + i
    const value = printBundle(all.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH))
    operations.push({ type: 'put', key: keyOf('bundle', { log: number }, { index }), value })
  }
  const tail = all.slice(full * TILE_WIDTH)
  if (full > 0) {
    for (let index = start; index < size; index++)
      operations.push({ type: 'del', key: tailKey(number, index) })
  }
  const tailFrom = start + full * TILE_WIDTH
  for (const [offset, value] of tail.entries()) {
    if (tailFrom + offset >= size)
      operations.push({ type: 'put', key: tailKey(number, tailFrom + offset), value })
  }
  return { operations, tail }
}

/** Full groups are written whole; those of the unfilled one keep a row each until it is full. */
function groupParts(log: HeldLog, added: readonly NewEntry[]) {
  const { number } = log
  const operations: Operation[] = []
  const size = log.edge.size
  const start = size - log.partTail.length
  const all = [...log.partTail, ...added.map(({ part }) => ('erasedBy' in part ? GONE : printPart(part)))]
  const full = Math.floor(all.length / PART_GROUP)
  for (let i = 0; i < full; i++) {
    const key = keyOf('partGroup', { log: number }, { index: start / PART_GROUP + i })
    operations.push({ type: 'put', key, value: printGroup(all.slice(i * PART_GROUP, (i + 1) * PART_GROUP)) })
  }
  const key = (index: number) => keyOf('part', { log: number }, { index })
  const replaced = full > 0 ? log.partTail.length : 0
  for (let i = 0; i < replaced; i++) operations.push({ type: 'del', key: key(start + i) })
  const tailFrom = start + full * PART_GROUP
  const tail = all.slice(full * PART_GROUP)
  for (const [offset, value] of tail.entries()) {
    if (tailFrom + offset >= size) operations.push({ type: 'put', key: key(tailFrom + offset), value })
  }
  return { operations, tail }
}

function rowsOf(primitives: Primitives, log: number, index: number, added: NewEntry): readonly Operation[] {
  const { entry } = added
  const { statement } = entry
  const id = statementId(primitives, entry)
  const place = [{ log }, { index }] as const
  const rows: Operation[] = [{ type: 'put', key: keyOf('record', statement.record, ...place), value: id }]
  if (statement.on !== null)
    rows.push({ type: 'put', key: keyOf('target', statement.on.leaf, ...place), value: NOTHING })
  if (statement.kind === 'key') rows.push({ type: 'put', key: keyOf('keyEvent', ...place), value: NOTHING })
  if ('erasedBy' in added.part) rows.push(erasedRow(log, { index, by: added.part.erasedBy }))
  return added.alongside === undefined ? rows : [...rows, ...added.alongside(index)]
}

const NOTHING = new Uint8Array(0)

function tailKey(log: number, index: number): Uint8Array {
  return keyOf('tail', { log }, { index })
}
