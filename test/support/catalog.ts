/** Documents of the catalogue for tests, and the catalogue as anybody would write it in a minute: filter and sort. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Catalog } from '../../node/catalog/catalog.ts'
import type { CatalogDocument } from '../../node/catalog/documents.ts'
import type { CatalogQuery } from '../../node/catalog/query.ts'

/** Few of everything, so that documents share words, records and dates. */
const WORDS = [
  'triage',
  'Réseau',
  'modèle',
  'ﬁrmware',
  'ΑΘΗΝΑ',
  '病院',
  'x',
  'route66',
  'STRASSE',
  'network',
  'net',
]
const DATES = [
  '2024',
  '2025',
  '2025-03',
  '2025-03-09',
  '2025-03-09T13Z',
  '2025-12-31',
  '2026-01',
  'soon',
  '2025-02-30',
]
const KINDS = ['harm_event', 'near_miss', 'hazard']
const SECTORS = ['health', 'finance', 'other:space flight']
const HARMS = ['privacy', 'economic']
const AUTHORS = ['northgrid.example', 'st-brigid.example']

const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 6 }).map((all) => all.join(', '))

const partial = fc.record({
  log: fc.integer({ min: 1, max: 3 }),
  record: fc.integer({ min: 0, max: 11 }).map((value) => new Uint8Array(16).fill(value)),
  author: fc.constantFrom(...AUTHORS),
  version: fc.integer({ min: 1, max: 3 }),
  statementKind: fc.constantFrom('incident', 'review'),
  kind: fc.constantFrom(...KINDS),
  status: fc.option(fc.constantFrom('open', 'closed'), { nil: undefined }),
  title: words,
  summary: words,
  text: words,
  occurred: fc.option(
    fc.record(
      { start: fc.constantFrom(...DATES), precision: fc.constantFrom('day', 'quarter') },
      { noNullPrototype: true },
    ),
    { nil: undefined },
  ),
  sectors: fc.uniqueArray(fc.constantFrom(...SECTORS), { maxLength: 2 }),
  harms: fc.uniqueArray(fc.constantFrom(...HARMS), { maxLength: 2 }),
})

/** Documents in the order in which they arrive: several logs at once, each with gaps where other entries stand. */
export function documents(maxLength = 60): fc.Arbitrary<readonly CatalogDocument[]> {
  return fc.array(fc.tuple(partial, fc.integer({ min: 1, max: 3 })), { maxLength }).map((all) => {
    const next = new Map<number, number>()
    return all.map(([{ status, occurred, ...rest }, step]) => {
      const index = (next.get(rest.log) ?? 0) + step
      next.set(rest.log, index)
      return {
        ...rest,
        index,
        ...(status === undefined ? {} : { status }),
        ...(occurred === undefined ? {} : { occurred }),
      }
    })
  })
}

const dateAsked = fc.constantFrom('2024', '2025-03', '2025-03-09', '2025-03-09T14Z', '2025-12-31', '2026')
const asked = [
  ...WORDS,
  'net*',
  'MODELE',
  'fi*',
  'reseau',
  'absent',
  'ré*',
  'route*',
  '!!',
  'x triage',
  '病*',
]

export const queries: fc.Arbitrary<CatalogQuery> = fc
  .record(
    {
      kind: fc.constantFrom(...KINDS, 'nothing'),
      statementKind: fc.constantFrom('incident', 'review'),
      sector: fc.constantFrom(...SECTORS),
      harm: fc.constantFrom(...HARMS),
      status: fc.constantFrom('open', 'closed'),
      author: fc.constantFrom(...AUTHORS),
      from: dateAsked,
      to: dateAsked,
      text: fc.array(fc.constantFrom(...asked), { maxLength: 2 }).map((all) => all.join(' ')),
      versions: fc.constantFrom('newest' as const, 'all' as const),
      visible: fc.constantFrom(...[2, 3].map((n) => (log: number, index: number) => (log + index) % n !== 0)),
    },
    { requiredKeys: [] },
  )
  .map((query) => ({ ...query, limit: 1_000 }))

/** Everything that the query asks for, in order. */
export function naively(all: readonly CatalogDocument[], query: CatalogQuery): readonly CatalogDocument[] {
  const visible = all.filter(({ log, index }) => query.visible?.(log, index) ?? true)
  return visible
    .filter((one) => query.versions === 'all' || !visible.some((other) => replaces(other, one)))
    .filter((one) => matches(one, query))
    .toSorted((a, b) => compareTexts(startOf(b), startOf(a)) || a.log - b.log || b.index - a.index)
}

