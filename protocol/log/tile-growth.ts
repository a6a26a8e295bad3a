/**
 * How the tiles of a log grow: which become full when leaves are added, and what the growing ones hold. A node
 * stores what this says, a published tree is made of it, and an audit of one compares with it. Spec 03 §4.
 */
import { assert } from '../assert.ts'
import type { Primitives } from '../primitives.ts'
import { nodeHash, type Edge } from './merkle.ts'
import { TILE_WIDTH } from './tile.ts'

/** The hashes of each level's growing tile, at most 255; index is the tile level. */
export type Growing = readonly (readonly Uint8Array[])[]

export type Tile = { readonly level: number; readonly index: number; readonly hashes: readonly Uint8Array[] }

/** Adds leaf hashes to a log of this size. Levels that do not change keep their value. */
export function growTiles(
  primitives: Primitives,
  size: number,
  growing: Growing,
  leaves: readonly Uint8Array[],
): { readonly growing: Growing; readonly full: readonly Tile[] } {
  const full: Tile[] = []
  const levels: (readonly Uint8Array[])[] = []
  let pushed = leaves
  let count = size
  for (let level = 0; pushed.length > 0; level++) {
    const hashes = [...(growing[level] ?? []), ...pushed]
    let index = Math.floor(count / TILE_WIDTH)
    const roots: Uint8Array[] = []
    let at = 0
    for (; at + TILE_WIDTH <= hashes.length; at += TILE_WIDTH, index++) {
      const tile = hashes.slice(at, at + TILE_WIDTH)
      full.push({ level, index, hashes: tile })
      roots.push(tileRoot(primitives, tile))
    }
    levels.push(hashes.slice(at))
    count = Math.floor(count / TILE_WIDTH)
    pushed = roots
  }
  return { growing: [...levels, ...growing.slice(levels.length)], full }
}

/** The growing tiles of a log of this size that are not empty. */
export function partialTiles(size: number, growing: Growing): readonly Tile[] {
  return growing.flatMap((hashes, level) => {
    const index = Math.floor(size / TILE_WIDTH ** (level + 1))
    return hashes.length === 0 ? [] : [{ level, index, hashes }]
  })
}

/** How many hashes the growing tile of a level holds in a log of this size. */
export function growingWidth(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH
}

/** The right edge of the tree, which the growing tiles hold between them. */
export function growingEdge(primitives: Primitives, size: number, growing: Growing): Edge {
  const hashes: Uint8Array[] = []
  for (const tile of growing.toReversed()) {
    let start = 0
    for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
      if (tile.length - start < width) continue
      hashes.push(tileRoot(primitives, tile.slice(start, start + width)))
      start += width
    }
  }
  return { size, hashes }
}

/** The root over a power of two of hashes. */
export function tileRoot(primitives: Primitives, hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]]
      assert(left !== undefined && right !== undefined, 'a perfect subtree has pairs')
      above.push(nodeHash(primitives, left, right))
    }
    level = above
  }
  const [root] = level
  assert(root !== undefined, 'a tile is not empty')
  return root
}
