/**
 * Publishing one log as a C2SP tlog-tiles tree. Spec 10.
 *
 * The tree is made from the entries alone: their hashes are the tiles, and only if those lead to the root that
 * the log's own key signed is the checkpoint put over them. So a node that answers wrongly cannot get anything
 * wrong published, and what is published once is continued or left alone, never rewritten.
 */
import { join } from 'node:path'
import { checkedPrimitives, ENTRIES_PER_CALL, NodeError, type Client } from '../../node/api/client.ts'
import { equal } from '../../protocol/bytes.ts'
import { checkPublicPart, type PublicPart } from '../../protocol/codec/part.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import { parseSignedCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { edgeRoot, leafHash } from '../../protocol/log/merkle.ts'
import { verifyConsistency } from '../../protocol/log/proof.ts'
import { printParts, printPartsPath } from '../../protocol/log/parts-bundle.ts'
import { printBundle, printTile, printTilePath, TILE_WIDTH } from '../../protocol/log/tile.ts'
import {
  growingEdge,
  growTiles,
  partialTiles,
  type Growing,
  type Tile,
} from '../../protocol/log/tile-growth.ts'
import { checkHead } from '../log-key.ts'
import { TreeFiles } from './files.ts'
import { readPublished, type Published } from './published.ts'

export type Exporter = {
  readonly client: Pick<Client, 'head' | 'entries' | 'consistency'>
  readonly charter: CharterState
  readonly onProgress: (origin: string, done: number, size: number) => void
}

export type Exported = {
  readonly origin: string
  /** `older`: the node holds less than is published, so nothing was touched. */
  readonly state: 'new' | 'grown' | 'same' | 'older'
  readonly from: number
  readonly size: number
  readonly files: number
}

const primitives = checkedPrimitives

/** Brings the tree in `directory` up to the node's newest head of this log. */
export async function exportLog(exporter: Exporter, origin: string, directory: string): Promise<Exported> {
  const { client } = exporter
  const note = await client.head(origin)
  const signed = parseSignedCheckpoint(note)
  if (!signed.ok) throw damaged(`its head of ${origin} is none (${signed.fault})`)
  const head = signed.value.checkpoint
  const files = new TreeFiles(directory)
  const published = await readPublished(primitives(), (path) => files.read(path), origin, directory)
  const from = published?.head.size ?? 0
  const told = (state: Exported['state']) => ({
    origin,
    state,
    from,
    size: head.size,
    files: files.written(),
  })
  if (head.size < from) return told('older')
  await checkHead(exporter, origin, note)
  if (published !== undefined && head.size === from) {
    if (!equal(published.head.root, head.root)) throw contradicted(directory, published.head, head)
    await files.write('checkpoint', note)
    await files.sync()
    return told('same')
  }
  const { growing, erased } = await writeLeaves(exporter, files, published, head)
  await expectRoot(exporter, directory, published, head, growing)
  for (const bundle of erased) await writePartsAgain(exporter, files, head, bundle)
  for (const tile of partialTiles(head.size, growing)) await writeTile(files, tile)
  await files.sync()
  await files.write('checkpoint', note)
  await files.sync()
  await dropPartials(files, from, head.size)
  return told(published === undefined ? 'new' : 'grown')
}

/** Writes bundles, parts and full tiles from the first bundle that is not full yet. */
async function writeLeaves(
  exporter: Exporter,
  files: TreeFiles,
  published: Published | undefined,
  head: Checkpoint,
): Promise<{ readonly growing: Growing; readonly erased: ReadonlySet<number> }> {
  const erased = new Set<number>()
  const held = published?.head.size ?? 0
  let growing: Growing = published?.growing ?? []
  let size = held
  for (let start = held - (held % TILE_WIDTH); start < head.size; start += TILE_WIDTH) {
    const count = Math.min(TILE_WIDTH, head.size - start)
    const { entries, parts } = await fetchBundle(exporter, head.origin, start, count)
    for (const index of erasedBy(head.origin, entries))
      if (index < held) erased.add(Math.floor(index / TILE_WIDTH))
    const leaves = entries.map((entry) => leafHash(primitives(), entry))
    const isSame = (growing[0] ?? []).every((hash, at) => equal(hash, leaves[at] ?? hash.subarray(1)))
    if (!isSame) await expectRoot(exporter, files.directory, published, head, [])
    const grown = growTiles(primitives(), size, growing, leaves.slice(size - start))
    const index = start / TILE_WIDTH
    await Promise.all([
      files.write(printTilePath({ level: 'entries', index, width: count }), printBundle(entries)),
      files.write(printPartsPath(index, count), printParts(parts)),
      ...grown.full.map((tile) => writeTile(files, tile)),
    ])
    growing = grown.growing
    size = start + count
    exporter.onProgress(head.origin, size, head.size)
  }
  return { growing, erased }
}

