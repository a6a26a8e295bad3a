/**
 * The young segment: documents that are not written yet. They are few enough to be indexed again from the logs
 * after a crash, and many enough that each term is written once for thousands of documents.
 */
import type { CatalogRow } from './documents.ts'

export class Young {
  /** Number of its first document. */
  readonly base: number
  readonly rows: CatalogRow[] = []
  readonly postings = new Map<string, number[]>()

  constructor(base: number) {
    this.base = base
  }

  add(row: CatalogRow, terms: readonly string[]): void {
    const number = this.base + this.rows.length
    this.rows.push(row)
    for (const term of terms) {
      const postings = this.postings.get(term)
      if (postings === undefined) this.postings.set(term, [number])
      else postings.push(number)
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
}

function upTo(numbers: readonly number[], end: number): readonly number[] {
  const cut = numbers.findIndex((number) => number >= end)
  return cut < 0 ? numbers : numbers.slice(0, cut)
}
