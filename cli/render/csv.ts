/** Records as rows of CSV (RFC 4180). What the rows rest on stands in comment lines above the header. */
import type { HeadView, StatementView } from '../../node/api/client.ts'
import { csvCell, safe } from '../safe.ts'

type Column = readonly [name: string, value: (statement: StatementView) => string]

const COLUMNS: readonly Column[] = [
  ['record', ({ record }) => record],
  ['author', ({ author }) => author],
  ['version', ({ version }) => String(version)],
  ['kind', (statement) => at(statement, 'kind')],
  ['verification', (statement) => at(statement, 'verification')],
  ['status', (statement) => at(statement, 'status')],
  ['title', (statement) => at(statement, 'title')],
  ['summary', (statement) => at(statement, 'summary')],
  ['occurred_start', (statement) => at(statement, 'occurred', 'start')],
  ['occurred_end', (statement) => at(statement, 'occurred', 'end')],
  ['occurred_precision', (statement) => at(statement, 'occurred', 'precision')],
  ['sectors', (statement) => list(statement, 'sectors')],
  ['regions', (statement) => list(statement, 'regions')],
  ['harms', (statement) => list(statement, 'harms', 'type')],
  ['harms_realised', (statement) => list(statement, 'harms', 'realised')],
  ['systems', (statement) => list(statement, 'systems', 'name')],
  ['source', (statement) => at(statement, 'source', 'origin')],
  ['source_ids', (statement) => list(inside(statement.document, 'source'), 'external_ids', 'id')],
  ['licence', (statement) => at(statement, 'source', 'licence')],
  ['tlp', (statement) => at(statement, 'policy', 'tlp')],
  ['issued_at', ({ issuedAt }) => issuedAt],
  ['origin', ({ origin }) => origin],
  ['entry', ({ index }) => String(index)],
  ['leaf_hash', ({ leaf }) => leaf],
  ['marks', ({ marks }) => marks.join('; ')],
]

export function csvHeads(networkId: string, heads: readonly HeadView[]): readonly string[] {
  return [
    `# candor export/1, network ${safe(networkId)}`,
    ...heads.map(({ origin, size, root }) => `# head ${safe(origin)} ${size} ${safe(root)}`),
  ]
}

export function csvHead(): string {
  return COLUMNS.map(([name]) => name).join(',')
}

export function csvRow(statement: StatementView): string {
  return COLUMNS.map(([, value]) => csvCell(value(statement))).join(',')
}

function at({ document }: StatementView, ...path: readonly string[]): string {
  return scalar(path.reduce<unknown>(inside, document))
}

/** Items in one cell, separated by `|`. */
function list(from: unknown, key: string, field?: string): string {
  const document = typeof from === 'object' && from !== null && 'document' in from ? from.document : from
  const items = inside(document, key)
  if (!Array.isArray(items)) return ''
  return items.map((item) => scalar(field === undefined ? item : inside(item, field))).join('|')
}

function inside(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return Object.entries(value).find(([name]) => name === key)?.[1]
}

function scalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
