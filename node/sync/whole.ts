/**
 * What is about to be answered is checked as its asker will check it. A stored bundle that a failing disk altered
 * would cost an honest node its standing with everybody; so it is found here, named in `status`, and not sent.
 */
import { checkPublicPart } from '../../protocol/codec/part.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { TILE_WIDTH } from '../../protocol/log/tile.ts'
import { edgeRoot } from '../../protocol/log/merkle.ts'
import { verifyConsistency } from '../../protocol/log/proof.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { proveChunk, proveErasures, type Chunk, type Erased } from '../../protocol/sync/chunk.ts'
import { NodeError } from '../errors.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'

/** Whether these bytes lead to the head of this size. If not, what is damaged is named. */
export async function isWhole(
  primitives: Primitives,
  logs: Logs,
  log: HeldLog,
  chunk: Chunk,
  size: number,
): Promise<boolean> {
  if (await proves(primitives, logs, log, chunk, size)) return true
  await nameDamage(logs, log, chunk.from)
  return false
}

/** Something in or above the bundle of this entry cannot be relied on: says what. */
export async function nameDamage(logs: Logs, log: HeldLog, index: number): Promise<void> {
  const found = await logs.check(log, Math.floor(index / TILE_WIDTH))
  const isStill = logs.get(log.origin) === log
  if (found.length > 0 || !isStill) return
  logs.damages.add({
    origin: log.origin,
    what: 'tile',
    index,
    why: 'the hashes above it do not lead to the root',
  })
}

async function proves(
  primitives: Primitives,
  logs: Logs,
  log: HeldLog,
  chunk: Chunk,
  size: number,
): Promise<boolean> {
  const edge = await logs.edgeAt(log, chunk.from)
  const root = await trueRootAt(primitives, logs, log, size)
  if (edge === undefined || root === undefined) return false
  const head = { origin: log.origin, size, root }
  const erased = proveErasures(primitives, head, chunk)
  return (
    erased.ok &&
    proveChunk(primitives, edge, head, chunk).ok &&
    chunk.entries.every((_, at) => fits(primitives, chunk, at, erased.value))
  )
}

function fits(primitives: Primitives, { from, entries, parts }: Chunk, at: number, erased: Erased): boolean {
  const [entry, part] = [parseEntry(entries[at] ?? new Uint8Array(0)), parts[at]]
  if (entry.ok && part === null) return erased.has(from + at)
  return entry.ok && part !== undefined && part !== null && checkPublicPart(primitives, entry.value, part).ok
}

/** The root at a size, proven against the tree in memory: the tiles it is made of may be damaged too. */
export async function trueRootAt(
  primitives: Primitives,
  logs: Logs,
  log: HeldLog,
  size: number,
): Promise<Uint8Array | undefined> {
  const newest = edgeRoot(primitives, log.edge)
  if (size === log.edge.size) return newest
  if (size > log.edge.size) return undefined
  const oldRoot = await logs.rootAt(log, size)
  const proof = oldRoot === undefined ? undefined : await proofTo(logs, log, size)
  if (oldRoot === undefined || proof === undefined) return undefined
  const claim = { oldSize: size, oldRoot, size: log.edge.size, root: newest, proof }
  return verifyConsistency(primitives, claim).ok ? oldRoot : undefined
}

async function proofTo(logs: Logs, log: HeldLog, size: number): Promise<readonly Uint8Array[] | undefined> {
  try {
    return await logs.consistencyProof(log, size, log.edge.size)
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return undefined
    throw error
  }
}
