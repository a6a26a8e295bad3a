/**
 * The hash tiles of one log (C2SP tlog-tiles): grown as entries arrive, read to make proofs.
 *
 * Full tiles are written once. The growing tile of a level above 0 is written anew each time a tile below it
 * fills, once per 256 entries; the growing tile of level 0 is made again from the tail's entries on opening.
 */
import { concat } from '../../protocol/bytes.ts'
import type { Coordinate } from '../../protocol/log/proof.ts'
import { hashInTile, tileOf, TILE_WIDTH } from '../../protocol/log/tile.ts'
import { growTiles as grow, partialTiles, type Growing } from '../../protocol/log/tile-growth.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { keyOf } from './prefixes.ts'

/** What is needed of a log to read its tiles. */
export type TiledLog = {
  readonly number: number
  readonly edge: { readonly size: number }
  readonly growing: Growing
}

export type GrownTiles = { readonly growing: Growing; readonly operations: readonly Operation[] }

/** Adds leaf hashes at `size` and says what to write. */
export function growTiles(
  primitives: Primitives,
  log: number,
  size: number,
  growing: Growing,
  leaves: readonly Uint8Array[],
): GrownTiles {
  const grown = grow(primitives, size, growing, leaves)
  const operations: Operation[] = grown.full.map(({ level, index, hashes }) => {
    return { type: 'put', key: tileKey(log, level, index), value: concat(...hashes) }
  })
  for (const { level, index, hashes } of partialTiles(size + leaves.length, grown.growing)) {
    if (level === 0 || hashes === growing[level]) continue
    operations.push({ type: 'put', key: tileKey(log, level, index), value: concat(...hashes) })
  }
  return { growing: grown.growing, operations }
}

/** Reads the growing tiles of a log of this size; `tail` holds the leaf hashes above the last full tile. */
export async function readGrowing(
  store: KeyValue,
  log: number,
  size: number,
  tail: readonly Uint8Array[],
): Promise<Growing> {
  const growing: (readonly Uint8Array[])[] = [tail]
  let count = Math.floor(size / TILE_WIDTH)
  for (let level = 1; count > 0; level++) {
    const width = count % TILE_WIDTH
    const value =
      width === 0 ? new Uint8Array(0) : await store.get(tileKey(log, level, Math.floor(count / TILE_WIDTH)))
    growing.push(split(value ?? new Uint8Array(0)).slice(0, width))
    count = Math.floor(count / TILE_WIDTH)
  }
  return growing
}

/**
 * The hashes at these coordinates, each a perfect subtree of entries the log of this size holds; undefined when
 * one is missing. Only the growing tile of a level is looked for in memory.
 */
export async function readHashes(
  primitives: Primitives,
  store: KeyValue,
  log: number,
  size: number,
  growing: Growing,
  coordinates: readonly Coordinate[],
): Promise<readonly Uint8Array[] | undefined> {
  return hashesAt(primitives, store, { number: log, edge: { size }, growing }, coordinates)
}

/** The same, at once: what is asked about a log that is judged must not wait. */
export function hashesAt(
  primitives: Primitives,
  store: KeyValue,
  { number: log, edge: { size }, growing }: TiledLog,
  coordinates: readonly Coordinate[],
): readonly Uint8Array[] | undefined {
  const hashes: Uint8Array[] = []
  for (const coordinate of coordinates) {
    const { level, index, start, end } = tileOf(coordinate)
    const stored = store.getSync(tileKey(log, level, index))
    const isGrowing = index === Math.floor(size / TILE_WIDTH ** (level + 1))
    const held = isGrowing ? concat(...(growing[level] ?? [])) : new Uint8Array(0)
    const tile = stored !== undefined && stored.length >= end * 32 ? stored : held
    if (tile.length < end * 32 || start >= end) return undefined
    hashes.push(hashInTile(primitives, tile, coordinate))
  }
  return hashes
}

/** The hash of one entry as the tree has it. */
export function storedLeaf(store: KeyValue, log: TiledLog, index: number): Uint8Array | undefined {
  const tile = Math.floor(index / TILE_WIDTH)
  const at = index % TILE_WIDTH
  if (tile === Math.floor(log.edge.size / TILE_WIDTH)) return log.growing[0]?.[at]
  return store.getSync(tileKey(log.number, 0, tile))?.subarray(at * 32, at * 32 + 32)
}

export function tileKey(log: number, level: number, tile: number): Uint8Array {
  return keyOf('tile', { log }, { byte: level }, { index: tile })
}

function split(tile: Uint8Array): Uint8Array[] {
  const hashes: Uint8Array[] = []
  for (let at = 0; at + 32 <= tile.length; at += 32) hashes.push(tile.subarray(at, at + 32))
  return hashes
}
