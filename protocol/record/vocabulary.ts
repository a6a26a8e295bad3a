/**
 * Vocabularies: the shared terms as versioned, digest-pinned data. Meaning lives in the terms, never in code;
 * a coalition can adopt another version by its digest. DESIGN §5, spec 05 §6.
 */
import { encode, type Value } from '../codec/cbor.ts'
import type { Primitives } from '../primitives.ts'

type Term = {
  readonly id: string
  readonly label: string
  /** Sections of ISIC Rev. 4 that a sector covers. */
  readonly isic?: readonly string[]
}

export type Vocabulary = {
  readonly id: string
  readonly version: number
  /** `other`: a text of one's own is allowed behind `other:`. `none`: only the terms listed. */
  readonly open: 'other' | 'none'
  readonly terms: readonly Term[]
}

export type TermId<V extends Vocabulary> = V['terms'][number]['id']

export const OTHER_PREFIX = 'other:'

/** Characters behind `other:`. A longer explanation belongs into the description. */
export const OTHER_LENGTH_MAX = 80

/** Declares a vocabulary; the compiler keeps the ids as literal types. */
export function vocabulary<const V extends Vocabulary>(data: V): V {
  return data
}

export function termIds<V extends Vocabulary>(of: V): readonly TermId<V>[] {
  return of.terms.map((term) => term.id)
}

/** SHA-256 over the deterministic CBOR of the whole vocabulary: 32 bytes that pin it. */
export function vocabularyDigest(primitives: Primitives, of: Vocabulary): Uint8Array {
  return primitives.sha256(encode(documentOf(of)))
}

/** The vocabulary as a document: what is hashed, printed and exported. */
function documentOf(of: Vocabulary): Value {
  const terms = of.terms.map(({ id, label, isic }): Value => (isic ? { id, label, isic } : { id, label }))
  return { id: of.id, version: of.version, open: of.open, terms }
}

/** The label of a term; a text behind `other:` is its own label; an unknown term has none. */
export function labelOf(of: Vocabulary, id: string): string | undefined {
  if (of.open === 'other' && id.startsWith(OTHER_PREFIX)) return id.slice(OTHER_PREFIX.length)
  return of.terms.find((term) => term.id === id)?.label
}
