/**
 * Terms: what a document can be found by, in one dictionary. A letter in front tells words from facets, so that
 * nobody finds the sector `health` by writing the word.
 */
import { TERM_LENGTH_MAX, type CatalogDocument, type CatalogRow } from './documents.ts'
import { wordsOf } from './words.ts'

const FIELDS = {
  author: 'a',
  harm: 'h',
  kind: 'k',
  sector: 's',
  status: 'u',
  statementKind: 'v',
  word: 'w',
} as const

export type TermField = keyof typeof FIELDS

export function termOf(field: TermField, value: string): string {
  return FIELDS[field] + value
}

/** All terms of a document, each once: at most 512 words and about fifty facets. */
export function termsOf(document: CatalogDocument, row: CatalogRow): readonly string[] {
  const { title, summary, text } = document
  const terms = wordsOf(`${title} ${summary} ${text}`).map((word) => termOf('word', word))
  terms.push(termOf('kind', row.kind), termOf('statementKind', row.statementKind))
  if (row.author.length <= TERM_LENGTH_MAX) terms.push(termOf('author', row.author))
  if (row.status !== undefined) terms.push(termOf('status', row.status))
  for (const sector of row.sectors) terms.push(termOf('sector', sector))
  for (const harm of row.harms) terms.push(termOf('harm', harm))
  return terms
}
