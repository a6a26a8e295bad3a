/** What can be asked of the catalogue, read once: words and facets become terms, dates a span, the cursor a place. */
import { NodeError } from '../errors.ts'
import { spanOf } from './moments.ts'
import type { Wanted } from './segment.ts'
import { facetTerm, type Facet } from './terms.ts'
import { wordsOf } from './words.ts'

export type CatalogQuery = {
  readonly kind?: string
  readonly statementKind?: string
  readonly sector?: string
  readonly harm?: string
  readonly status?: string
  readonly author?: string
  /** Dates such as 2025, 2025-04 or 2025-04-09: finds what can have happened between the two. */
  readonly from?: string
  readonly to?: string
  /** All words must occur; a trailing * finds words that begin so. */
  readonly text?: string
  /** Items of a page, at most 1,000. */
  readonly limit: number
  /** `next` of the page before. */
  readonly cursor?: string
  /** `newest` unless said otherwise: older versions of a record are not listed beside a newer one that is visible. */
  readonly versions?: 'newest' | 'all'
  /** Leaves out entries that must not be shown. Called for every match, so it must be quick. */
  readonly visible?: (log: number, index: number) => boolean
}

/** The place in the order of results that a page ended at. */
export type Cursor = { readonly first: number; readonly log: number; readonly index: number }

export type Plan = {
  readonly terms: readonly Wanted[]
  /** True when the text asked for holds no word at all, so that nothing can be found by it. */
  readonly isHopeless: boolean
  readonly span: { readonly from: number; readonly to: number } | undefined
  readonly limit: number
  readonly after: Cursor | undefined
  readonly versions: 'newest' | 'all'
  readonly visible: ((log: number, index: number) => boolean) | undefined
}

/** Items of one page: a page is held in memory. */
export const PAGE_MAX = 1_000

/** Different words of one search: each is a reading of all segments. */
export const SEARCH_WORDS_MAX = 16

/** Characters of one search. Nobody types more, and each costs time before anything is looked up. */
export const SEARCH_LENGTH_MAX = 1_000

const FACETS = [
  'kind',
  'statementKind',
  'sector',
  'harm',
  'status',
  'author',
] as const satisfies readonly Facet[]

export function planOf(query: CatalogQuery): Plan {
  const words = query.text === undefined ? [] : searchWords(query.text)
  const facets = FACETS.flatMap((facet): readonly Wanted[] => {
    const value = query[facet]
    return value === undefined ? [] : [{ term: facetTerm(facet, value), isPrefix: false }]
  })
  return {
    terms: [...facets, ...words],
    isHopeless: words.length === 0 && query.text !== undefined && query.text.trim() !== '',
    span: spanBetween(query.from, query.to),
    limit: Math.min(Math.max(Math.trunc(query.limit) || 0, 0), PAGE_MAX),
    after: query.cursor === undefined ? undefined : parseCursor(query.cursor),
    versions: query.versions ?? 'newest',
    visible: query.visible,
  }
}

export function printCursor({ first, log, index }: Cursor): string {
  return `${first}.${log}.${index}`
}

function parseCursor(text: string): Cursor {
  const match = /^(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,15})$/.exec(text)
  if (match === null) {
    throw new NodeError('BAD_INPUT', 'the cursor is not one that a page of results ended with', {
      fix: 'ask for the first page, without a cursor',
    })
  }
  const [, first, log, index] = match
  return { first: Number(first), log: Number(log), index: Number(index) }
}

function searchWords(text: string): readonly Wanted[] {
  if (text.length > SEARCH_LENGTH_MAX)
    throw new NodeError('BAD_INPUT', `a search has at most ${SEARCH_LENGTH_MAX} characters`)
  const wanted = new Map<string, Wanted>()
  for (const typed of text.split(/\s+/)) {
    const words = wordsOf(typed)
    for (const [at, word] of words.entries()) {
      const isPrefix = typed.endsWith('*') && at === words.length - 1
      wanted.set(`${word}${isPrefix ? '*' : ''}`, { term: word, isPrefix })
    }
  }
  if (wanted.size > SEARCH_WORDS_MAX)
    throw new NodeError('BAD_INPUT', `a search has at most ${SEARCH_WORDS_MAX} different words`)
  return [...wanted.values()]
}

function spanBetween(from: string | undefined, to: string | undefined): Plan['span'] {
  if (from === undefined && to === undefined) return undefined
  return {
    from: from === undefined ? 0 : readDate('from', from).first,
    to: to === undefined ? Number.MAX_SAFE_INTEGER : readDate('to', to).last,
  }
}

function readDate(name: 'from' | 'to', text: string) {
  const span = spanOf(text)
  if (span !== undefined) return span
  throw new NodeError(
    'BAD_INPUT',
    `"${name}" must be a date such as 2025, 2025-04, 2025-04-09 or 2025-04-09T13Z`,
  )
}
