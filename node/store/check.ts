/**
 * Reading a stored log again and comparing all of it with the root in memory, bundle by bundle: entries with their
 * hash tile, every tile with the one above, public parts with the commitments in their entries, and the rows that
 * find statements. Where an entry and its tile differ, the hash above says which of them was altered.
 */
import { equal } from '../../protocol/bytes.ts'
import { checkPublicPart } from '../../protocol/codec/part.ts'
import { parseEntry, statementId, type Entry } from '../../protocol/codec/statement.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { parseTile, TILE_WIDTH } from '../../protocol/log/tile.ts'
import { tileRoot } from '../../protocol/log/tile-growth.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { NodeError } from '../errors.ts'
import type { KeyValue } from '../ports.ts'
import type { Damage, DamagedThing } from './damage.ts'
import { readEntries, readParts } from './entries.ts'
import { erasedBy } from './erasures.ts'
import type { HeldLog } from './log.ts'
import { keyOf } from './prefixes.ts'
import { tileKey } from './tiles.ts'

type Hashes = readonly Uint8Array[]

export type CheckParts = { readonly primitives: Primitives; readonly store: KeyValue; readonly log: HeldLog }

/** How many bundles of a log there are to check. */
export function bundlesOf({ edge }: HeldLog): number {
  return Math.ceil(edge.size / TILE_WIDTH)
}

/** What is damaged in one bundle, and in the tiles that end with it. */
export async function checkBundle(parts: CheckParts, bundle: number): Promise<readonly Damage[]> {
  const { log } = parts
  const start = bundle * TILE_WIDTH
  const count = Math.min(TILE_WIDTH, log.edge.size - start)
  const found = new Finding(log.origin)
  const entries = await orNothing(() => storedEntries(parts, start, count), [])
  const leaves = entries.map((entry) => leafHash(parts.primitives, entry))
  if (count === TILE_WIDTH) compareTile(parts, found, bundle, leaves)
  else compareTail(parts, found, start, leaves)
  for (let level = 1; isLastOf(bundle, level, log.edge.size); level++)
    compareUpper(parts, found, level, bundle)
  if (found.damages.some(({ what }) => what === 'entry')) return found.damages
  await compareParts(parts, found, start, entries)
  return found.damages
}

class Finding {
  readonly damages: Damage[] = []
  private readonly origin: string

  constructor(origin: string) {
    this.origin = origin
  }

  add(what: DamagedThing, index: number, why: string): void {
    this.damages.push({ origin: this.origin, what, index, why })
  }
}

/** From disk, the growing bundle too: memory is what they are compared with. */
async function storedEntries(
  { store, log }: CheckParts,
  start: number,
  count: number,
): Promise<readonly Uint8Array[]> {
  if (count === TILE_WIDTH)
    return readEntries(store, { number: log.number, size: log.edge.size, tail: [] }, start, count)
  const keys = log.tail.map((_, at) => keyOf('tail', { log: log.number }, { index: start + at }))
  const rows = await store.getMany(keys)
  const missing = rows.findIndex((row) => row === undefined)
  return rows.slice(0, missing === -1 ? rows.length : missing).flatMap((row) => row ?? [])
}

function compareTile(parts: CheckParts, found: Finding, bundle: number, leaves: Hashes): void {
  const { primitives } = parts
  const start = bundle * TILE_WIDTH
  const tile = storedTile(parts, 0, bundle)
  const above = hashAbove(parts, 0, bundle)
  const leads = (hashes: Hashes | undefined) =>
    hashes?.length === TILE_WIDTH &&
    (above === undefined ? undefined : equal(tileRoot(primitives, hashes), above))
  if (leaves.length === TILE_WIDTH && leads(leaves) !== false && same(leaves, tile)) return
  if (leads(leaves) === true) {
    found.add(
      'tile',
      start,
      tile === undefined ? 'it is missing or cut' : 'its hashes are not those of the entries',
    )
    return
  }
  if (leaves.length < TILE_WIDTH) {
    found.add('entry', start + leaves.length, 'it is missing or cut')
  } else {
    const at = leaves.findIndex((leaf, i) => !equal(leaf, tile?.[i] ?? leaf.subarray(1)))
    found.add('entry', start + Math.max(0, at), 'its hash is not the one in the tree')
  }
  if (leads(tile) !== true) found.add('tile', start, 'it does not lead to the hash above it')
}

function compareTail({ log }: CheckParts, found: Finding, start: number, leaves: Hashes): void {
  const right = log.growing[0] ?? []
  const at = right.findIndex((hash, i) => !equal(hash, leaves[i] ?? hash.subarray(1)))
  if (at === -1) return
  found.add(
    'entry',
    start + at,
    leaves[at] === undefined ? 'it is missing' : 'its hash is not the one in the tree',
  )
}

