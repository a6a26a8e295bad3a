/** The lines of a file that is read block by block: each with its place, and whether a row begins there. */
import { NodeError } from '../errors.ts'

export type Line = {
  /** Without its line end. Bytes stand for themselves (Latin-1), so that no text is refused and none is changed. */
  readonly text: string
  /** Where it begins in the file. */
  readonly at: number
  /** False inside a quoted cell of CSV that has line ends in it. */
  readonly isRow: boolean
}

/** Bytes of one line. A longer one is no row of a table. */
const LINE_BYTES_MAX = 1_048_576
const NEWLINE = 0x0a

export async function* linesOf(blocks: AsyncIterable<Uint8Array>, hasQuotes: boolean): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  let [at, isRow] = [0, true]
  const lineOf = (bytes: Buffer): Line => {
    const text = bytes.toString('latin1')
    const line = { text, at, isRow }
    if (hasQuotes && (text.split('"').length - 1) % 2 === 1) isRow = !isRow
    return line
  }
  for await (const block of blocks) {
    const bytes = Buffer.concat([rest, block])
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      yield lineOf(bytes.subarray(start, end))
      at += end + 1 - start
      start = end + 1
    }
    rest = bytes.subarray(start)
    if (rest.length > LINE_BYTES_MAX) {
      throw new NodeError('BAD_INPUT', `a line of the file has more than ${LINE_BYTES_MAX} bytes`)
    }
  }
  if (rest.length > 0) yield lineOf(rest)
}

/** A line as text for people and programs: the bytes read as UTF-8, without a carriage return at its end. */
export function textOfLine({ text }: Pick<Line, 'text'>): string {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text
  return Buffer.from(line, 'latin1').toString('utf8')
}
