/**
 * The young segment: documents that are not written yet. They are few enough to be indexed again from the logs
 * after a crash, and many enough that each term is written once for thousands of documents.
 */
import type { CatalogRow } from './documents.ts'
import { facetTerms } from './terms.ts'
import { eachWord, WORDS_MAX } from './words.ts'
import { YoungTerms } from './young-terms.ts'

export class Young {
  /** Number of its first document. */
  readonly base: number
  readonly rows: CatalogRow[] = []
  readonly terms = new YoungTerms()

  constructor(base: number) {
    this.base = base
  }

  /** Adds a document: its row, its facets and at most WORDS_MAX different words of these texts. */
  add(row: CatalogRow, texts: readonly string[]): void {
    const number = this.base + this.rows.length
    this.rows.push(row)
    for (const term of facetTerms(row)) this.terms.post(term, 0, term.length, number)
    let words = 0
    for (const text of texts) {
      eachWord(text, (folded, start, end) => {
        if (this.terms.post(folded, start, end, number)) words += 1
        return words < WORDS_MAX
      })
      if (words === WORDS_MAX) return
    }
  }

  /** Documents below `end` that have the term. */
  documentsOf(term: string, end: number): readonly number[] {
    return upTo(this.terms.get(term), end)
  }

  /** Documents below `end` with a term that begins so. */
  documentsOfPrefix(prefix: string, end: number): readonly number[] {
    const all = new Set<number>()
    for (const [term, postings] of this.terms.entries()) {
      if (term.startsWith(prefix)) for (const number of postings) all.add(number)
    }
    const ascending = [...all].toSorted((a, b) => a - b)
    return upTo(ascending, end)
  }
}

function upTo(numbers: readonly number[], end: number): readonly number[] {
  const cut = numbers.findIndex((number) => number >= end)
  return cut < 0 ? numbers : numbers.slice(0, cut)
}
