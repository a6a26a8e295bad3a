/**
 * One log as it is held: its growing edge in memory, the rest in the database. Values only; what changes them
 * stands in `extension.ts`, and `logs.ts` owns them.
 */
import type { PublicPart } from '../../protocol/codec/part.ts'
import { documentOf, checkFirstEntry } from '../../protocol/log/entry.ts'
import { applyKeyEvent, type KeyState } from '../../protocol/identity/keystate.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { edgeRoot, leafHash, type Edge } from '../../protocol/log/merkle.ts'
import { equal } from '../../protocol/bytes.ts'
import type { Coordinate } from '../../protocol/log/proof.ts'
import { TILE_WIDTH } from '../../protocol/log/tile.ts'
import type { Growing } from '../../protocol/log/tile-growth.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isMap } from '../../protocol/codec/value.ts'
import type { NodeError } from '../errors.ts'
import type { KeyValue, Operation } from '../ports.ts'
import { damageError } from './damage.ts'
import { PART_GROUP, readEntries, readPart } from './entries.ts'
import { after, keyOf, numberAt } from './prefixes.ts'
import { readGrowing, readHashes } from './tiles.ts'

export type HeldLog = {
  /** Local name in keys; never leaves this node. */
  readonly number: number
  readonly origin: string
  /** Entries held: the tree of this size is `edge`. */
  readonly edge: Edge
  readonly growing: Growing
  /** Entries of the bundle that is not full yet. */
  readonly tail: readonly Uint8Array[]
  /** Public parts, as stored, of the group of sixteen that is not full yet. */
  readonly partTail: readonly Uint8Array[]
  readonly keys: KeyState | undefined
  /** Newest signed note whose entries are all held: what this node vouches for and serves. */
  readonly complete: Uint8Array | undefined
  /** Largest signed note ever seen that covers more than is held: what its author said, whether it can be fetched or not. */
  readonly pending: Uint8Array | undefined
}

/** Reads a log from the database and proves that what is stored leads to the stored root. */
export async function openLog(
  primitives: Primitives,
  store: KeyValue,
  number: number,
  origin: string,
  rootKey: PublicKey | undefined,
): Promise<HeldLog> {
  const state = readState(store.getSync(keyOf('state', { log: number })))
  if (state === undefined) throw damaged(origin, 'its stored size cannot be read')
  const tail = await readRows(store, 'tail', number, state.size - (state.size % TILE_WIDTH), state.size)
  const growing = await readGrowing(
    store,
    number,
    state.size,
    tail.map((entry) => leafHash(primitives, entry)),
  )
  const hashes = await readHashes(primitives, store, number, state.size, growing, edgeCoordinates(state.size))
  if (hashes === undefined) throw damaged(origin, 'a hash tile is missing')
  const edge: Edge = { size: state.size, hashes }
  if (!equal(edgeRoot(primitives, edge), state.root))
    throw damaged(origin, 'its stored hashes do not lead to its root')
  const keys =
    rootKey && state.size > 0
      ? await readKeys(primitives, store, number, origin, rootKey, state.size, tail)
      : undefined
  return {
    number,
    origin,
    edge,
    growing,
    tail,
    partTail: await readRows(store, 'part', number, state.size - (state.size % PART_GROUP), state.size),
    keys,
    complete: store.getSync(keyOf('complete', { log: number })),
    pending: store.getSync(keyOf('pending', { log: number })),
  }
}

export function emptyLog(number: number, origin: string): HeldLog {
  const edge: Edge = { size: 0, hashes: [] }
  const nothing = { growing: [], tail: [], partTail: [] }
  return { number, origin, edge, ...nothing, keys: undefined, complete: undefined, pending: undefined }
}

/** The size that a stored note states; 0 without one. */
export function sizeOf(note: Uint8Array | undefined): number {
  const signed = note === undefined ? undefined : parseSignedCheckpoint(note)
  return signed?.ok === true ? signed.value.checkpoint.size : 0
}

export function printState(size: number, root: Uint8Array): Uint8Array {
  return encode({ size, root })
}

export function readState(bytes: Uint8Array | undefined): { size: number; root: Uint8Array } | undefined {
  const value = bytes === undefined ? undefined : parse(bytes)
  if (value === undefined || !value.ok || !isMap(value.value)) return undefined
  const { size, root } = value.value
  return isCount(size) && isBytes(root, 32) ? { size, root } : undefined
}

/** The perfect subtrees of a tree of this size, largest first. */
export function edgeCoordinates(size: number): readonly Coordinate[] {
  const coordinates: Coordinate[] = []
  let start = 0
  for (let level = 52; level >= 0; level--) {
    const width = 2 ** level
    if (size - start < width) continue
    coordinates.push({ level, index: start / width })
    start += width
  }
  return coordinates
}

/** The rows of a log from one index to another. */
async function readRows(
  store: KeyValue,
  space: 'tail' | 'part',
  log: number,
  from: number,
  to: number,
): Promise<readonly Uint8Array[]> {
  const rows: Uint8Array[] = []
  for await (const [, value] of store.iterate({
    gte: keyOf(space, { log }, { index: from }),
    lt: keyOf(space, { log }, { index: to }),
  })) {
    rows.push(value)
  }
  return rows
}

/** Folds the key state from leaf 0 and the key events, which the table names. */
async function readKeys(
  primitives: Primitives,
  store: KeyValue,
  log: number,
  origin: string,
  rootKey: PublicKey,
  size: number,
  tail: readonly Uint8Array[],
): Promise<KeyState> {
  const [entry] = readEntries(store, { number: log, size, tail }, 0, 1)
  const part = readPart(store, log, 0)
  if (entry === undefined || part === undefined) throw damaged(origin, 'its first entry is missing')
  const first = checkFirstEntry(primitives, origin, rootKey, entry, part)
  if (!first.ok) throw damaged(origin, `its first entry is not valid (${first.fault})`)
  let keys = first.value.keys
  const prefix = keyOf('keyEvent', { log })
  for await (const [key] of store.iterate({ gte: prefix, lt: after(prefix) })) {
    const index = numberAt(key, prefix.length, 6)
    const document = documentAt(store, log, index)
    const next = document === undefined ? undefined : applyKeyEvent(primitives, keys, index, document)
    if (next === undefined || !next.ok) throw damaged(origin, `its key event at ${index} cannot be read`)
    keys = next.value
  }
  return keys
}

function documentAt(store: KeyValue, log: number, index: number) {
  const part: PublicPart | undefined = readPart(store, log, index)
  return part === undefined ? undefined : documentOf(part)
}

function damaged(origin: string, what: string): NodeError {
  return damageError(`the stored log ${origin} is damaged: ${what}`)
}

/** What our cosigners stated of a log outlives its copy: fetched anew, it is still what they never go back from. */
export function statedOf(store: KeyValue, before: number, number: number): readonly Operation[] {
  return [0, 1].flatMap((byte): readonly Operation[] => {
    const value = store.getSync(keyOf('cosigner', { log: before }, { byte }))
    return value === undefined
      ? []
      : [{ type: 'put', key: keyOf('cosigner', { log: number }, { byte }), value }]
  })
}