/** Which entries of this log these entries say were erased. */
function erasedBy(origin: string, entries: readonly Uint8Array[]): readonly number[] {
  return entries.flatMap((bytes) => {
    const entry = parseEntry(bytes)
    const { kind, on } = entry.ok ? entry.value.statement : { kind: '', on: null }
    return kind === 'erase' && on?.origin === origin ? [on.index] : []
  })
}

/** What was published before it was erased goes from every file it stands in, before the checkpoint that says so. */
async function writePartsAgain(
  exporter: Exporter,
  files: TreeFiles,
  head: Checkpoint,
  bundle: number,
): Promise<void> {
  const start = bundle * TILE_WIDTH
  const width = Math.min(TILE_WIDTH, head.size - start)
  const { parts } = await fetchBundle(exporter, head.origin, start, width)
  const partial = await files.list(`${printPartsPath(bundle, TILE_WIDTH)}.p`)
  for (const count of new Set([width, ...partial.filter((name) => /^\d+$/.test(name)).map(Number)]))
    await files.write(printPartsPath(bundle, count), printParts(parts.slice(0, count)))
}

async function fetchBundle({ client }: Exporter, origin: string, start: number, count: number) {
  const entries: Uint8Array[] = []
  const parts: (PublicPart | undefined)[] = []
  while (entries.length < count) {
    const wanted = Math.min(ENTRIES_PER_CALL, count - entries.length)
    const from = start + entries.length
    const got = await client.entries(origin, from, wanted)
    if (got.from !== from || got.entries.length === 0) throw damaged(`entry ${from} of ${origin} is missing`)
    for (const [at, bytes] of got.entries.slice(0, wanted).entries()) {
      entries.push(bytes)
      parts.push(partOf(origin, from + at, bytes, got.parts[at] ?? null))
    }
  }
  return { entries, parts }
}

/** A part that its entry did not commit to is never published; one that is gone leaves an empty place. */
function partOf(
  origin: string,
  index: number,
  bytes: Uint8Array,
  view: readonly [Uint8Array, string, Uint8Array] | null,
): PublicPart | undefined {
  if (view === null) return undefined
  const [opening, mediaType, content] = view
  const part = { opening, mediaType, bytes: content }
  const entry = parseEntry(bytes)
  if (!entry.ok) throw damaged(`entry ${index} of ${origin} is none (${entry.fault})`)
  const checked = checkPublicPart(primitives(), entry.value, part)
  if (!checked.ok) throw damaged(`the public part of entry ${index} of ${origin} is not its own`)
  return part
}

async function expectRoot(
  { client }: Exporter,
  directory: string,
  published: Published | undefined,
  head: Checkpoint,
  growing: Growing,
): Promise<void> {
  const edge = growingEdge(primitives(), head.size, growing)
  if (equal(edgeRoot(primitives(), edge), head.root)) return
  if (published === undefined) throw damaged(`the entries of ${head.origin} do not lead to the root it signs`)
  const { size: oldSize, root: oldRoot } = published.head
  const proof = await client.consistency(head.origin, oldSize, head.size)
  const claim = { oldSize, oldRoot, size: head.size, root: head.root, proof }
  if (!verifyConsistency(primitives(), claim).ok) throw contradicted(directory, published.head, head)
  throw damaged(`the entries of ${head.origin} do not lead to the root it signs`)
}

function writeTile(files: TreeFiles, { level, index, hashes }: Tile): Promise<void> {
  return files.write(printTilePath({ level, index, width: hashes.length }), printTile(hashes))
}

/** Partial tiles whose full one is published now. Readers of an older checkpoint take the full one (C2SP). */
async function dropPartials(files: TreeFiles, from: number, size: number): Promise<void> {
  for (let level = 0; TILE_WIDTH ** (level + 1) <= size; level++) {
    const index = Math.floor(from / TILE_WIDTH ** (level + 1))
    if (index === Math.floor(size / TILE_WIDTH ** (level + 1))) continue
    const full = printTilePath({ level, index, width: TILE_WIDTH })
    await files.remove(`${full}.p`)
    if (level > 0) continue
    await files.remove(`${printTilePath({ level: 'entries', index, width: TILE_WIDTH })}.p`)
    await files.remove(`${printPartsPath(index, TILE_WIDTH)}.p`)
  }
}

function damaged(what: string): NodeError {
  return new NodeError('STORE_DAMAGED', `the node's copy is damaged: ${what}`, { fix: 'candor doctor' })
}

function contradicted(directory: string, published: Checkpoint, head: Checkpoint): NodeError {
  return new NodeError(
    'CONFLICT',
    `the node's log of ${head.size} entries does not continue the ${published.size} published in ${directory}; nothing was changed`,
    { fix: `candor log diff ${join(directory, 'checkpoint')} ${head.origin}` },
  )
}
