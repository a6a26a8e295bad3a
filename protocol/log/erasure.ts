/**
 * Erased public parts. The leaf stays and proves that something was said; an `erase` statement of the same log, below
 * the same head, says that its words may be gone. Without both, a missing part is a missing part. DESIGN §2, spec 03 §7.2.
 *
 * Whether the erase statement itself is valid is decided where it stands, like every other entry: a head is complete only
 * when each entry below it was found valid. Here it is proven to stand there, and to be about this very part.
 */
import { equal } from '../bytes.ts'
import type { PublicPart } from '../codec/part.ts'
import { checkPublicPart } from '../codec/part.ts'
import { parseEntry, type Statement } from '../codec/statement.ts'
import { isList, isMap } from '../codec/value.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import type { Checkpoint } from './checkpoint.ts'
import { documentOf, isErasable } from './entry.ts'
import { leafHash } from './merkle.ts'
import { verifyInclusion } from './proof.ts'

/** What stands in the place of a public part that was erased. */
export type Erasure = {
  /** The entry whose part is gone. */
  readonly of: number
  /** The `erase` entry: where it stands, its bytes, its own public part, and its proof under the head. */
  readonly index: number
  readonly entry: Uint8Array
  readonly part: PublicPart
  readonly proof: readonly Uint8Array[]
}

export type ErasureFault =
  'erasure-place' | 'erasure-entry' | 'erasure-part' | 'erasure-target' | 'erasure-kind' | 'erasure-proof'

/** The entry whose public part an entry of this log erases, as far as the entry itself tells. */
export type ErasedPlace = { readonly index: number; readonly leaf: Uint8Array }

/**
 * A later entry of the same log only: what stands in another log cannot be proven below the same head. It counts by the
 * tiers it names and by nothing else of its document, so that nodes with other vocabularies agree.
 */
export function erasedPlace(
  origin: string,
  index: number,
  { kind, on }: Pick<Statement, 'kind' | 'on'>,
  part: PublicPart,
): ErasedPlace | undefined {
  if (kind !== 'erase' || on === null || on.origin !== origin || on.index >= index) return undefined
  const document = documentOf(part)
  const tiers = isMap(document) ? document['tiers'] : undefined
  return isList(tiers) && tiers.includes('public') ? { index: on.index, leaf: on.leaf } : undefined
}

/** Checks that the public part of this entry may be missing below this head. */
export function checkErasure(
  primitives: Primitives,
  head: Checkpoint,
  target: Uint8Array,
  { of, index, entry: bytes, part, proof }: Erasure,
): Result<true, ErasureFault> {
  const { origin, size, root } = head
  if (index <= of || index >= size) return fault('erasure-place')
  const erased = parseEntry(target)
  const read = parseEntry(bytes)
  if (!erased.ok || !read.ok || read.value.header.issuer !== origin) return fault('erasure-entry')
  if (!checkPublicPart(primitives, read.value, part).ok) return fault('erasure-part')
  const place = erasedPlace(origin, index, read.value.statement, part)
  const leaf = leafHash(primitives, target)
  if (place === undefined || place.index !== of || !equal(place.leaf, leaf)) return fault('erasure-target')
  if (!isErasable(erased.value.statement.kind)) return fault('erasure-kind')
  const claim = { leaf: leafHash(primitives, bytes), index, size, root, proof }
  return verifyInclusion(primitives, claim).ok ? ok(true) : fault('erasure-proof')
}
