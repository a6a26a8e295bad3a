/**
 * Making a copy for one reader: rows that no other copy has, and the root of the file with them. Three readings of the
 * base in constant memory; no second file is written, because blocks of the copy are made when they are sent.
 */
import { isUtf8 } from 'node:buffer'
import { blockCount, makeBlockTree } from '../../protocol/dataset/blocks.ts'
import { canonicalRow, rowFormatOf, type RowFormat } from '../../protocol/dataset/rows.ts'
import {
  makePlaces,
  makeRows,
  MARK_ROWS,
  MARK_SAMPLE_MIN,
  MarkStream,
} from '../../protocol/dataset/watermark.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import type { Copy } from './copy.ts'
import { leafOf } from './hashing.ts'
import type { Insertion, MarkedHead, OwnHead } from './head.ts'
import { linesOf, textOfLine, type Line } from './lines.ts'
import { readInserted } from './marked.ts'
import { readAll, type Readable } from './reader.ts'

/** Rows from which others are made, spread over the file. */
const SAMPLE_ROWS = 256

/** Bytes of a row that is made: sixteen of them stand in one head. */
const ROW_BYTES_MAX = 16_384

export type MarkOrder = {
  readonly base: Copy<OwnHead>
  readonly reader: Readable
  readonly request: Uint8Array
  /** Whether another copy has this row. */
  readonly isTaken: (canonical: string) => boolean
}

export type Marked = { readonly head: MarkedHead; readonly leaves: readonly Uint8Array[] }

export async function makeMarked({ base, reader, request, isTaken }: MarkOrder): Promise<Marked> {
  const { head } = base
  const lines = (hasQuotes: boolean) => linesOf(readAll(base, reader), hasQuotes)
  const survey = await surveyOf(head.path, lines)
  const stream = new MarkStream(native, head.markSecret, request, head.root)
  // Some may turn out to be rows of the file, so more are made than are needed.
  const candidates = makeRows(stream, survey.format, survey.sample, 2 * MARK_ROWS, isTaken)
  const places = makePlaces(stream, head.bytes, MARK_ROWS)
  const { rows, starts } = await findPlaces(survey.format, candidates, places, lines)
  if (rows.length < MARK_ROWS || starts.length < MARK_ROWS) throw unfit(head.path)
  const ending = survey.isCrlf ? '\r\n' : '\n'
  const insertions = starts.map((offset, index): Insertion => {
    return { offset, bytes: new Uint8Array(Buffer.from(`${rows[index] ?? ''}${ending}`)) }
  })
  const added = insertions.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const bytes = head.bytes + added
  const leaves = await leavesOf({ bytes, insertions }, head.bytes, reader)
  const { root } = makeBlockTree(native, leaves)
  const { path, contentKey } = head
  return {
    head: {
      kind: 'marked',
      path,
      bytes,
      contentKey,
      root,
      base: head.root,
      request,
      insertions,
    },
    leaves,
  }
}

/** Rows of ordinary length whose bytes are text: of others none is made. */
function isUsable(text: string): boolean {
  return text.length <= ROW_BYTES_MAX && isUtf8(Buffer.from(text, 'latin1'))
}

type Lines = (hasQuotes: boolean) => AsyncIterable<Line>

/** Format, line ends and some rows of the file, by reservoir sampling with the first rows' own order as its dice. */
async function surveyOf(path: string, lines: Lines) {
  let format: RowFormat | undefined
  let isCrlf = false
  const sample: string[] = []
  let seen = 0
  for await (const line of lines(!/\.(?:jsonl|ndjson)$/i.test(path))) {
    if (line.at === 0) {
      format = rowFormatOf(path, textOfLine(line))
      isCrlf = line.text.endsWith('\r')
      if (format === undefined) throw unfit(path)
      if (format.kind === 'csv') continue
    }
    if (!line.isRow || !isUsable(line.text)) continue
    // A row for the sample from each stretch of a growing length: early rows are no more likely than late ones.
    if (sample.length < SAMPLE_ROWS) sample.push(textOfLine(line))
    else if (seen % Math.ceil(seen / SAMPLE_ROWS) === 0) sample[(seen * 61) % SAMPLE_ROWS] = textOfLine(line)
    seen += 1
  }
  if (format === undefined || sample.length < MARK_SAMPLE_MIN) throw unfit(path)
  return { format, isCrlf, sample }
}

/** Where rows begin at or after the places, and which of the candidates are no rows of the file. */
async function findPlaces(
  format: RowFormat,
  candidates: readonly string[],
  places: readonly number[],
  lines: Lines,
): Promise<{ rows: readonly string[]; starts: readonly number[] }> {
  const left = new Map(candidates.map((row) => [canonicalRow(format, row), row]))
  const lengths = new Set(candidates.map((row) => Buffer.byteLength(row)))
  const starts: number[] = []
  let last = 0
  for await (const line of lines(format.kind === 'csv')) {
    // Only a line about as long as a candidate can be one: the others are not taken apart.
    const length = line.text.length
    if (lengths.has(length) || lengths.has(length - 1)) left.delete(canonicalRow(format, textOfLine(line)))
    if (!line.isRow || (line.at === 0 && format.kind === 'csv')) continue
    last = line.at
    while (starts.length < places.length && (places[starts.length] ?? 0) <= line.at) starts.push(line.at)
  }
  while (starts.length < places.length) starts.push(last)
  return { rows: [...left.values()].slice(0, places.length), starts }
}

async function leavesOf(
  marked: Pick<MarkedHead, 'bytes' | 'insertions'>,
  baseBytes: number,
  reader: Readable,
): Promise<readonly Uint8Array[]> {
  const read = readInserted(marked, baseBytes, reader)
  const leaves: Uint8Array[] = []
  for (let index = 0; index < blockCount(marked.bytes); index++) {
    const block = await read(index)
    if (block === undefined)
      throw new NodeError('STORE_DAMAGED', 'a block of the file that is to be marked cannot be read')
    leaves.push(leafOf(block))
  }
  return leaves
}

function unfit(path: string): NodeError {
  return new NodeError(
    'BAD_INPUT',
    `${JSON.stringify(path)} cannot be marked: no rows can be made that fit it`,
    {
      fix: 'only CSV with a header and JSON Lines with enough different rows can be marked',
    },
  )
}
