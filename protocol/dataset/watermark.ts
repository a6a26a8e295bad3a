/**
 * Rows that only one copy of a file has, made of the file's own rows: each cell is taken from some row, so that nothing
 * is disclosed that the file does not hold; in columns that tell rows apart digits stand in for digits. Spec 11 §5.
 */
import { bytesOfText, concat } from '../bytes.ts'
import { encode } from '../codec/cbor.ts'
import { DOMAINS } from '../identity/domains.ts'
import type { Primitives } from '../primitives.ts'
import { canonicalRow, printRow, rowOf, type Row, type RowFormat } from './rows.ts'

/** Rows of a file from which others are made: fewer would make rows that look like these. */
export const MARK_SAMPLE_MIN = 8

/** Rows of one copy. A leak of a quarter of the file holds at least one of sixteen in 99 of 100 cases. */
export const MARK_ROWS = 16

/** Bytes that nobody makes without the secret, the same each time. */
export class MarkStream {
  private readonly next32: () => Uint8Array
  // Written by `byte` only.
  private rest: Uint8Array = new Uint8Array(0)

  constructor(primitives: Primitives, secret: Uint8Array, request: Uint8Array, base: Uint8Array) {
    let counter = 0
    this.next32 = () => primitives.hmacSha256(secret, concat(WATERMARK, encode([request, base, counter++])))
  }

  /** A number from 0 to `count` − 1, each as likely. */
  below(count: number): number {
    const limit = 2 ** 32 - (2 ** 32 % count)
    for (;;) {
      const drawn = ((this.byte() * 256 + this.byte()) * 256 + this.byte()) * 256 + this.byte()
      if (drawn < limit) return drawn % count
    }
  }

  private byte(): number {
    if (this.rest.length === 0) this.rest = this.next32()
    const [byte = 0] = this.rest
    this.rest = this.rest.subarray(1)
    return byte
  }
}

/** Up to `count` rows, none of which is taken. Fewer where the file has too few different values to make them of. */
export function makeRows(
  stream: MarkStream,
  format: RowFormat,
  sample: readonly string[],
  count: number,
  isTaken: (canonical: string) => boolean,
): readonly string[] {
  const known = sample.flatMap((line) => {
    const row = rowOf(format, line)
    return row === undefined ? [] : [{ line, row }]
  })
  if (known.length < MARK_SAMPLE_MIN) return []
  const rows = known.map(({ row }) => row)
  const telling = tellingColumns(rows)
  const own = new Set(known.map(({ line }) => canonicalRow(format, line)))
  const made = new Map<string, string>()
  for (let time = 0; time < 16 * count && made.size < count; time++) {
    const like = known[stream.below(known.length)]
    if (like === undefined) continue
    const line = printRow(format, mixed(stream, like.row, rows, telling), like.line)
    const canonical = canonicalRow(format, line)
    if (!own.has(canonical) && !isTaken(canonical)) made.set(canonical, line)
  }
  return [...made.values()]
}

/** Places in a file of so many bytes, in order: each row goes before the first row that begins there or later. */
export function makePlaces(stream: MarkStream, bytes: number, count: number): readonly number[] {
  const SPAN = 2 ** 31
  return Array.from({ length: count }, () => Math.floor((stream.below(SPAN) / SPAN) * bytes)).toSorted(
    (a, b) => a - b,
  )
}

const WATERMARK = bytesOfText(DOMAINS.watermark)

function mixed(stream: MarkStream, like: Row, rows: readonly Row[], telling: ReadonlySet<string>): Row {
  return like.map(([name, own]) => {
    const other = rows[stream.below(rows.length)]
    const text = other?.find(([one]) => one === name)?.[1] ?? own
    return [name, telling.has(name) ? withOtherDigits(stream, text) : text]
  })
}

/** Columns in which no two rows are alike and numbers stand: the key of a row, most often. Dates are left as they are. */
function tellingColumns(rows: readonly Row[]): ReadonlySet<string> {
  const columns = new Map<string, string[]>()
  for (const row of rows)
    for (const [name, text] of row) columns.set(name, [...(columns.get(name) ?? []), text])
  const isTelling = (texts: readonly string[]) =>
    new Set(texts).size === texts.length &&
    texts.every((text) => /\d{3}/.test(text) && !DATE.test(text) && !/[.eE]/.test(text))
  return new Set([...columns].filter(([, texts]) => isTelling(texts)).map(([name]) => name))
}

const DATE = /\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{2}:\d{2}/

/** The first digit stays, so that a number keeps its length and its order of size. */
function withOtherDigits(stream: MarkStream, text: string): string {
  const first = text.search(/\d/)
  return text.replaceAll(/\d/g, (digit, at: number) => (at === first ? digit : String(stream.below(10))))
}
