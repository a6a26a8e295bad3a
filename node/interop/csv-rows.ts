/**
 * Rows of a CSV file (RFC 4180) in bounded memory, of which a bad one never takes the rest with it.
 *
 * A splitter of ours finds where rows end, so that each row has a bound and a line number; csv-parse reads the
 * fields, many rows at a time. A quote that is never closed would swallow everything behind it: then only its
 * first line is given up and the lines behind it are read again.
 */
import { isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse/sync'

/** Bytes of one row. The longest real one has 3 KB. */
export const ROW_BYTES_MAX = 256 * 1024

/** Lines read again after a broken quote, so that a hostile file cannot make us read everything twice over. */
const RETRIES_MAX = 1_000

/** Bytes handed to csv-parse at once. */
const BATCH_BYTES = 64 * 1024

const NEWLINE = 0x0a
const RETURN = 0x0d
const QUOTE = 0x22
const COMMA = 0x2c

export type CsvRow =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly fault: string }

type RawRow =
  { readonly line: number; readonly bytes: Buffer } | { readonly line: number; readonly fault: string }

/** The rows of a file, the header included. */
export async function* readCsvRows(body: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow> {
  const budget = { retries: RETRIES_MAX }
  const splitter = new RowSplitter(1, budget)
  for await (const chunk of body) yield* parseRows(splitter.push(chunk), budget)
  yield* parseRows(splitter.end(), budget)
}

type Budget = { retries: number }

/** Finds the ends of rows. `pending` holds at most one unfinished row and one chunk. */
class RowSplitter {
  private pending: Buffer = Buffer.alloc(0)
  private at = 0
  private line: number
  private linesInRow = 0
  private quoting = false
  private fieldStart = true
  private justClosed = false
  private dropping = false
  private readonly budget: Budget

  constructor(line: number, budget: Budget) {
    this.line = line
    this.budget = budget
  }

  push(chunk: Uint8Array): RawRow[] {
    this.pending = this.pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.pending, chunk])
    return this.scan()
  }

  end(): RawRow[] {
    const rows = this.scan()
    while (this.quoting) {
      this.giveUpLine('opens a quote that is never closed', rows)
      rows.push(...this.scan())
    }
    if (this.pending.length > 0 && !this.dropping) rows.push({ line: this.line, bytes: this.pending })
    this.pending = Buffer.alloc(0)
    return rows
  }

  private scan(): RawRow[] {
    const rows: RawRow[] = []
    let start = 0
    while (this.at < this.pending.length) {
      const ended = this.step()
      if (ended) {
        if (!this.dropping) rows.push({ line: this.line, bytes: this.pending.subarray(start, this.at) })
        start = this.at
        this.startRow()
      } else if (this.at - start > ROW_BYTES_MAX && !this.dropping) {
        this.keepFrom(start)
        start = 0
        this.giveUpLine(`is longer than ${ROW_BYTES_MAX} bytes`, rows)
      }
    }
    this.keepFrom(this.dropping ? this.at : start)
    return rows
  }

  /** Moves over one byte; true at the end of a row. */
  private step(): boolean {
    const byte = this.pending[this.at]
    this.at += 1
    if (byte === NEWLINE) this.linesInRow += 1
    if (this.dropping) return byte === NEWLINE
    if (byte === QUOTE) {
      // Two quotes inside a quoted field are one: the first closed it, the second opens it again.
      const closes = this.quoting
      this.quoting = !closes && (this.fieldStart || this.justClosed)
      this.justClosed = closes
      this.fieldStart = false
      return false
    }
    this.justClosed = false
    if (this.quoting) return false
    this.fieldStart = byte === COMMA
    return byte === NEWLINE
  }

  private startRow(): void {
    this.line += this.linesInRow
    this.linesInRow = 0
    this.quoting = false
    this.fieldStart = true
    this.justClosed = false
    this.dropping = false
  }

  private keepFrom(start: number): void {
    this.pending = this.pending.subarray(start)
    this.at -= start
  }

  /** Gives up the first line of the row under way and reads what follows as rows of their own. */
  private giveUpLine(fault: string, rows: RawRow[]): void {
    rows.push({ line: this.line, fault })
    const newline = this.budget.retries > 0 ? this.pending.indexOf(NEWLINE) : -1
    this.budget.retries -= 1
    if (newline < 0 || newline >= this.at) {
      this.dropping = true
      this.quoting = false
      return
    }
    this.pending = this.pending.subarray(newline + 1)
    this.at = 0
    this.linesInRow = 1
    this.startRow()
  }
}

function* parseRows(rows: readonly RawRow[], budget: Budget): Generator<CsvRow> {
  let batch: { line: number; bytes: Buffer }[] = []
  let size = 0
  for (const row of rows) {
    if ('bytes' in row && isBlank(row.bytes)) continue
    const readable = 'bytes' in row && isUtf8(row.bytes)
    if (readable) {
      batch.push(row)
      size += row.bytes.length
    }
    if (!readable || size > BATCH_BYTES) {
      yield* parseBatch(batch, budget)
      batch = []
      size = 0
    }
    if (!readable) yield { line: row.line, fault: 'fault' in row ? row.fault : 'is not UTF-8' }
  }
  yield* parseBatch(batch, budget)
}

function* parseBatch(batch: readonly { line: number; bytes: Buffer }[], budget: Budget): Generator<CsvRow> {
  if (batch.length === 0) return
  const all = fieldsOf(Buffer.concat(batch.map((row) => row.bytes)))
  if (all?.length === batch.length) {
    for (const [index, { line }] of batch.entries()) yield { line, fields: all[index] ?? [] }
    return
  }
  for (const row of batch) yield* parseOne(row, budget)
}

function* parseOne(row: { line: number; bytes: Buffer }, budget: Budget): Generator<CsvRow> {
  const [fields, second] = fieldsOf(row.bytes) ?? []
  if (fields !== undefined && second === undefined) {
    yield { line: row.line, fields }
    return
  }
  yield { line: row.line, fault: 'has a quote where none may stand' }
  const newline = row.bytes.indexOf(NEWLINE)
  if (newline < 0 || newline === row.bytes.length - 1 || budget.retries <= 0) return
  budget.retries -= 1
  const rest = new RowSplitter(row.line + 1, budget)
  const again = [...rest.push(row.bytes.subarray(newline + 1)), ...rest.end()]
  yield* parseRows(again, budget)
}

function fieldsOf(bytes: Buffer): string[][] | undefined {
  try {
    return parse(bytes, { columns: false, relax_column_count: true, record_delimiter: ['\r\n', '\n'] })
  } catch {
    return undefined
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === NEWLINE || byte === RETURN)
}
