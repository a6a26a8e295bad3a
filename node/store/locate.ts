/**
 * Where a log is damaged that could not be opened: there is no root to compare with, so its rows are compared with one
 * another. What is missing, cut or no longer hashed as its tile says is named; where only the growing end can be
 * meant, its range is.
 */
import { equal } from '../../protocol/bytes.ts'
import { checkPublicPart } from '../../protocol/codec/part.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { parseBundle, TILE_WIDTH } from '../../protocol/log/tile.ts'
import { tileRoot } from '../../protocol/log/tile-growth.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { NodeError } from '../errors.ts'
import type { KeyValue } from '../ports.ts'
import { DAMAGES_MAX, type Damage } from './damage.ts'
import { readParts } from './entries.ts'
import { readState } from './log.ts'
import { keyOf } from './prefixes.ts'
import { tileKey } from './tiles.ts'

export async function locateDamage(
  primitives: Primitives,
  store: KeyValue,
  origin: string,
  number: number,
): Promise<readonly Damage[]> {
  const found: Damage[] = []
  const add = (what: Damage['what'], index: number | undefined, why: string) =>
    found.push({ origin, what, index, why })
  const size = storedSize(store, number)
  if (size === undefined) {
    add('head', undefined, 'neither a size nor a signed head can be read')
    return found
  }
  const roots: Uint8Array[] = []
  for (let start = 0; start < size && found.length < DAMAGES_MAX; start += TILE_WIDTH) {
    const count = Math.min(TILE_WIDTH, size - start)
    const entries = await entriesOf(store, number, start, count)
    const [missing] = [...Array(count).keys()].filter((at) => entries[at] === undefined)
    if (missing !== undefined) {
      add('entry', start + missing, 'it is missing or cut')
      continue
    }
    const leaves = entries.map((entry) => leafHash(primitives, entry ?? new Uint8Array(0)))
    const tile =
      count === TILE_WIDTH ? stored(() => store.getSync(tileKey(number, 0, start / TILE_WIDTH))) : undefined
    if (count === TILE_WIDTH) roots.push(tileRoot(primitives, leaves))
    const at =
      tile === undefined
        ? -1
        : leaves.findIndex((leaf, i) => !equal(leaf, tile.subarray(i * 32, i * 32 + 32)))
    if (count === TILE_WIDTH && tile === undefined) add('tile', start, 'it is missing')
    if (at !== -1) add('entry', start + at, 'its hash is not the one in the tree')
    const index = await badPart(primitives, store, number, start, entries)
    if (index !== undefined) add('part', index, 'it is missing or not what its entry commits to')
  }
  if (found.length === 0) compareAbove(store, number, size, roots, add)
  return found
}

/** Every entry and part is there and fits its tile: it is the hashes above, or the end of the log. */
function compareAbove(
  store: KeyValue,
  number: number,
  size: number,
  roots: readonly Uint8Array[],
  add: (what: Damage['what'], index: number | undefined, why: string) => void,
): void {
  for (let start = 0; start < roots.length; start += TILE_WIDTH) {
    const right = Buffer.concat(roots.slice(start, start + TILE_WIDTH))
    const tile = stored(() => store.getSync(tileKey(number, 1, start / TILE_WIDTH)))
    if (tile === undefined || !equal(tile, right)) {
      add('tile', start * TILE_WIDTH, 'its hashes are not those of the tiles below it')
      return
    }
  }
  const end = size - (size % TILE_WIDTH)
  if (end < size)
    add('entry', end, `one of the entries ${end} to ${size - 1}, or the stored root, is another`)
  else add('head', undefined, 'the stored root is another')
}

function storedSize(store: KeyValue, number: number): number | undefined {
  const state = readState(stored(() => store.getSync(keyOf('state', { log: number }))))
  if (state !== undefined) return state.size
  const note = stored(() => store.getSync(keyOf('complete', { log: number })))
  const signed = note === undefined ? undefined : parseSignedCheckpoint(note)
  return signed?.ok === true ? signed.value.checkpoint.size : undefined
}

async function entriesOf(
  store: KeyValue,
  number: number,
  start: number,
  count: number,
): Promise<readonly (Uint8Array | undefined)[]> {
  const log = { log: number }
  if (count < TILE_WIDTH) {
    return Array.from({ length: count }, (_, at) =>
      stored(() => store.getSync(keyOf('tail', log, { index: start + at }))),
    )
  }
  const bundle = stored(() => store.getSync(keyOf('bundle', log, { index: start / TILE_WIDTH })))
  const read = bundle === undefined ? undefined : parseBundle(bundle)
  return read?.ok === true ? read.value : []
}

async function badPart(
  primitives: Primitives,
  store: KeyValue,
  number: number,
  start: number,
  entries: readonly (Uint8Array | undefined)[],
): Promise<number | undefined> {
  const parts = await readParts(store, number, start, entries.length)
  const at = entries.findIndex((bytes, i) => {
    const entry = bytes === undefined ? undefined : parseEntry(bytes)
    const part = parts[i]
    return entry?.ok === true && (part === undefined || !checkPublicPart(primitives, entry.value, part).ok)
  })
  return at === -1 ? undefined : start + at
}

function stored<T>(read: () => T | undefined): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return undefined
    throw error
  }
}
