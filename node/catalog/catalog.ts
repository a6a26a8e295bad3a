/**
 * The catalogue: finds records by words and filters. Derived from the logs, so it can be thrown away at any time;
 * it is built anew when a node starts and grows with the logs after that.
 */
import type { CatalogDocument } from './documents.ts'
import { wordsOf } from './words.ts'

export type CatalogQuery = {
  readonly kind?: string
  readonly sector?: string
  readonly harm?: string
  /** Dates compare as texts, to the precision of the shorter one. */
  readonly from?: string
  readonly to?: string
  /** All words must occur; a trailing * finds words that begin so. */
  readonly text?: string
  readonly author?: string
  readonly status?: string
  readonly limit: number
  readonly cursor?: string
}

export type CatalogPage = {
  readonly total: number
  /** Newest occurrence first. */
  readonly items: readonly CatalogDocument[]
  readonly next?: string
}

export class Catalog {
  // Document numbers in order of arrival; a newer version of a record takes the place of the older one.
  private readonly documents: CatalogDocument[] = []
  private readonly newest = new Map<string, number>()
  private readonly postings = new Map<string, number[]>()

  get size(): number {
    return this.newest.size
  }

  add(document: CatalogDocument): void {
    const name = `${document.author}/${document.record}`
    const known = this.newest.get(name)
    const older = known === undefined ? undefined : this.documents[known]
    if (older !== undefined && older.version >= document.version) return
    const number = this.documents.length
    this.documents.push(document)
    this.newest.set(name, number)
    for (const word of wordsOf(`${document.title} ${document.summary} ${document.text}`)) {
      const postings = this.postings.get(word)
      if (postings === undefined) this.postings.set(word, [number])
      else postings.push(number)
    }
  }

  query(query: CatalogQuery): CatalogPage {
    const found = this.candidates(query.text)
      .flatMap((number) => {
        const document = this.documents[number]
        return document !== undefined && this.isNewest(document, number) && matches(document, query)
          ? [document]
          : []
      })
      .toSorted(byOccurrence)
    const start = query.cursor === undefined ? 0 : found.findIndex((one) => nameOf(one) === query.cursor) + 1
    const items = found.slice(start, start + query.limit)
    const last = items.at(-1)
    const more = last !== undefined && start + items.length < found.length
    return { total: found.length, items, ...(more ? { next: nameOf(last) } : {}) }
  }

  private isNewest(document: CatalogDocument, number: number): boolean {
    return this.newest.get(`${document.author}/${document.record}`) === number
  }

  private candidates(text: string | undefined): readonly number[] {
    const terms = text === undefined ? [] : text.split(/\s+/).flatMap(termOf)
    if (text === undefined || terms.length === 0)
      return text?.trim() ? [] : this.documents.map((_, number) => number)
    const [first = new Set<number>(), ...rest] = terms.map((term) => this.postingsOf(term))
    return [...first].filter((number) => rest.every((postings) => postings.has(number)))
  }

  private postingsOf({ word, isPrefix }: Term): ReadonlySet<number> {
    if (!isPrefix) return new Set(this.postings.get(word))
    const all = new Set<number>()
    for (const [known, postings] of this.postings) {
      if (known.startsWith(word)) for (const number of postings) all.add(number)
    }
    return all
  }
}

type Term = { readonly word: string; readonly isPrefix: boolean }

function termOf(typed: string): readonly Term[] {
  const words = wordsOf(typed)
  const isPrefix = typed.endsWith('*')
  return words.map((word, index) => ({ word, isPrefix: isPrefix && index === words.length - 1 }))
}

function matches(document: CatalogDocument, query: CatalogQuery): boolean {
  const { kind, sector, harm, from, to, author, status } = query
  if (kind !== undefined && document.kind !== kind) return false
  if (author !== undefined && document.author !== author) return false
  if (status !== undefined && document.status !== status) return false
  if (sector !== undefined && !document.sectors.includes(sector)) return false
  if (harm !== undefined && !document.harms.includes(harm)) return false
  const { occurred } = document
  if ((from !== undefined || to !== undefined) && occurred === '') return false
  if (from !== undefined && occurred < from.slice(0, occurred.length)) return false
  return to === undefined || occurred.slice(0, to.length) <= to
}

function byOccurrence(a: CatalogDocument, b: CatalogDocument): number {
  if (a.occurred !== b.occurred) return a.occurred < b.occurred ? 1 : -1
  return nameOf(a) < nameOf(b) ? -1 : 1
}

function nameOf(document: CatalogDocument): string {
  return `${document.record}@${document.author}`
}