/** Whether the full or growing tile of a level ends with this bundle. */
function isLastOf(bundle: number, level: number, size: number): boolean {
  const width = TILE_WIDTH ** level
  const isLast = (bundle + 1) * TILE_WIDTH >= size
  return isLast ? width <= size : (bundle + 1) % width === 0
}

/** A full tile of an upper level leads to the hash above it; the growing one is compared with memory. */
function compareUpper(parts: CheckParts, found: Finding, level: number, bundle: number): void {
  const { primitives, log } = parts
  const index = Math.floor(bundle / TILE_WIDTH ** level)
  const start = index * TILE_WIDTH ** (level + 1)
  const isGrowing = index === Math.floor(log.edge.size / TILE_WIDTH ** (level + 1))
  if (isGrowing) {
    const right = log.growing[level] ?? []
    if (right.length > 0 && !same(right, storedTile(parts, level, index, right.length)))
      found.add('tile', start, 'its hashes are not those in memory')
    return
  }
  const tile = storedTile(parts, level, index)
  const above = hashAbove(parts, level, index)
  const leads = tile !== undefined && (above === undefined || equal(tileRoot(primitives, tile), above))
  if (!leads) found.add('tile', start, 'it does not lead to the hash above it')
}

/** The hash of a full tile, as far as it can be relied on: undefined where the tile above is damaged itself. */
function hashAbove(parts: CheckParts, level: number, index: number): Uint8Array | undefined {
  const { log, primitives } = parts
  const place = Math.floor(index / TILE_WIDTH)
  const isGrowing = place === Math.floor(log.edge.size / TILE_WIDTH ** (level + 2))
  if (isGrowing) return log.growing[level + 1]?.[index % TILE_WIDTH]
  const tile = storedTile(parts, level + 1, place)
  const above = hashAbove(parts, level + 1, place)
  if (tile === undefined || above === undefined) return undefined
  return equal(tileRoot(primitives, tile), above) ? tile[index % TILE_WIDTH] : undefined
}

async function compareParts(
  parts: CheckParts,
  found: Finding,
  start: number,
  entries: readonly Uint8Array[],
): Promise<void> {
  const { primitives, store, log } = parts
  const held = await orNothing(() => readParts(store, log.number, start, entries.length), [])
  const read: (Entry | undefined)[] = entries.map((bytes) => {
    const entry = parseEntry(bytes)
    return entry.ok ? entry.value : undefined
  })
  for (const [at, entry] of read.entries()) {
    const part = held[at]
    if (entry === undefined) found.add('entry', start + at, 'it is no statement')
    else if (part === undefined && erasedBy(store, log.number, start + at) !== undefined) continue
    else if (part === undefined) found.add('part', start + at, 'it is missing or cut')
    else if (!checkPublicPart(primitives, entry, part).ok)
      found.add('part', start + at, 'it is not what its entry commits to')
  }
  await compareRows(parts, found, start, read)
}

/** The rows by which statements are found. */
async function compareRows(
  { primitives, store, log }: CheckParts,
  found: Finding,
  start: number,
  entries: readonly (Entry | undefined)[],
): Promise<void> {
  const wanted = entries.flatMap((entry, at) => {
    if (entry === undefined) return []
    const { record, on, kind } = entry.statement
    const place = [{ log: log.number }, { index: start + at }] as const
    const index = start + at
    const value = statementId(primitives, entry)
    return [
      { index, key: keyOf('record', record, ...place), value },
      ...(on === null ? [] : [{ index, key: keyOf('target', on.leaf, ...place), value: new Uint8Array(0) }]),
      ...(kind === 'key' ? [{ index, key: keyOf('keyEvent', ...place), value: new Uint8Array(0) }] : []),
    ]
  })
  const rows = await orNothing(() => store.getMany(wanted.map(({ key }) => key)), [])
  for (const [at, { index, value }] of wanted.entries()) {
    const row = rows[at]
    if (row === undefined || !equal(row, value)) found.add('row', index, 'it is missing or another')
  }
}

function storedTile(
  { store, log }: CheckParts,
  level: number,
  index: number,
  width = TILE_WIDTH,
): Hashes | undefined {
  try {
    const bytes = store.getSync(tileKey(log.number, level, index))
    const tile = bytes === undefined ? undefined : parseTile(bytes, width)
    return tile?.ok === true ? tile.value : undefined
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return undefined
    throw error
  }
}

function same(a: Hashes, b: Hashes | undefined): boolean {
  return a.length === b?.length && a.every((hash, at) => equal(hash, b[at] ?? hash.subarray(1)))
}

/** A block that the database itself finds damaged reads as rows that are not there. */
async function orNothing<T>(read: () => Promise<T>, nothing: T): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return nothing
    throw error
  }
}
