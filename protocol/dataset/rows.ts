/** Rows of files of lines, as far as marking a copy needs: cells that can be exchanged between rows, and one form to compare by. */

/** How the lines of a file are rows. `delimiter` parts the cells of CSV; the first line of it is a header. */
export type RowFormat =
  { readonly kind: 'csv'; readonly delimiter: string; readonly columns: number } | { readonly kind: 'jsonl' }

/** Named cells of a row in their order, each as it is written in the file. */
export type Row = readonly (readonly [name: string, text: string])[]

const DELIMITERS = [',', ';', '\t']

/** The format of a file by its path and first line, or undefined where its lines are no rows that we know. */
export function rowFormatOf(path: string, firstLine: string): RowFormat | undefined {
  if (/\.(?:jsonl|ndjson)$/i.test(path)) return { kind: 'jsonl' }
  if (!/\.(?:csv|tsv)$/i.test(path)) return undefined
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, columns: cellsOf(firstLine, delimiter).length }))
  const [best] = counts.toSorted((a, b) => b.columns - a.columns)
  return best === undefined || best.columns < 2 ? undefined : { kind: 'csv', ...best }
}

/** The cells of a line, or undefined for one that would not be written again as it stands. */
export function rowOf(format: RowFormat, line: string): Row | undefined {
  if (format.kind === 'csv') {
    const cells = cellsOf(line, format.delimiter)
    return cells.length === format.columns ? cells.map((text, index) => [String(index), text]) : undefined
  }
  const value = jsonObject(line)
  if (value === undefined) return undefined
  const style = STYLES.find((one) => printJson(entriesOf(value), one) === line)
  return style === undefined ? undefined : entriesOf(value)
}

/** The line of a row, in the style of another line of the file. */
export function printRow(format: RowFormat, row: Row, like: string): string {
  if (format.kind === 'csv') return row.map(([, text]) => text).join(format.delimiter)
  const value = jsonObject(like)
  const style = STYLES.find((one) => value !== undefined && printJson(entriesOf(value), one) === like)
  return printJson(row, style ?? 'compact')
}

/** One form for all ways to write a row: whoever passes a file on may sort, quote or space it anew. */
export function canonicalRow(format: RowFormat, line: string): string {
  const trimmed = line.trim()
  if (format.kind === 'csv')
    return cellsOf(trimmed, format.delimiter)
      .map((cell) => unquoted(cell.trim()))
      .join('\u001f')
  const value = jsonObject(trimmed)
  return value === undefined ? trimmed : JSON.stringify(sorted(value))
}

/** Cells of a CSV line as they are written, quotes included. */
function cellsOf(line: string, delimiter: string): readonly string[] {
  const cells: string[] = []
  let [start, isQuoted] = [0, false]
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') isQuoted = !isQuoted
    if (isQuoted || line[at] !== delimiter) continue
    cells.push(line.slice(start, at))
    start = at + 1
  }
  return [...cells, line.slice(start)]
}

function unquoted(cell: string): string {
  return cell.length >= 2 && cell.startsWith('"') && cell.endsWith('"')
    ? cell.slice(1, -1).replaceAll('""', '"')
    : cell
}

/** As most programs write JSON: without spaces, or with one after each comma and colon. */
const STYLES = ['compact', 'spaced'] as const
type Style = (typeof STYLES)[number]

type JsonObject = { readonly [name: string]: unknown }

function jsonObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    // A line that is no JSON is no row; it is left as it is.
    return undefined
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function entriesOf(value: JsonObject): Row {
  return Object.entries(value).map(([name, one]) => [name, JSON.stringify(one)])
}

function printJson(row: Row, style: Style): string {
  const [comma, colon] = style === 'compact' ? [',', ':'] : [', ', ': ']
  return `{${row.map(([name, text]) => `${JSON.stringify(name)}${colon}${text}`).join(comma)}}`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const names = Object.keys(value).toSorted()
  return names.map((name) => [name, sorted(value[name])])
}
