/**
 * C2SP tlog-tiles: how a log is stored and served. A hash tile holds 256 hashes of one level in eight; an entry
 * bundle holds 256 entries, each behind a big-endian uint16 of its length. Spec 03 §4.
 */
import { assert } from '../assert.ts'
import { concat } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { HASH_BYTES, nodeHash } from './merkle.ts'
import type { Coordinate } from './proof.ts'

export const TILE_WIDTH = 256
/** Tree levels that one level of tiles spans: 2^8 = 256. */
const TILE_HEIGHT = 8

export type TilePath = { readonly level: number | 'entries'; readonly index: number; readonly width: number }

export type BundleFault = 'bundle-cut' | 'bundle-too-many'

export type TileFault = 'tile-length'

export type TilePathFault = 'tile-path'

/** C2SP numbers levels up to 63. A log of 2^53 − 1 entries has seven. */
const LEVEL_MAX = 63

/** `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`; N in groups of three digits, all but the last marked x. */
export function printTilePath({ level, index, width }: TilePath): string {
  assert(Number.isSafeInteger(index) && index >= 0, 'a tile index is a count')
  assert(Number.isSafeInteger(width) && width >= 1 && width <= TILE_WIDTH, 'a tile has 1 to 256 hashes')
  return `tile/${level}/${printPlace(index, width)}`
}

/** N in groups of three digits, all but the last marked x, and the width where it is not full. */
export function printPlace(index: number, width: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0')
  const groups = digits.match(/\d{3}/g) ?? []
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
  return `${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

export function parseTilePath(path: string): Result<TilePath, TilePathFault> {
  const found = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path)
  if (found === null) return fault('tile-path')
  const [, level = '', name = '', width] = found
  const index = Number(name.replaceAll(/[x/]/g, ''))
  const read = {
    level: level === 'entries' ? level : Number(level),
    index,
    width: Number(width ?? TILE_WIDTH),
  } as const
  if (!Number.isSafeInteger(index) || read.width < 1 || read.width > TILE_WIDTH) return fault('tile-path')
  if (read.level !== 'entries' && read.level > LEVEL_MAX) return fault('tile-path')
  return printTilePath(read) === path ? ok(read) : fault('tile-path')
}

export function printBundle(entries: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const entry of entries) length += 2 + entry.length
  const out = new Uint8Array(length)
  let at = 0
  for (const entry of entries) {
    assert(entry.length <= 0xffff, 'an entry fits a uint16 of length')
    out[at] = entry.length >> 8
    out[at + 1] = entry.length & 0xff
    out.set(entry, at + 2)
    at += 2 + entry.length
  }
  return out
}

/** The entries of a bundle, at most 256; views into its bytes. */
export function parseBundle(bytes: Uint8Array): Result<readonly Uint8Array[], BundleFault> {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    if (entries.length === TILE_WIDTH) return fault('bundle-too-many')
    const [high, low] = [bytes[at], bytes[at + 1]]
    if (high === undefined || low === undefined) return fault('bundle-cut')
    const end = at + 2 + high * 256 + low
    if (end > bytes.length) return fault('bundle-cut')
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  return ok(entries)
}

/** The tile that a perfect subtree lies in, and its hashes there: [start, end). */
export function tileOf({ level, index }: Coordinate): {
  level: number
  index: number
  start: number
  end: number
} {
  const tileLevel = Math.floor(level / TILE_HEIGHT)
  const width = 2 ** (level % TILE_HEIGHT)
  const first = index * width
  const start = first % TILE_WIDTH
  return { level: tileLevel, index: Math.floor(first / TILE_WIDTH), start, end: start + width }
}

/** The root of a perfect subtree, from the tile that `tileOf` names. */
export function hashInTile(primitives: Primitives, tile: Uint8Array, coordinate: Coordinate): Uint8Array {
  const { start, end } = tileOf(coordinate)
  assert(tile.length >= end * HASH_BYTES, 'the tile holds the subtree')
  let level: Uint8Array[] = []
  for (let i = start; i < end; i++) level.push(tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
  while (level.length > 1) level = joinPairs(primitives, level)
  const [root] = level
  assert(root !== undefined, 'a subtree has a root')
  return root.slice()
}

/** The hashes one level up from an even number of hashes. */
function joinPairs(primitives: Primitives, hashes: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = []
  for (let i = 0; i < hashes.length; i += 2) {
    const [left, right] = [hashes[i], hashes[i + 1]]
    assert(left !== undefined && right !== undefined, 'hashes come in pairs')
    above.push(nodeHash(primitives, left, right))
  }
  return above
}

/** The bytes of a tile with these hashes. */
export function printTile(hashes: readonly Uint8Array[]): Uint8Array {
  return concat(...hashes)
}

/** The hashes of a tile that should hold `width` of them; views into its bytes. */
export function parseTile(bytes: Uint8Array, width: number): Result<readonly Uint8Array[], TileFault> {
  if (bytes.length !== width * HASH_BYTES) return fault('tile-length')
  const hashes: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += HASH_BYTES) hashes.push(bytes.subarray(at, at + HASH_BYTES))
  return ok(hashes)
}
