/**
 * The last step of every importer: source and authorship, the bound of the public part, the schema, and
 * whether the same input already said this identifier.
 */
import { createHash } from 'node:crypto'
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import { isList, isMap, type MapValue } from '../../protocol/codec/value.ts'
import { PUBLIC_PART_BYTES_MAX } from '../../protocol/limits.ts'
import { parseContent } from '../../protocol/record/content.ts'
import { cutText } from '../../protocol/record/summary.ts'
import type { Mapping } from './mapping.ts'
import { oneLine } from './original.ts'
import { RECORDS_MAX, type ImportEvent } from './upload.ts'

export type Catalogue = {
  /** Name in `source.origin` and scheme of the external id. */
  readonly scheme: string
  /** SPDX identifier of the data's licence; every one listed here allows publishing with attribution. */
  readonly licence: string
  readonly attribution: string
}

export type Draft = {
  /** Where it stands in the input, for the person. */
  readonly name: string
  readonly id: string
  readonly public: MapValue
  readonly partner?: MapValue
  readonly mapping: Mapping
  readonly originalDigest: Uint8Array
  readonly comparisonDigest: Uint8Array
  /** Further identifiers of the same record. */
  readonly aliases?: readonly MapValue[]
}

export function sha256(data: Uint8Array | string): Uint8Array {
  return createHash('sha256').update(data).digest()
}

/**
 * Identifiers seen in one import, each with the digest it came with. Millions must fit in memory, so both are
 * kept as prefixes of hashes: 53 and 30 bits.
 */
export class Seen {
  private readonly digests = new Map<number, number>()

  /** Whether this identifier is new, the very same record again, or another record under its identifier. */
  add(id: string, digest: Uint8Array): 'new' | 'same' | 'other' | 'full' {
    const hash = Buffer.from(sha256(id))
    const key = hash.readUIntBE(0, 6) * 32 + (hash.readUInt8(6) & 31)
    const prefix = Buffer.from(digest).readUInt32BE(0) >>> 2
    const before = this.digests.get(key)
    if (before !== undefined) return before === prefix ? 'same' : 'other'
    if (this.digests.size >= RECORDS_MAX) return 'full'
    this.digests.set(key, prefix)
    return 'new'
  }
}

/** Why the second of two equal records is skipped. */
export const STANDS_TWICE = 'the same record stands twice in this input'

/** The event for a draft: a record that fits its schema, or why it is skipped. */
export function finish(catalogue: Catalogue, seen: Seen, draft: Draft): ImportEvent {
  const name = `${draft.name} (${shown(draft.id)})`
  const content = parseContent('incident', {
    public: fitPublic(catalogue, draft),
    ...(draft.partner === undefined ? {} : { partner: draft.partner }),
  })
  if (!content.ok) {
    const [problem] = content.problems
    return { kind: 'skipped', name, reason: `${problem?.tier} ${problem?.path}: ${problem?.message}` }
  }
  const before = seen.add(draft.id, draft.comparisonDigest)
  if (before === 'full')
    return { kind: 'skipped', name, reason: `more than ${RECORDS_MAX} records: import the rest apart` }
  if (before === 'other')
    return { kind: 'skipped', name, reason: 'another record of this input has the same id' }
  if (before === 'same') return { kind: 'skipped', name, reason: STANDS_TWICE }
  return {
    kind: 'record',
    externalId: `${catalogue.scheme}:${draft.id}`,
    digest: draft.comparisonDigest,
    content: content.value,
    licence: catalogue.licence,
    publishable: true,
  }
}

function shown(id: string): string {
  return cutText(oneLine(id), 80).text
}

/** The public part within its 64 KiB: the longest list is halved, with a mark, until it fits. */
function fitPublic(catalogue: Catalogue, draft: Draft): MapValue {
  let lists = draft.public
  for (;;) {
    const document = publicOf(catalogue, draft, lists)
    if (encode(document).length <= PUBLIC_PART_BYTES_MAX) return document
    const longest = longestList(lists)
    if (longest === undefined) return document
    const [key, items] = longest
    const kept = Math.floor(items.length / 2)
    draft.mapping.cut(`(${key})`, `the first ${kept}, so that the public part fits`)
    const { [key]: _, ...others } = lists
    lists = kept === 0 ? others : { ...lists, [key]: items.slice(0, kept) }
  }
}

function longestList(lists: MapValue): readonly [string, readonly Value[]] | undefined {
  const all = Object.entries(lists).flatMap(([key, value]) =>
    isList(value) && value.length > 0 ? [{ key, value, bytes: encode(value).length }] : [],
  )
  const [longest] = all.sort((a, b) => b.bytes - a.bytes)
  return longest === undefined ? undefined : [longest.key, longest.value]
}

function publicOf(catalogue: Catalogue, draft: Draft, lists: MapValue): MapValue {
  const original = digestText(draft.originalDigest)
  const comparison = digestText(draft.comparisonDigest)
  const source = {
    origin: catalogue.scheme,
    external_ids: [{ scheme: catalogue.scheme, id: draft.id }, ...(draft.aliases ?? [])].filter(isMap),
    licence: catalogue.licence,
    attribution: catalogue.attribution,
    original_digest: original,
    ...(comparison === original ? {} : { comparison_digest: comparison }),
    mapping: draft.mapping.list(),
  }
  return {
    verification: 'reported',
    status: 'open',
    ...lists,
    policy: { tlp: 'CLEAR' },
    source,
    made_by: { role: 'importer', ai_assistance: 'unknown', review: 'unreviewed' },
  }
}

function digestText(digest: Uint8Array): string {
  return `sha256:${Buffer.from(digest).toString('hex')}`
}
