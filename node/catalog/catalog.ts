/**
 * The catalogue: finds records by words, facets and dates. Derived from the logs: deleting it loses nothing.
 *
 * Documents get numbers as they arrive. The newest stand in memory, in the young segment; when it is full it is
 * written as one batch together with how far each log is indexed. After a crash `next` says for each log where to
 * go on, so that every document is indexed exactly once.
 */
import type { KeyValue, Operation } from '../ports.ts'
import { Columns } from './columns.ts'
import { rowOf, type CatalogDocument, type CatalogRow } from './documents.ts'
import { catalogKey, rangeOf } from './keys.ts'
import { intersect } from './postings.ts'
import { planOf, printCursor, type CatalogQuery, type Plan } from './query.ts'
import { authorsOf, loadColumns, printColumns, printRows, readRows } from './rows.ts'
import { printTerms, readPostings, type Segment, type Wanted } from './segment.ts'
import { select } from './selection.ts'
import { Young } from './young.ts'

export type CatalogPage = {
  readonly total: number
  /** Newest occurrence first, those without a date last. */
  readonly items: readonly CatalogRow[]
  /** The cursor of the next page, where there is one. */
  readonly next?: string
}

/** Everything of this log below `next` has been looked at, whether it was a document or not. */
export type Progress = { readonly log: number; readonly next: number }

type CatalogOptions = {
  /** Documents of a segment. Tests make it small. */
  readonly segmentDocuments?: number
}

/** What a query sees: taken when it begins, so that what arrives meanwhile does not disturb it. */
type View = { readonly segments: readonly Segment[]; readonly young: Young; readonly end: number }

type StoredMeta = {
  readonly layout: number
  readonly segments: number
  readonly next: readonly (readonly [number, number])[]
}

type StoredSegment = Pick<Segment, 'size' | 'firsts'> & { readonly authors: readonly string[] }

/** The layout this program writes. A catalogue of any other is thrown away and built anew. */
const LAYOUT = 1

/** About half a second of indexing again after a crash, and some ten megabytes of memory. */
const SEGMENT_DOCUMENTS = 4_096

/** Different terms after which a segment is full, however few its documents: texts may be made to have many. */
const SEGMENT_TERMS_MAX = 65_536

/** Keys deleted at once. */
const CLEAR_BATCH = 1_024

/** Opens the catalogue that is stored below `prefix`, or begins one. */
export async function openCatalog(
  store: KeyValue,
  prefix: Uint8Array,
  options: CatalogOptions = {},
): Promise<Catalog> {
  const catalog = new Catalog(store, prefix, options)
  await catalog.load()
  return catalog
}

export class Catalog {
  private readonly store: KeyValue
  private readonly prefix: Uint8Array
  private readonly segmentDocuments: number
  // Written only by the one job of `serially` that runs; `segments` and `young` are replaced together.
  private columns = new Columns()
  private segments: readonly Segment[] = []
  private young = new Young(0)
  private readonly progress = new Map<number, number>()
  private last: Promise<unknown> = Promise.resolve()

  /** Use `openCatalog`. */
  constructor(store: KeyValue, prefix: Uint8Array, { segmentDocuments = SEGMENT_DOCUMENTS }: CatalogOptions) {
    this.store = store
    this.prefix = prefix
    this.segmentDocuments = segmentDocuments
  }

  /** Documents indexed, older versions included. */
  get size(): number {
    return this.columns.length
  }

  /** The first index of this log that has not been looked at. */
  next(log: number): number {
    return this.progress.get(log) ?? 0
  }

  /**
   * Indexes documents. Those of one log come in the order of their indices; what is below `next` is there already
   * and passed over. `progress` says how far a log has been looked at when its last entries are no documents.
   */
  add(documents: readonly CatalogDocument[], progress: readonly Progress[] = []): Promise<void> {
    return this.serially(async () => {
      const ordered = documents.toSorted((a, b) => a.log - b.log || a.index - b.index)
      for (const document of ordered) {
        if (document.index < this.next(document.log)) continue
        const row = rowOf(document)
        this.columns.push(row)
        this.young.add(row, [document.title, document.summary, document.text])
        this.progress.set(document.log, document.index + 1)
        if (this.isFull()) await this.flush()
      }
      for (const { log, next } of progress) this.progress.set(log, Math.max(this.next(log), next))
    })
  }

  async query(query: CatalogQuery): Promise<CatalogPage> {
    const plan = planOf(query)
    if (plan.isHopeless) return { total: 0, items: [] }
    const { segments, young } = this
    const view = { segments, young, end: young.base + young.rows.length }
    const { columns } = this
    const candidates = await this.candidates(view, plan)
    const { total, numbers, hasMore } = select(columns, plan, candidates, view.end)
    const items = await this.rows(view, numbers)
    const last = numbers.at(-1)
    if (!hasMore || last === undefined) return { total, items }
    const place = {
      first: columns.first[last] ?? 0,
      log: columns.log[last] ?? 0,
      index: columns.index[last] ?? 0,
    }
    return { total, items, next: printCursor(place) }
  }

