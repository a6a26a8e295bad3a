/** Feeds the catalogue: from the logs when a node starts, then with whatever the logs grow by. */
import { printBase32 } from '../../protocol/bytes.ts'
import { parseEntry, type Entry } from '../../protocol/codec/statement.ts'
import type { PublicPart } from '../../protocol/codec/part.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import type { Grown } from '../log/appender.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import type { Catalog } from './catalog.ts'
import { describeIncident } from './documents.ts'

/** Entries read between two turns of the event loop: about ten milliseconds. */
const REBUILD_STEP = 256

/** Reads all logs into an empty catalogue. */
export async function buildCatalog(catalog: Catalog, logs: Logs): Promise<void> {
  for (const log of logs.all()) {
    for (let from = 0; from < log.edge.size;) {
      const entries = logs.entries(log, from, REBUILD_STEP)
      if (entries.length === 0) break
      const parts = await logs.parts(log, from, entries.length)
      for (const [offset, bytes] of entries.entries()) {
        const entry = parseEntry(bytes)
        if (entry.ok) index(catalog, log, from + offset, entry.value, parts[offset])
      }
      from += entries.length
    }
  }
}

export function indexGrown(catalog: Catalog, { log, from, added }: Grown): void {
  for (const [offset, { entry, part }] of added.entries()) index(catalog, log, from + offset, entry, part)
}

function index(catalog: Catalog, log: HeldLog, at: number, entry: Entry, part: PublicPart | undefined): void {
  const { kind, record, version } = entry.statement
  if (kind !== 'incident' || part === undefined) return
  const document = documentOf(part)
  const origin = parseOrigin(log.origin)
  if (!isMap(document) || !origin.ok) return
  const place = {
    log: log.number,
    index: at,
    record: printBase32(record),
    author: origin.value.domain,
    version,
  }
  catalog.add(describeIncident(place, document))
}
