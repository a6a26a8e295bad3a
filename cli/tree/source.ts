/** A published log as a source of leaves: each file read once, in order, and checked against the tiles on the way. */
import type { PublicPart } from '../../protocol/codec/part.ts'
import { checkedPrimitives, NodeError } from '../../node/api/client.ts'
import { ENTRY_BYTES_MAX, NOTE_BYTES_MAX } from '../../protocol/limits.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { parseParts, PARTS_BYTES_MAX, printPartsPath } from '../../protocol/log/parts-bundle.ts'
import { parseBundle, printTilePath, TILE_WIDTH } from '../../protocol/log/tile.ts'
import type { LeafSource } from '../leaf-source.ts'
import { readChecked, TILE_BYTES, TileCheck, TREE_FAULTS_MAX, type TreeFault } from './check.ts'
import { readingAhead, type TreeReader } from './reader.ts'

/** Bytes of a full entry bundle. */
const BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX)

/** Bundles read ahead, each with its parts and its tile. */
const BUNDLES_AHEAD = 3

export type TreeSource = LeafSource & {
  /** What was found wrong with the files so far. */
  readonly faults: readonly TreeFault[]
}

type Bundle<T> = { readonly index: number; readonly values: readonly T[] }

export async function treeSource(tree: TreeReader, origin: string): Promise<TreeSource> {
  const reader = readingAhead(tree)
  const primitives = checkedPrimitives()
  const note = await reader.read('checkpoint', NOTE_BYTES_MAX)
  if (note === undefined) throw new NodeError('NOT_FOUND', `${reader.name} has no checkpoint`)
  const signed = parseSignedCheckpoint(note)
  const size = signed.ok ? signed.value.checkpoint.size : 0
  const faults: TreeFault[] = []
  const onFault = (fault: TreeFault) => {
    if (faults.length < TREE_FAULTS_MAX) faults.push(fault)
  }
  const check = signed.ok ? new TileCheck(primitives, reader, signed.value.checkpoint, onFault) : undefined
  const widthOf = (index: number) => Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
  let next = 0
  const expect = (index: number) => {
    if (index * TILE_WIDTH >= size) return
    const width = widthOf(index)
    reader.expect(printTilePath({ level: 'entries', index, width }), BUNDLE_BYTES_MAX)
    if (width === TILE_WIDTH) reader.expect(printTilePath({ level: 0, index, width }), TILE_BYTES)
    reader.expect(printPartsPath(index, width), PARTS_BYTES_MAX)
  }
  const readEntries = async (index: number): Promise<readonly Uint8Array[]> => {
    if (index * TILE_WIDTH >= size) return []
    const file = printTilePath({ level: 'entries', index, width: widthOf(index) })
    for (let soon = index + 1; soon <= index + BUNDLES_AHEAD; soon++) expect(soon)
    const bytes = await readChecked(reader, file, BUNDLE_BYTES_MAX, onFault)
    const read = bytes === undefined ? undefined : parseBundle(bytes)
    if (read === undefined) return []
    if (!read.ok || read.value.length !== widthOf(index)) {
      onFault({ file, why: `it is not a bundle of ${widthOf(index)} entries` })
      return []
    }
    if (index === next) {
      next += 1
      await check?.bundle({ hashes: read.value.map((entry) => leafHash(primitives, entry)) })
    }
    return read.value
  }
  const readParts = async (index: number): Promise<readonly (PublicPart | null)[]> => {
    if (index * TILE_WIDTH >= size) return []
    const file = printPartsPath(index, widthOf(index))
    const bytes = await readChecked(reader, file, PARTS_BYTES_MAX, onFault)
    const read = bytes === undefined ? undefined : parseParts(bytes, widthOf(index))
    if (read?.ok === true) return read.value.map((part) => part ?? null)
    if (read !== undefined) onFault({ file, why: `it is not a bundle of parts (${read.fault})` })
    return Array.from({ length: widthOf(index) }, () => null)
  }
  const bundle = rawBundles(reader, widthOf, onFault)
  return {
    origin,
    faults,
    bundle,
    onHashes: async (leaves) => check?.bundle(leaves),
    head: () => Promise.resolve(note),
    // A tree carries no other head: the lines below its checkpoint are all that it says of others, and of time.
    cosigned: () => Promise.resolve([note]),
    entries: portions(readEntries),
    parts: portions(readParts),
  }
}

/** Whole bundles as they are published, looked at here only to name the file of one that is none. */
function rawBundles(
  reader: TreeReader,
  widthOf: (index: number) => number,
  onFault: (fault: TreeFault) => void,
): NonNullable<LeafSource['bundle']> {
  return async (index, withParts) => {
    const width = widthOf(index)
    const file = printTilePath({ level: 'entries', index, width })
    const entries = await readChecked(reader, file, BUNDLE_BYTES_MAX, onFault)
    const read = entries === undefined ? undefined : parseBundle(entries)
    if (read !== undefined && (!read.ok || read.value.length !== width))
      onFault({ file, why: `it is not a bundle of ${width} entries` })
    if (entries === undefined || read?.ok !== true || read.value.length !== width) return undefined
    if (!withParts) return { entries, parts: undefined }
    const partsFile = printPartsPath(index, width)
    const parts = await readChecked(reader, partsFile, PARTS_BYTES_MAX, onFault)
    const opened = parts === undefined ? undefined : parseParts(parts, width)
    if (opened?.ok === false)
      onFault({ file: partsFile, why: `it is not a bundle of parts (${opened.fault})` })
    return { entries, parts }
  }
}

/** Ranges out of bundles; the last bundle is kept. */
function portions<T>(read: (index: number) => Promise<readonly T[]>) {
  let held: Bundle<T> | undefined
  return async (from: number, count: number): Promise<readonly T[]> => {
    const index = Math.floor(from / TILE_WIDTH)
    if (held?.index !== index) held = { index, values: await read(index) }
    const at = from % TILE_WIDTH
    return held.values.slice(at, at + count)
  }
}
