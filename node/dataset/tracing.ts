/** Where a file that was found elsewhere came from: which marked copies' rows are in it, in any order, whatever is missing. */
import { printHex } from '../../protocol/bytes.ts'
import { canonicalRow, type RowFormat } from '../../protocol/dataset/rows.ts'
import type { MarkedHead } from './head.ts'
import { linesOf, textOfLine } from './lines.ts'

export type Trace = {
  /** The request whose grant the copy was made for. */
  readonly request: Uint8Array
  readonly base: Uint8Array
  readonly path: string
  readonly rows: number
  readonly found: number
}

export type TracedCopy = { readonly head: MarkedHead; readonly format: RowFormat }

/** Rows of each copy that occur in the file, the most first; copies of which none occurs are left out. */
export async function traceFile(
  copies: readonly TracedCopy[],
  body: AsyncIterable<Uint8Array>,
): Promise<readonly Trace[]> {
  const formats = new Map<string, RowFormat>()
  const rows = new Map<string, { readonly head: MarkedHead; readonly found: Set<string> }[]>()
  const founds = copies.map(({ head, format }) => {
    const copy = { head, found: new Set<string>() }
    formats.set(JSON.stringify(format), format)
    for (const { bytes } of head.insertions) {
      const row = canonicalRow(format, Buffer.from(bytes).toString('utf8'))
      rows.set(row, [...(rows.get(row) ?? []), copy])
    }
    return copy
  })
  for await (const line of linesOf(body, false)) {
    const text = textOfLine(line)
    for (const format of formats.values()) {
      const row = canonicalRow(format, text)
      for (const copy of rows.get(row) ?? []) copy.found.add(row)
    }
  }
  return founds
    .filter(({ found }) => found.size > 0)
    .map(({ head, found }) => ({
      request: head.request,
      base: head.base,
      path: head.path,
      rows: head.insertions.length,
      found: found.size,
    }))
    .toSorted((a, b) => b.found - a.found || printHex(a.request).localeCompare(printHex(b.request)))
}