  /** Deletes everything, to build it anew. */
  clear(): Promise<void> {
    return this.serially(async () => {
      this.columns = new Columns()
      this.segments = []
      this.young = new Young(0)
      this.progress.clear()
      // What says how many segments there are goes first: a half-deleted catalogue must not look whole.
      await this.store.batch([{ type: 'del', key: catalogKey(this.prefix, 'meta') }], 'buffered')
      let operations: Operation[] = []
      for await (const [key] of this.store.iterate(rangeOf(this.prefix))) {
        operations.push({ type: 'del', key })
        if (operations.length < CLEAR_BATCH) continue
        await this.store.batch(operations, 'buffered')
        operations = []
      }
      await this.store.batch(operations, 'buffered')
    })
  }

  /** Reads what is stored. Called once, by `openCatalog`. */
  async load(): Promise<void> {
    const meta = parseMeta(await this.store.get(catalogKey(this.prefix, 'meta')))
    if (meta === undefined) return this.clear()
    const segments: Segment[] = []
    for (let number = 0; number < meta.segments; number++) {
      const base = this.columns.length
      const bytes = await this.store.get(catalogKey(this.prefix, 'segment', number))
      const columns = await this.store.get(catalogKey(this.prefix, 'columns', number))
      const stored = bytes === undefined ? undefined : parseJson<StoredSegment>(bytes)
      if (stored === undefined || columns === undefined) return this.clear()
      loadColumns(this.columns, columns, stored.authors)
      if (this.columns.length !== base + stored.size) return this.clear()
      segments.push({ number, base, size: stored.size, firsts: stored.firsts })
    }
    this.segments = segments
    this.young = new Young(this.columns.length)
    for (const [log, next] of meta.next) this.progress.set(log, next)
  }

  private isFull(): boolean {
    const { rows, terms } = this.young
    return rows.length >= this.segmentDocuments || terms.size >= SEGMENT_TERMS_MAX
  }

  /** One batch: a crash leaves the whole segment and the progress it stands for, or neither. */
  private async flush(): Promise<void> {
    const { young, prefix } = this
    const number = this.segments.length
    const { operations, firsts } = await printTerms(prefix, number, young)
    const stored: StoredSegment = { size: young.rows.length, firsts, authors: authorsOf(young.rows) }
    const meta: StoredMeta = { layout: LAYOUT, segments: number + 1, next: [...this.progress] }
    const put = (key: Uint8Array, value: Uint8Array): Operation => ({ type: 'put', key, value })
    await this.store.batch(
      [
        ...operations,
        ...printRows(prefix, number, young),
        put(catalogKey(prefix, 'columns', number), printColumns(this.columns, young)),
        put(catalogKey(prefix, 'segment', number), printJson(stored)),
        put(catalogKey(prefix, 'meta'), printJson(meta)),
      ],
      'buffered',
    )
    this.segments = [...this.segments, { number, base: young.base, size: young.rows.length, firsts }]
    this.young = new Young(this.columns.length)
  }

  private async candidates(view: View, plan: Plan): Promise<Uint32Array | 'all'> {
    if (plan.terms.length === 0) return 'all'
    return intersect(await Promise.all(plan.terms.map((wanted) => this.postings(view, wanted))))
  }

  private async postings({ segments, young, end }: View, wanted: Wanted): Promise<Uint32Array> {
    const { term, isPrefix } = wanted
    // Asked before anything is awaited, though `end` would cut it later as well.
    const recent = isPrefix ? young.documentsOfPrefix(term, end) : young.documentsOf(term, end)
    const written = await readPostings(this.store, this.prefix, segments, wanted)
    const all = new Uint32Array(written.length + recent.length)
    all.set(written)
    all.set(recent, written.length)
    return all
  }

  private async rows({ segments, young }: View, numbers: readonly number[]): Promise<readonly CatalogRow[]> {
    const written = await readRows(this.store, this.prefix, segments, numbers)
    return numbers.flatMap((number) => young.rows[number - young.base] ?? written.get(number) ?? [])
  }

  /** One change after the other. A failed one is reported to its caller and does not stop the next. */
  private serially(job: () => Promise<void>): Promise<void> {
    const run = this.last.then(job)
    this.last = run.catch(() => undefined)
    return run
  }
}

function parseMeta(bytes: Uint8Array | undefined): StoredMeta | undefined {
  const meta = bytes === undefined ? undefined : parseJson<StoredMeta>(bytes)
  return meta?.layout === LAYOUT ? meta : undefined
}

function printJson(value: StoredMeta | StoredSegment): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** What this program wrote below its own prefix. Damaged bytes read as nothing, and the catalogue is built anew. */
function parseJson<T>(bytes: Uint8Array): T | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
