/**
 * Comparing the hash tiles of a published log with its entries, and every level with the one above, so that what
 * is wrong is named by its file. Where a tile and what lies below it differ, the hash above says which is right.
 */
import { equal } from '../../protocol/bytes.ts'
import { edgeRoot, HASH_BYTES, type HashedLeaves } from '../../protocol/log/merkle.ts'
import { parseTile, printTilePath, TILE_WIDTH } from '../../protocol/log/tile.ts'
import {
  growingEdge,
  growTiles,
  partialTiles,
  tileRoot,
  type Growing,
  type Tile,
} from '../../protocol/log/tile-growth.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { NodeError } from '../../node/api/client.ts'
import type { TreeReader } from './reader.ts'

/** A published file that is not what it should be. */
export type TreeFault = { readonly file: string; readonly why: string }

type Hashes = readonly Uint8Array[]

/** Bytes of a full hash tile. */
export const TILE_BYTES = TILE_WIDTH * HASH_BYTES

/** Files named at most; more say nothing new. */
export const TREE_FAULTS_MAX = 100

export class TileCheck {
  private readonly primitives: Primitives
  private readonly reader: TreeReader
  private readonly head: Checkpoint
  private readonly onFault: (fault: TreeFault) => void
  // What the entries seen so far, or the tiles that proved right against them, lead to.
  private size = 0
  private growing: Growing = []

  constructor(
    primitives: Primitives,
    reader: TreeReader,
    head: Checkpoint,
    onFault: (fault: TreeFault) => void,
  ) {
    this.primitives = primitives
    this.reader = reader
    this.head = head
    this.onFault = onFault
  }

  /** Goes on with the leaf hashes of the next bundle. */
  async bundle({ hashes: found, root }: HashedLeaves): Promise<void> {
    const index = this.size / TILE_WIDTH
    const isFull = found.length === TILE_WIDTH
    const believed = isFull ? await this.judge(0, index, found) : found
    const full = this.grow(believed, believed === found ? root : undefined)
    this.size += found.length
    for (const { level, index: at, hashes } of full) {
      if (level === 0) continue
      const right = await this.judge(level, at, hashes)
      if (right !== hashes) this.replaceRoot(level + 1, tileRoot(this.primitives, right))
    }
    if (this.size === this.head.size) await this.finish()
  }

  /** The tiles that become full. A tile whose root is known goes straight into the level above. */
  private grow(leaves: Hashes, root: Uint8Array | undefined): readonly Tile[] {
    const isTile = root !== undefined && leaves.length === TILE_WIDTH
    const [size, below, pushed] = isTile
      ? [this.size / TILE_WIDTH, this.growing.slice(1), [root]]
      : [this.size, this.growing, leaves]
    const { growing, full } = growTiles(this.primitives, size, below, pushed)
    this.growing = isTile ? [[], ...growing] : growing
    return isTile ? full.map((tile) => ({ ...tile, level: tile.level + 1 })) : full
  }

  /** The hashes of a full tile that go into the level above: those of the published tile or those found below it. */
  private async judge(level: number, index: number, found: Hashes): Promise<Hashes> {
    const file = printTilePath({ level, index, width: TILE_WIDTH })
    const published = await this.read(level, index, TILE_WIDTH)
    if (published === undefined || same(published, found)) return found
    const above = await this.above(level, index)
    const agrees = (hashes: Hashes) => above !== undefined && equal(tileRoot(this.primitives, hashes), above)
    if (agrees(found)) {
      this.onFault({ file, why: 'its hashes are not those of what lies below it' })
      return found
    }
    if (agrees(published)) {
      this.blameBelow(level, index, published, found)
      return published
    }
    this.onFault({ file, why: 'it leads neither to the hash above it nor from what lies below it' })
    this.blameBelow(level, index, published, found)
    return found
  }

  private blameBelow(level: number, index: number, published: Hashes, found: Hashes): void {
    const at = published.findIndex((hash, i) => !equal(hash, found[i] ?? hash.subarray(1)))
    const below = index * TILE_WIDTH + at
    // A tile below that differs was named when it was read.
    if (level > 0) return
    const width = Math.min(TILE_WIDTH, this.head.size - index * TILE_WIDTH)
    const file = printTilePath({ level: 'entries', index, width })
    this.onFault({ file, why: `entry ${below} is not the one that is hashed into the tree` })
  }

  /** The published hash of a full tile, in the tile above it. */
  private async above(level: number, index: number): Promise<Uint8Array | undefined> {
    const place = Math.floor(index / TILE_WIDTH)
    const full = Math.floor(this.head.size / TILE_WIDTH ** (level + 1))
    const width = Math.min(TILE_WIDTH, full - place * TILE_WIDTH)
    return (await this.read(level + 1, place, width, 'quietly'))?.[index % TILE_WIDTH]
  }

  private replaceRoot(level: number, root: Uint8Array): void {
    const hashes = this.growing[level] ?? []
    if (hashes.length === 0) return
    this.growing = this.growing.with(level, [...hashes.slice(0, -1), root])
  }

  /** The growing tiles of all levels lead to the root together: the root says which of them to believe. */
  private async finish(): Promise<void> {
    const found = partialTiles(this.head.size, this.growing)
    const published: Hashes[] = []
    for (const { level, index, hashes } of found)
      published[level] = (await this.read(level, index, hashes.length)) ?? hashes
    const growing = this.growing.map((_, level) => published[level] ?? [])
    const leads = (tiles: Growing) =>
      equal(edgeRoot(this.primitives, growingEdge(this.primitives, this.head.size, tiles)), this.head.root)
    const [entriesLead, tilesLead] = [leads(this.growing), leads(growing)]
    for (const { level, index, hashes } of found) {
      const shown = published[level] ?? hashes
      if (same(shown, hashes)) continue
      if (!tilesLead) {
        const why = entriesLead
          ? 'its hashes are not those of what lies below it'
          : 'it does not lead to the root'
        this.onFault({ file: printTilePath({ level, index, width: hashes.length }), why })
      }
      if (!entriesLead) this.blameBelow(level, index, shown, hashes)
    }
    if (!entriesLead && !tilesLead)
      this.onFault({ file: 'checkpoint', why: 'neither the entries nor the tiles lead to its root' })
  }

  private async read(
    level: number,
    index: number,
    width: number,
    how: 'quietly' | 'aloud' = 'aloud',
  ): Promise<Hashes | undefined> {
    const file = printTilePath({ level, index, width })
    const onFault = how === 'aloud' ? this.onFault : () => undefined
    const bytes = await readChecked(this.reader, file, TILE_BYTES, onFault)
    const tile = bytes === undefined ? undefined : parseTile(bytes, width)
    if (tile?.ok === false) onFault({ file, why: `it does not hold ${width} hashes` })
    return tile?.ok === true ? tile.value : undefined
  }
}

function same(a: Hashes, b: Hashes): boolean {
  return a.length === b.length && a.every((hash, at) => equal(hash, b[at] ?? hash.subarray(1)))
}

/** A file of the tree; undefined where it is missing or longer than it may be, which is a fault. */
export async function readChecked(
  reader: TreeReader,
  file: string,
  bytesMax: number,
  onFault: (fault: TreeFault) => void,
): Promise<Uint8Array | undefined> {
  try {
    const bytes = await reader.read(file, bytesMax)
    if (bytes === undefined) onFault({ file, why: 'it is missing' })
    return bytes
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'TOO_LARGE') throw error
    onFault({ file, why: 'it is longer than such a file may be' })
    return undefined
  }
}
