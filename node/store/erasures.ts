/**
 * Public parts that were erased. The bytes and the opening go from the rows they rest in, in the same batch in which the
 * entry that erased them is written, so that no crash leaves the one without the other. What stays is a row that says by
 * which entry, and one that says that the files still have to be freed of what was overwritten. DESIGN §2, spec 03 §7.1.
 */
import { equal } from '../../protocol/bytes.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { isErasable } from '../../protocol/log/entry.ts'
import { erasedPlace } from '../../protocol/log/erasure.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { PART_GROUP, printGroup, readEntries, splitGroup } from './entries.ts'
import type { NewEntry } from './extension.ts'
import { erasingRow } from './forgetting.ts'
import type { HeldLog } from './log.ts'
import { after, keyOf, numberAt } from './prefixes.ts'
import { storedLeaf } from './tiles.ts'

/** The entry whose public part is gone, and the entry that erased it. */
export type ErasedPart = { readonly index: number; readonly by: number }

/** By which entry the public part of an entry was erased. */
export function erasedBy(store: KeyValue, log: number, index: number): number | undefined {
  const row = store.getSync(keyOf('erased', { log }, { index }))
  return row?.length === 6 ? numberAt(row, 0, 6) : undefined
}

/** All erased parts of a log, and by which entries. */
export async function readErased(store: KeyValue, log: number): Promise<Map<number, number>> {
  const prefix = keyOf('erased', { log })
  const found = new Map<number, number>()
  for await (const [key, row] of store.iterate({ gte: prefix, lt: after(prefix) }))
    found.set(numberAt(key, prefix.length, 6), numberAt(row, 0, 6))
  return found
}

export function erasedRow(log: number, { index, by }: ErasedPart): Operation {
  return {
    type: 'put',
    key: keyOf('erased', { log }, { index }),
    value: keyOf('meta', { index: by }).subarray(1),
  }
}

/** Which parts these entries erase: of each, the first entry counts that is about this very leaf. */
export function erasuresIn(store: KeyValue, log: HeldLog, added: readonly NewEntry[]): readonly ErasedPart[] {
  const size = log.edge.size
  const found = new Map<number, ErasedPart>()
  for (const [offset, { entry, part }] of added.entries()) {
    if (entry.statement.kind !== 'erase' || 'erasedBy' in part) continue
    const by = size + offset
    const place = erasedPlace(log.origin, by, entry.statement, part)
    if (place === undefined || found.has(place.index)) continue
    const { index } = place
    const target = index < size ? heldTarget(store, log, index) : addedTarget(added[index - size])
    if (target !== undefined && equal(target.leaf, place.leaf) && isErasable(target.kind))
      found.set(index, { index, by })
  }
  return [...found.values()]
}

type ErasureTarget = { readonly leaf: Uint8Array; readonly kind: string }

/** Undefined for what was erased before. */
function heldTarget(store: KeyValue, log: HeldLog, index: number): ErasureTarget | undefined {
  const leaf = storedLeaf(store, log, index)
  const [bytes] = readEntries(store, { ...log, size: log.edge.size }, index, 1)
  const entry = bytes === undefined ? undefined : parseEntry(bytes)
  if (leaf === undefined || entry?.ok !== true || erasedBy(store, log.number, index) !== undefined)
    return undefined
  return { leaf, kind: entry.value.statement.kind }
}

function addedTarget(added: NewEntry | undefined): ErasureTarget | undefined {
  if (added === undefined || 'erasedBy' in added.part) return undefined
  return { leaf: added.leaf, kind: added.entry.statement.kind }
}

export type Applied = {
  /** To be written before what the log grows by. */
  readonly operations: readonly Operation[]
  readonly log: HeldLog
  readonly added: readonly NewEntry[]
}

/** The log and what it is to grow by, without these parts. */
export function withoutParts(
  store: KeyValue,
  log: HeldLog,
  added: readonly NewEntry[],
  erased: readonly ErasedPart[],
): Applied {
  if (erased.length === 0) return { operations: [], log, added }
  const size = log.edge.size
  const held = erased.filter(({ index }) => index < size)
  const byIndex = new Map(erased.map(({ index, by }) => [index, by]))
  const tailFrom = size - log.partTail.length
  return {
    operations: removalOperations(store, log.number, held),
    log: {
      ...log,
      partTail: log.partTail.map((part, at) => (byIndex.has(tailFrom + at) ? GONE : part)),
    },
    added: added.map((one, offset) => {
      const by = byIndex.get(size + offset)
      return by === undefined ? one : { ...one, part: { erasedBy: by } }
    }),
  }
}

/** What an erased part is stored as: its place is kept. */
export const GONE = new Uint8Array(0)

/** Takes parts out of the rows they rest in, and notes that their bytes are to leave the files. */
export function removalOperations(
  store: KeyValue,
  log: number,
  erased: readonly ErasedPart[],
): readonly Operation[] {
  const groups = new Map<number, readonly Uint8Array[]>()
  const operations: Operation[] = []
  for (const { index, by } of erased) {
    const single = keyOf('part', { log }, { index })
    if (store.getSync(single) !== undefined) operations.push({ type: 'put', key: single, value: GONE })
    const number = Math.floor(index / PART_GROUP)
    const row = groups.get(number) ?? groupAt(store, log, number)
    if (row !== undefined) groups.set(number, row.with(index % PART_GROUP, GONE))
    operations.push(erasedRow(log, { index, by }), erasingRow('public', log, index))
  }
  for (const [index, parts] of groups)
    operations.push({ type: 'put', key: keyOf('partGroup', { log }, { index }), value: printGroup(parts) })
  return operations
}

function groupAt(store: KeyValue, log: number, index: number): readonly Uint8Array[] | undefined {
  const row = store.getSync(keyOf('partGroup', { log }, { index }))
  const parts = row === undefined ? undefined : splitGroup(row)
  return parts?.length === PART_GROUP ? parts : undefined
}
