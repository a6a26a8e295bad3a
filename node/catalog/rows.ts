/** Rows and columns of a segment as values of the database: what a list shows, and what a query asks first. */
import { NodeError } from '../errors.ts'
import type { KeyValue, Operation } from '../ports.ts'
import type { Columns } from './columns.ts'
import type { CatalogRow } from './documents.ts'
import { catalogKey } from './keys.ts'
import type { Segment } from './segment.ts'
import type { Young } from './young.ts'

/** Rows to a value: some kilobytes, of which a page needs one row each. */
const ROWS_PER_BLOCK = 8

/** log, first, last and author of 4 bytes, index and version of 8, record of 16. */
const COLUMN_BYTES = 48
const RECORD_BYTES = 16

type StoredRow = Omit<CatalogRow, 'record' | 'target'> & {
  readonly record: string
  readonly target?: { readonly record: string; readonly kind: string }
}

export function printRows(prefix: Uint8Array, segment: number, { rows }: Young): readonly Operation[] {
  const operations: Operation[] = []
  for (let from = 0; from < rows.length; from += ROWS_PER_BLOCK) {
    const stored = rows.slice(from, from + ROWS_PER_BLOCK).map(storedOf)
    const key = catalogKey(prefix, 'rows', segment, from / ROWS_PER_BLOCK)
    operations.push({ type: 'put', key, value: Buffer.from(JSON.stringify(stored)) })
  }
  return operations
}

/** Rows by document number, in the order asked for; those that are not in these segments are left out. */
export async function readRows(
  store: KeyValue,
  prefix: Uint8Array,
  segments: readonly Segment[],
  numbers: readonly number[],
): Promise<ReadonlyMap<number, CatalogRow>> {
  const places = numbers.flatMap((number) => {
    const segment = segmentOf(segments, number)
    if (segment === undefined) return []
    const at = number - segment.base
    const block = Math.floor(at / ROWS_PER_BLOCK)
    return [
      { number, at: at % ROWS_PER_BLOCK, name: `${segment.number}/${block}`, segment: segment.number, block },
    ]
  })
  const blocks = new Map(places.map((place) => [place.name, place]))
  const keys = [...blocks.values()].map(({ segment, block }) => catalogKey(prefix, 'rows', segment, block))
  const values = await store.getMany(keys)
  const stored = new Map([...blocks.keys()].map((name, at) => [name, parseRows(values[at])]))
  const rows = new Map<number, CatalogRow>()
  for (const { number, name, at } of places) {
    const row = stored.get(name)?.[at]
    if (row !== undefined) rows.set(number, rowOfStored(row))
  }
  return rows
}

export function printColumns(columns: Columns, { base, rows }: Young): Uint8Array {
  const out = new Uint8Array(rows.length * COLUMN_BYTES)
  const view = new DataView(out.buffer)
  const authors = authorsOf(rows)
  const numberOf = new Map(authors.map((author, number) => [author, number]))
  for (const [offset, { author, record }] of rows.entries()) {
    const number = base + offset
    const at = offset * COLUMN_BYTES
    view.setUint32(at, columns.log[number] ?? 0)
    view.setUint32(at + 4, columns.first[number] ?? 0)
    view.setUint32(at + 8, columns.last[number] ?? 0)
    view.setUint32(at + 12, numberOf.get(author) ?? 0)
    view.setFloat64(at + 16, columns.index[number] ?? 0)
    view.setFloat64(at + 24, columns.version[number] ?? 0)
    out.set(record.subarray(0, RECORD_BYTES), at + 32)
  }
  return out
}

/** Different authors of these rows, in the order in which the columns number them. */
export function authorsOf(rows: readonly CatalogRow[]): readonly string[] {
  return [...new Set(rows.map(({ author }) => author))]
}

export function loadColumns(columns: Columns, bytes: Uint8Array, authors: readonly string[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at + COLUMN_BYTES <= bytes.length; at += COLUMN_BYTES) {
    const place = {
      log: view.getUint32(at),
      index: view.getFloat64(at + 16),
      version: view.getFloat64(at + 24),
      author: authors[view.getUint32(at + 12)] ?? '',
      record: bytes.subarray(at + 32, at + COLUMN_BYTES),
    }
    columns.insert(place, view.getUint32(at + 4), view.getUint32(at + 8))
  }
}

function segmentOf(segments: readonly Segment[], number: number): Segment | undefined {
  let low = 0
  let high = segments.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((segments[middle]?.base ?? 0) <= number) low = middle + 1
    else high = middle
  }
  const segment = segments[low - 1]
  return segment !== undefined && number < segment.base + segment.size ? segment : undefined
}

function parseRows(bytes: Uint8Array | undefined): readonly StoredRow[] {
  if (bytes === undefined) return []
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch (cause) {
    throw new NodeError('STORE_DAMAGED', 'rows of the catalogue cannot be read', { cause })
  }
}

function storedOf({ record, target, ...rest }: CatalogRow): StoredRow {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return {
    ...rest,
    record: hex(record),
    ...(target === undefined ? {} : { target: { record: hex(target.record), kind: target.kind } }),
  }
}

function rowOfStored({ record, target, ...rest }: StoredRow): CatalogRow {
  const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
  return {
    ...rest,
    record: bytes(record),
    ...(target === undefined ? {} : { target: { record: bytes(target.record), kind: target.kind } }),
  }
}
