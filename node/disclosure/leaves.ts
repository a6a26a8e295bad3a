/** The leaves of kind `access` in our own logs: what a disclosure leaves there for everybody. Spec 06 §8. */
import { parseEntry, type Entry } from '../../protocol/codec/statement.ts'
import type { Logs } from '../store/logs.ts'

/** Entries that are read at once. */
const READ_ENTRIES = 256

export type AccessLeaf = { readonly origin: string; readonly index: number; readonly entry: Entry }

/** Those below this size of a log, in their order. */
export async function* accessLeaves(
  logs: Logs,
  { origin, size }: { readonly origin: string; readonly size: number },
): AsyncGenerator<AccessLeaf> {
  const log = logs.get(origin)
  if (log === undefined) return
  for (let from = 0; from < size; from += READ_ENTRIES) {
    for (const [offset, bytes] of logs.entries(log, from, Math.min(READ_ENTRIES, size - from)).entries()) {
      const entry = parseEntry(bytes)
      if (entry.ok && entry.value.statement.kind === 'access')
        yield { origin, index: from + offset, entry: entry.value }
    }
    // A long log is read in pieces; whatever else the node does goes on in between.
    await new Promise((resolve) => setImmediate(resolve))
  }
}
