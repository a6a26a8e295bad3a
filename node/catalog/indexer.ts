/**
 * Feeds the catalogue, in the order of each log: what the logs grow by straight from memory, what was missed (at
 * start, after a failure, when more grows than can wait) from the store.
 */
import { parseEntry, type Entry } from '../../protocol/codec/statement.ts'
import { isMap } from '../../protocol/codec/value.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import type { Grown } from '../log/appender.ts'
import type { NewEntry } from '../store/extension.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import type { Catalog, CatalogPage } from './catalog.ts'
import { describeIncident, type CatalogDocument } from './documents.ts'
import type { CatalogQuery } from './query.ts'

/** Entries read between two turns of the event loop: about ten milliseconds. */
const STEP_ENTRIES = 256

/** Entries that wait in memory. Beyond that the logs are read again, when there is time. */
const WAITING_ENTRIES_MAX = 4_096

export class Indexer {
  private readonly catalog: Catalog
  private readonly logs: Logs
  private readonly onError: (error: unknown) => void
  // Written by `grown`, `catchUp` and `run` only.
  private waiting: Grown[] = []
  private waitingEntries = 0
  private readonly behind = new Set<string>()
  private running: Promise<void> | undefined
  // The job under way.
  private step: Promise<void> = Promise.resolve()
  private stopped = false
  private stale = false

  constructor(parts: {
    readonly catalog: Catalog
    readonly logs: Logs
    readonly onError: (error: unknown) => void
  }) {
    this.catalog = parts.catalog
    this.logs = parts.logs
    this.onError = parts.onError
  }

  /** Takes note of new entries; returns at once. */
  grown(grown: Grown): void {
    if (this.waitingEntries + grown.added.length > WAITING_ENTRIES_MAX) {
      this.behind.add(grown.log.origin)
    } else {
      this.waiting.push(grown)
      this.waitingEntries += grown.added.length
    }
    void this.settled()
  }

  /** Indexes whatever the logs hold and the catalogue does not. */
  catchUp(): Promise<void> {
    for (const { origin } of this.logs.all()) this.behind.add(origin)
    return this.settled()
  }

  /** Drops the whole index and makes it anew from what the logs hold now. Resolves when that is done. */
  async renew(): Promise<void> {
    this.stale = true
    await this.catchUp()
  }

  /** Asks the catalogue once it knows everything that the logs hold now: an answer names the heads it rests on. */
  async query(query: CatalogQuery): Promise<CatalogPage> {
    const asked = this.logs.all().map(({ number, edge }) => ({ number, size: edge.size }))
    while (this.running !== undefined && asked.some(({ number, size }) => this.catalog.next(number) < size)) {
      await this.step
    }
    return this.catalog.query(query)
  }

  /** Resolves when all that was noted so far is indexed, or has failed and was reported. */
  private settled(): Promise<void> {
    this.running ??= Promise.resolve().then(() => this.run())
    return this.running
  }

  /** Takes nothing more, and resolves when the store is not used any more. What is left is indexed at the next start. */
  stop(): Promise<void> {
    this.stopped = true
    return this.settled()
  }

  /** Ends when nothing waits. An error leaves a log behind; its next growth finds the gap and reads it again. */
  private async run(): Promise<void> {
    for (;;) {
      const job = this.stopped ? undefined : this.job()
      if (job === undefined) break
      this.step = job().catch(this.onError)
      await this.step
    }
    // In the same turn as the last look for a job, so that no growth falls between the two.
    this.running = undefined
  }

  private job(): (() => Promise<void>) | undefined {
    const grown = this.waiting.shift()
    if (grown !== undefined) {
      this.waitingEntries -= grown.added.length
      return () => this.take(grown)
    }
    // After all that waited, which may hold what was erased since.
    if (this.stale) {
      this.stale = false
      return () => this.catalog.clear()
    }
    const [origin] = this.behind
    if (origin === undefined) return undefined
    this.behind.delete(origin)
    return () => this.read(origin)
  }

  private async take({ log, from, added }: Grown): Promise<void> {
    const next = this.catalog.next(log.number)
    if (next < from) return this.read(log.origin)
    const documents = added.flatMap(({ entry, part }, offset) => describe(log, from + offset, entry, part))
    await this.catalog.add(documents, [{ log: log.number, next: from + added.length }])
  }

  /** Reads one log from where the catalogue is to its end. */
  private async read(origin: string): Promise<void> {
    const log = this.logs.get(origin)
    if (log === undefined) return
    for (let from = this.catalog.next(log.number); from < log.edge.size && !this.stopped;) {
      const entries = this.logs.entries(log, from, STEP_ENTRIES)
      if (entries.length === 0) return
      const parts = await this.logs.parts(log, from, entries.length)
      const documents = entries.flatMap((bytes, offset) => {
        const entry = parseEntry(bytes)
        const part = parts[offset] ?? this.erasedPart(log, from + offset)
        return entry.ok ? describe(log, from + offset, entry.value, part) : []
      })
      from += entries.length
      await this.catalog.add(documents, [{ log: log.number, next: from }])
    }
  }

  private erasedPart(log: HeldLog, index: number): NewEntry['part'] | undefined {
    const by = this.logs.erasedBy(log, index)
    return by === undefined ? undefined : { erasedBy: by }
  }
}

/** A record whose public part was erased is still listed; its words are gone. */
const ERASED = { kind: 'erased', title: '(erased)' } as const

function describe(
  log: HeldLog,
  index: number,
  entry: Entry,
  part: NewEntry['part'] | undefined,
): readonly CatalogDocument[] {
  const { kind, record, version } = entry.statement
  if (kind !== 'incident' || part === undefined) return []
  const document = 'erasedBy' in part ? ERASED : documentOf(part)
  const origin = parseOrigin(log.origin)
  if (!isMap(document) || !origin.ok) return []
  const author = origin.value.domain
  const place = { log: log.number, index, record, author, version, statementKind: kind }
  return [describeIncident(place, document)]
}
