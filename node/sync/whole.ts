/**
 * What is about to be answered is checked as its asker will check it. A stored bundle that a failing disk altered
 * would cost an honest node its standing with everybody; so it is found here, named in `status`, and not sent.
 */
import { checkPublicPart } from '../../protocol/codec/part.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { proveChunk, proveErasures, type Chunk, type Erased } from '../../protocol/sync/chunk.ts'
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
  await logs.nameDamage(log, chunk.from)
  return false
}

async function proves(
  primitives: Primitives,
  logs: Logs,
  log: HeldLog,
  chunk: Chunk,
  size: number,
): Promise<boolean> {
  const edge = await logs.edgeAt(log, chunk.from)
  const root = logs.provenRoot(log, size)
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
