/**
 * Terms: what a document can be found by, in one dictionary. A word is its own term; a facet has a sign in front
 * that no word holds, so that nobody finds the sector `health` by writing the word.
 */
import { TERM_LENGTH_MAX, type CatalogRow } from './documents.ts'

const FIELDS = {
  author: 'a',
  harm: 'h',
  kind: 'k',
  sector: 's',
  status: 'u',
  statementKind: 'v',
} as const

export type Facet = keyof typeof FIELDS

/** A control character: words are letters and digits. */
const SIGN = '\u0001'

export function facetTerm(facet: Facet, value: string): string {
  return SIGN + FIELDS[facet] + value
}

/** The facets of a row as terms, each once: at most about fifty. */
export function facetTerms({
  author,
  kind,
  statementKind,
  status,
  sectors,
  harms,
}: CatalogRow): readonly string[] {
  return [
    facetTerm('kind', kind),
    facetTerm('statementKind', statementKind),
    ...(author.length <= TERM_LENGTH_MAX ? [facetTerm('author', author)] : []),
    ...(status === undefined ? [] : [facetTerm('status', status)]),
    ...sectors.map((sector) => facetTerm('sector', sector)),
    ...harms.map((harm) => facetTerm('harm', harm)),
  ]
}
