/**
 * The hash tiles of one log (C2SP tlog-tiles): grown as entries arrive, read to make proofs.
 *
 * Full tiles are written once. The growing tile of a level above 0 is written anew each time a tile below it
 * fills, once per 256 entries; the growing tile of level 0 is made again from the tail's entries on opening.
 */
import { assert } from '../../protocol/assert.ts'
import { concat } from '../../protocol/bytes.ts'
import { nodeHash } from '../../protocol/log/merkle.ts'
import type { Coordinate } from '../../protocol/log/proof.ts'
import { hashInTile, tileOf, TILE_WIDTH } from '../../protocol/log/tile.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { keyOf } from './prefixes.ts'

/** The hashes of each level's growing tile, at most 255; index is the tile level. */
export type Growing = readonly (readonly Uint8Array[])[]

export type GrownTiles = { readonly growing: Growing; readonly operations: readonly Operation[] }

/** Adds leaf hashes at `size` and says what to write. */
export function growTiles(
  primitives: Primitives,
  log: number,
  size: number,
  growing: Growing,
  leaves: readonly Uint8Array[],
): GrownTiles {
  const operations: Operation[] = []
  const levels: Uint8Array[][] = []
  let pushed = leaves
  let count = size
  for (let level = 0; pushed.length > 0; level++) {
    const hashes = [...(growing[level] ?? []), ...pushed]
    let tile = Math.floor(count / TILE_WIDTH)
    const roots: Uint8Array[] = []
    let at = 0
    for (; at + TILE_WIDTH <= hashes.length; at += TILE_WIDTH, tile++) {
      const full = hashes.slice(at, at + TILE_WIDTH)
      operations.push({ type: 'put', key: tileKey(log, level, tile), value: concat(...full) })
      roots.push(rootOf(primitives, full))
    }
    const rest = hashes.slice(at)
    if (level > 0 && rest.length > 0) {
      operations.push({ type: 'put', key: tileKey(log, level, tile), value: concat(...rest) })
    }
    levels.push(rest)
    count = Math.floor(count / TILE_WIDTH)
    pushed = roots
  }
  return { growing: [...levels, ...growing.slice(levels.length)], operations }
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

export function tileKey(log: number, level: number, tile: number): Uint8Array {
  return keyOf('tile', { log }, { byte: level }, { index: tile })
}

function rootOf(primitives: Primitives, hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i + 1 < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]]
      assert(left !== undefined && right !== undefined, 'a full tile has pairs')
      above.push(nodeHash(primitives, left, right))
    }
    level = above
  }
  const [root] = level
  assert(root !== undefined, 'a tile is not empty')
  return root
}

function split(tile: Uint8Array): Uint8Array[] {
  const hashes: Uint8Array[] = []
  for (let at = 0; at + 32 <= tile.length; at += 32) hashes.push(tile.subarray(at, at + 32))
  return hashes
}
