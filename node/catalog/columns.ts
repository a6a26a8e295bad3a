/**
 * What a query asks of every document it finds, as typed columns by document number: where it stands, when it
 * happened, and which versions of its record are older and newer. About 60 bytes per document, in memory.
 */
import type { CatalogRow } from './documents.ts'
import { NO_MOMENT, spanOfOccurred } from './moments.ts'

type TypedArray = Uint32Array | Float64Array

/** No document: the end of a chain of versions. */
export const NONE = 0xffff_ffff

const CAPACITY_FIRST = 1_024

export class Columns {
  length = 0
  log = new Uint32Array(CAPACITY_FIRST)
  index = new Float64Array(CAPACITY_FIRST)
  /** First and last hour it can have happened in; NO_MOMENT when that is not known. */
  first = new Uint32Array(CAPACITY_FIRST)
  last = new Uint32Array(CAPACITY_FIRST)
  version = new Float64Array(CAPACITY_FIRST)
  older = new Uint32Array(CAPACITY_FIRST)
  newer = new Uint32Array(CAPACITY_FIRST)
  /** The newest version of each record, by author and record. */
  private readonly newest = new Map<string, number>()
  private readonly authors = new Map<string, number>()

  /** Gives a document the next number, and its place among the versions of its record. */
  push(row: CatalogRow): number {
    const span = row.occurred === undefined ? undefined : spanOfOccurred(row.occurred)
    return this.insert(row, span?.first ?? NO_MOMENT, span?.last ?? NO_MOMENT)
  }

  insert(place: ColumnPlace, first: number, last: number): number {
    const number = this.length
    if (number === this.log.length) this.grow()
    this.log[number] = place.log
    this.index[number] = place.index
    this.first[number] = first
    this.last[number] = last
    this.version[number] = place.version
    this.length += 1
    this.chain(number, this.nameOf(place))
    return number
  }

  /** Newest occurrence first; then by log and, in it, the later entry first: the same in every rebuilt catalogue. */
  compare(a: number, b: number): number {
    return (
      (this.first[b] ?? 0) - (this.first[a] ?? 0) ||
      (this.log[a] ?? 0) - (this.log[b] ?? 0) ||
      (this.index[b] ?? 0) - (this.index[a] ?? 0)
    )
  }

  /** Versions stand in order whatever order they arrive in. Of equal ones the first of its log counts. */
  private chain(number: number, name: string): void {
    let older = this.newest.get(name) ?? NONE
    let newer = NONE
    while (older !== NONE && this.isNewer(older, number)) {
      newer = older
      older = this.older[older] ?? NONE
    }
    this.older[number] = older
    this.newer[number] = newer
    if (older !== NONE) this.newer[older] = number
    if (newer === NONE) this.newest.set(name, number)
    else this.older[newer] = number
  }

  private isNewer(a: number, b: number): boolean {
    const versions = (this.version[a] ?? 0) - (this.version[b] ?? 0)
    if (versions !== 0) return versions > 0
    const logs = (this.log[b] ?? 0) - (this.log[a] ?? 0)
    return logs === 0 ? (this.index[b] ?? 0) > (this.index[a] ?? 0) : logs > 0
  }

  private nameOf({ author, record }: ColumnPlace): string {
    const known = this.authors.get(author)
    const number = known ?? this.authors.size
    if (known === undefined) this.authors.set(author, number)
    return `${number}:${Buffer.from(record.buffer, record.byteOffset, record.length).toString('latin1')}`
  }

  private grow(): void {
    const capacity = this.log.length * 2
    this.log = enlarged(this.log, new Uint32Array(capacity))
    this.index = enlarged(this.index, new Float64Array(capacity))
    this.first = enlarged(this.first, new Uint32Array(capacity))
    this.last = enlarged(this.last, new Uint32Array(capacity))
    this.version = enlarged(this.version, new Float64Array(capacity))
    this.older = enlarged(this.older, new Uint32Array(capacity))
    this.newer = enlarged(this.newer, new Uint32Array(capacity))
  }
}

type ColumnPlace = Pick<CatalogRow, 'log' | 'index' | 'author' | 'record' | 'version'>

function enlarged<T extends TypedArray>(old: T, next: T): T {
  next.set(old)
  return next
}