/** Of equal versions the first one counts. */
function replaces(other: CatalogDocument, one: CatalogDocument): boolean {
  if (other.author !== one.author || Buffer.compare(other.record, one.record) !== 0) return false
  if (other.version !== one.version) return other.version > one.version
  return other.log === one.log ? other.index < one.index : other.log < one.log
}

function matches(one: CatalogDocument, query: CatalogQuery): boolean {
  const { kind, statementKind, sector, harm, status, author, text, from, to } = query
  const same = (asked: string | undefined, has: string | undefined) => asked === undefined || asked === has
  if (!same(kind, one.kind) || !same(statementKind, one.statementKind) || !same(status, one.status))
    return false
  if (!same(author, one.author)) return false
  if (sector !== undefined && !one.sectors.includes(sector)) return false
  if (harm !== undefined && !one.harms.includes(harm)) return false
  if (from !== undefined && endOf(one) < filled(from, '-01-01T00')) return false
  if (to !== undefined && (startOf(one) === '' || startOf(one) > filled(to, '-12-31T23'))) return false
  return text === undefined || text.trim() === '' || hasWords(one, text)
}

function hasWords(one: CatalogDocument, text: string): boolean {
  const has = tokens(`${one.title} ${one.summary} ${one.text}`)
  const wanted = text.split(' ').flatMap((typed) => tokens(typed).map((word) => ({ word, typed })))
  if (wanted.length === 0) return false
  return wanted.every(({ word, typed }) =>
    has.some((token) => (typed.endsWith('*') ? token.startsWith(word) : token === word)),
  )
}

function tokens(text: string): readonly string[] {
  const folded = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().normalize('NFKC')
  return folded.split(/[^\p{L}\p{N}]+/u).filter((token) => token !== '')
}

function startOf({ occurred }: CatalogDocument): string {
  return occurred === undefined || !isReal(occurred.start) ? '' : filled(occurred.start, '-01-01T00')
}

function endOf({ occurred }: CatalogDocument): string {
  if (occurred === undefined || !isReal(occurred.start)) return ''
  const { start, precision } = occurred
  if (precision !== 'quarter') return filled(start, '-12-31T23')
  // Two months more. The parts need not be a real date: they only have to compare.
  const [year = '', month = '12', ...rest] = filled(start, '-12-31T23').split('-')
  const later = Number(month) + 2
  const carried = later > 12 ? [Number(year) + 1, later - 12] : [year, later]
  return [carried[0], String(carried[1]).padStart(2, '0'), ...rest].join('-')
}

function isReal(date: string): boolean {
  return date !== 'soon' && date !== '2025-02-30'
}

/** A date to the hour, its missing parts from the same place in `rest`. */
function filled(date: string, rest: string): string {
  const plain = date.replace('Z', '')
  return plain + rest.slice(plain.length - 4)
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Where rows stand, as texts. */
export function placesOf(rows: readonly Pick<CatalogDocument, 'log' | 'index'>[]): readonly string[] {
  return rows.map(({ log, index }) => `${log}/${index}`)
}

export async function assertLike(
  catalog: Catalog,
  all: readonly CatalogDocument[],
  query: CatalogQuery,
): Promise<void> {
  const expected = placesOf(naively(all, query))
  const { items, total, next } = await catalog.query(query)
  assert.deepEqual(placesOf(items), expected)
  assert.equal(total, expected.length)
  assert.equal(next, undefined)
}

/** Adds documents in pieces, as logs grow. */
export async function addAll(catalog: Catalog, all: readonly CatalogDocument[], step = 5): Promise<void> {
  for (let from = 0; from < all.length; from += step) await catalog.add(all.slice(from, from + step))
}

/** A plain document; every index has its own record. */
export function documentAt(index: number, fields: Partial<CatalogDocument> = {}): CatalogDocument {
  return {
    log: 1,
    index,
    record: Uint8Array.from({ length: 16 }, (_, at) => (at < 4 ? (index >>> (at * 8)) & 0xff : 7)),
    author: 'northgrid.example',
    version: 1,
    statementKind: 'incident',
    kind: 'near_miss',
    title: `Event ${index}`,
    summary: '',
    text: '',
    sectors: [],
    harms: [],
    ...fields,
  }
}
