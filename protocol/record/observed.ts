/**
 * What a node states of the logs of others, once a day: the heads it holds, what it is to each, and whose
 * cosignatures it saw. It ties the logs together, so that history outlives a stolen key. DESIGN §4.7, spec 05 §8.
 */
import * as v from 'valibot'
import { compare, bytesOfText, parseHex, printHex } from '../bytes.ts'
import type { Value } from '../codec/cbor.ts'
import type { MapValue } from '../codec/value.ts'
import { MEMBERS_MAX } from '../limits.ts'
import { digest, integer, line, list, origin, strict } from './field.ts'

/** Heads in one statement, so that with 256 cosigners of each it fits a public part. */
export const OBSERVED_HEADS_MAX = 32

/** The author's part in a head: it cosigned as mirror or as witness, or holds and checked the log without cosigning. */
export const OBSERVED_AS = ['mirror', 'witness', 'holder'] as const

const DOMAIN_LENGTH_MAX = 127

/** `by` counts into `cosigners`: members whose mirror cosignature of this very head the author verified. */
export const ObservedSchema = v.pipe(
  strict({
    heads: list(
      strict({
        origin: origin(),
        size: integer(1, Number.MAX_SAFE_INTEGER),
        root: digest(),
        as: v.picklist(OBSERVED_AS, 'must be mirror, witness or holder'),
        by: v.exactOptional(list(integer(0, MEMBERS_MAX - 1), MEMBERS_MAX)),
      }),
      OBSERVED_HEADS_MAX,
    ),
    cosigners: v.exactOptional(list(line(DOMAIN_LENGTH_MAX), MEMBERS_MAX)),
  }),
  v.check(
    ({ heads, cosigners = [] }) => heads.every(({ by = [] }) => by.every((at) => at < cosigners.length)),
    'must count into its cosigners',
  ),
)

export type ObservedHead = {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly as: (typeof OBSERVED_AS)[number]
  /** Domains. */
  readonly by: readonly string[]
}

/** The documents that state these heads: as few as their bound allows, in the order of the origins. */
export function observedDocuments(heads: readonly ObservedHead[]): readonly MapValue[] {
  const ordered = heads.toSorted((a, b) => compare(bytesOfText(a.origin), bytesOfText(b.origin)))
  const documents: MapValue[] = []
  for (let from = 0; from < ordered.length; from += OBSERVED_HEADS_MAX) {
    documents.push(documentOf(ordered.slice(from, from + OBSERVED_HEADS_MAX)))
  }
  return documents
}

/** The heads that a document states, or undefined when it is none of these. */
export function observedHeads(document: Value): readonly ObservedHead[] | undefined {
  const read = v.safeParse(ObservedSchema, document)
  if (!read.success) return undefined
  const { heads, cosigners = [] } = read.output
  return heads.flatMap(({ root, by = [], ...head }) => {
    const bytes = parseHex(root.slice(DIGEST.length))
    return bytes.ok ? [{ ...head, root: bytes.value, by: by.flatMap((at) => cosigners[at] ?? []) }] : []
  })
}

const DIGEST = 'sha256:'

function documentOf(heads: readonly ObservedHead[]): MapValue {
  const cosigners = [...new Set(heads.flatMap(({ by }) => by))].toSorted()
  const stated = heads.map(({ origin, size, root, as, by }) => ({
    origin,
    size,
    root: `${DIGEST}${printHex(root)}`,
    as,
    ...(by.length === 0
      ? {}
      : { by: by.map((domain) => cosigners.indexOf(domain)).toSorted((a, b) => a - b) }),
  }))
  return cosigners.length === 0 ? { heads: stated } : { heads: stated, cosigners }
}
