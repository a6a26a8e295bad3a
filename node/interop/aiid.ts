/**
 * The AI Incident Database: `incidents.csv` of a snapshot, one row per incident, streamed in bounded memory.
 *
 * The digests are over a row's canonical text, so that another order of columns or other line ends are no new
 * version: for every column, sorted by name, its name and value as JSON (RFC 8785), one object per row.
 */
import type { MapValue } from '../../protocol/codec/value.ts'
import { daysOf } from '../../protocol/record/date.ts'
import { PARTIES_MAX } from '../../protocol/record/incident-public.ts'
import { REFERENCES_MAX } from '../../protocol/record/shared-fields.ts'
import { canonicalJson } from './canonical-json.ts'
import { readCsvRows } from './csv-rows.ts'
import { finish, Seen, sha256, type Catalogue } from './draft.ts'
import { fitList, fitNames, fitTexts, listField, Mapping } from './mapping.ts'
import { textAt, type Original } from './original.ts'
import { FIELD_LENGTH_MAX, type ImportEvent, type Upload } from './upload.ts'

const AIID: Catalogue = {
  scheme: 'aiid',
  licence: 'CC-BY-SA-4.0',
  attribution: 'AI Incident Database (AIID), https://incidentdatabase.ai',
}

const REQUIRED = ['incident_id', 'date', 'description', 'title']

/** Columns of parties, and the role each stands for. AIID calls every one of them alleged. */
const PARTY_COLUMNS: readonly (readonly [string, string])[] = [
  ['Alleged deployer of AI system', 'deployer'],
  ['Alleged developer of AI system', 'developer'],
  ['Alleged harmed or nearly harmed parties', 'harmed'],
]

/** Columns of one file. A real one has nine. */
const COLUMNS_MAX = 256

/** Reads every CSV file that has the columns of an incidents table; other files are passed over. */
export async function* readAiid(uploads: AsyncIterable<Upload>): AsyncGenerator<ImportEvent> {
  const seen = new Seen()
  for await (const upload of uploads) {
    if (/\.csv$/iu.test(upload.path)) yield* readTable(upload, seen)
    else yield { kind: 'ignored', name: upload.path, reason: 'is not a .csv file' }
  }
}

async function* readTable(upload: Upload, seen: Seen): AsyncGenerator<ImportEvent> {
  const name = upload.path
  let columns: readonly string[] | undefined
  for await (const row of readCsvRows(upload.body)) {
    const at = `${name}: line ${row.line}`
    if (columns === undefined) {
      const header = 'fields' in row ? headerOf(row.fields) : row.fault
      if (typeof header === 'string') {
        yield { kind: 'ignored', name, reason: `is no table of incidents: its header ${header}` }
        return
      }
      columns = header
    } else if ('fault' in row) {
      yield { kind: 'skipped', name: at, reason: row.fault }
    } else if (row.fields.length === columns.length) {
      yield readRow(at, Object.fromEntries(columns.map((column, i) => [column, row.fields[i] ?? ''])), seen)
    } else {
      const reason = `has ${row.fields.length} fields where the header has ${columns.length}`
      yield { kind: 'skipped', name: at, reason }
    }
  }
  if (columns === undefined) yield { kind: 'ignored', name, reason: 'is empty' }
}

function headerOf(fields: readonly string[]): readonly string[] | string {
  const columns = fields.map((field, index) => (index === 0 ? field.replace(/^\uFEFF/u, '') : field).trim())
  const missing = REQUIRED.filter((column) => !columns.includes(column))
  if (missing.length > 0) return `lacks ${missing.join(', ')}`
  if (columns.length > COLUMNS_MAX) return `has more than ${COLUMNS_MAX} columns`
  return new Set(columns).size === columns.length ? columns : 'names a column twice'
}

function readRow(name: string, row: Original, seen: Seen): ImportEvent {
  const id = textAt(row, 'incident_id')?.trim()
  const title = textAt(row, 'title')
  const description = textAt(row, 'description')
  if (id === undefined || !/^[1-9]\d{0,8}$/u.test(id))
    return { kind: 'skipped', name, reason: 'its incident_id is no number from 1 to 999999999' }
  if (title === undefined) return { kind: 'skipped', name: `${name} (${id})`, reason: 'has no title' }
  if (Object.values(row).some((value) => typeof value === 'string' && value.length > FIELD_LENGTH_MAX))
    return {
      kind: 'skipped',
      name: `${name} (${id})`,
      reason: `a field has more than ${FIELD_LENGTH_MAX} characters`,
    }
  const mapping = new Mapping()
  mapping.set('incident_id', 'direct', 'source.external_ids')
  const texts = fitTexts(mapping, { title, description }, { title: 'title', description: 'description' })
  const facts = {
    kind: 'harm_event',
    occurred: occurredOf(mapping, row),
    ...partiesOf(mapping, row),
    ...referencesOf(mapping, row, id),
  }
  mapping.set('(kind)', 'approximate', 'kind', 'this table does not tell harm from near harm')
  mapping.rest(row)
  const digest = sha256(canonicalJson(row) ?? '')
  return finish(AIID, seen, {
    name,
    id,
    public: { ...texts.public, ...facts },
    ...(texts.narrative === undefined ? {} : { partner: { narrative: texts.narrative } }),
    mapping,
    originalDigest: digest,
    comparisonDigest: digest,
  })
}

/** By AIID's rule the day it happened, else of the first harm, of a lawsuit, of the first report: which, is not said. */
function occurredOf(mapping: Mapping, row: Original): MapValue {
  const start = textAt(row, 'date')?.trim()
  if (start === undefined || daysOf(start, 'day') === undefined)
    return { precision: 'unknown', basis: 'occurred' }
  mapping.set('date', 'approximate', 'occurred', 'the table does not say what the date rests on')
  return { start, precision: 'day', basis: 'occurred' }
}

function partiesOf(mapping: Mapping, row: Original): MapValue {
  const parties = PARTY_COLUMNS.flatMap(([column, role]): MapValue[] => {
    const entries = jsonList(row, column)
    if (entries === undefined) return []
    mapping.set(column, 'direct', 'parties')
    const names = entries.filter((entry): entry is string => typeof entry === 'string')
    if (names.length < entries.length) mapping.cut(column, 'without entries that are no text')
    return fitNames(mapping, column, names).map((name) => ({ role, name, alleged: true }))
  })
  return listField(
    'parties',
    fitList(mapping, 'Alleged harmed or nearly harmed parties', parties, PARTIES_MAX),
  )
}

/** The page of the incident, and on it the place of every report. */
function referencesOf(mapping: Mapping, row: Original, id: string): MapValue {
  const page = `https://incidentdatabase.ai/cite/${id}`
  const entries = jsonList(row, 'reports') ?? []
  const reports = entries.filter(
    (entry): entry is number => typeof entry === 'number' && Number.isSafeInteger(entry) && entry > 0,
  )
  if (reports.length > 0)
    mapping.set('reports', 'direct', 'references', 'as addresses on the page of the incident')
  if (reports.length < entries.length) mapping.cut('reports', 'without entries that are no number')
  const all = [
    { url: page, label: `AIID incident ${id}` },
    ...reports.map((report) => ({ url: `${page}#r${report}`, label: `AIID report ${report}` })),
  ]
  return listField('references', fitList(mapping, 'reports', all, REFERENCES_MAX))
}

/** A column that holds a JSON list; undefined when it is empty or holds something else. */
function jsonList(row: Original, column: string): readonly unknown[] | undefined {
  const text = textAt(row, column)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.length > 0 ? value : undefined
  } catch {
    return undefined
  }
}
