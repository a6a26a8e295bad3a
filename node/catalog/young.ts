/**
 * The young segment: documents that are not written yet. They are few enough to be indexed again from the logs
 * after a crash, and many enough that each term is written once for thousands of documents.
 */
import type { CatalogRow } from './documents.ts'
import { facetTerms } from './terms.ts'
import { eachWord, WORDS_MAX } from './words.ts'

export class Young {
  /** Number of its first document. */
  readonly base: number
  readonly rows: CatalogRow[] = []
  readonly postings = new Map<string, number[]>()

  constructor(base: number) {
    this.base = base
  }

  /** Adds a document: its row, its facets and at most WORDS_MAX different words of these texts. */
  add(row: CatalogRow, texts: readonly string[]): void {
    const number = this.base + this.rows.length
    this.rows.push(row)
    for (const term of facetTerms(row)) this.post(term, number)
    let words = 0
    for (const text of texts) {
      eachWord(text, (word) => {
        words += this.post(word, number)
        return words < WORDS_MAX
      })
      if (words === WORDS_MAX) return
    }
  }

  /** Documents below `end` that have the term. */
  documentsOf(term: string, end: number): readonly number[] {
    return upTo(this.postings.get(term) ?? [], end)
  }

  /** Documents below `end` with a term that begins so. */
  documentsOfPrefix(prefix: string, end: number): readonly number[] {
    const all = new Set<number>()
    for (const [term, postings] of this.postings) {
      if (term.startsWith(prefix)) for (const number of postings) all.add(number)
    }
    return upTo(
      [...all].toSorted((a, b) => a - b),
      end,
    )
  }

  /** One when the document did not have the term yet, otherwise zero. */
  private post(term: string, number: number): 0 | 1 {
    const postings = this.postings.get(term)
    if (postings === undefined) this.postings.set(term, [number])
    else if (postings.at(-1) === number) return 0
    else postings.push(number)
    return 1
  }
}

function upTo(numbers: readonly number[], end: number): readonly number[] {
  const cut = numbers.findIndex((number) => number >= end)
  return cut < 0 ? numbers : numbers.slice(0, cut)
}
