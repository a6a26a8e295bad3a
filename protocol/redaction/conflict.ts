/**
 * Two leaves with one path under one commitment: a proof that the author of an entry committed to two values, to
 * show one to some and the other to others. It convinces whoever holds the log; nothing in it is trusted. Spec 06 §9.
 */
import { compare, equal } from '../bytes.ts'
import { encode, parse } from '../codec/cbor.ts'
import {
  parseDisclosure,
  printDisclosure,
  verifyDisclosure,
  type DisclosureCommitmentFault,
  type DisclosureShapeFault,
} from '../codec/disclosure.ts'
import { faultOf, type Disclosure, type Item, type Path } from '../codec/items.ts'
import { OPENING_BYTES, type Tier } from '../codec/part.ts'
import { parseEntry, type Entry, type EntryFault } from '../codec/statement.ts'
import { hasKeys, isBytes, isMap } from '../codec/value.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { tierOf } from '../access/fields.ts'

export type ItemConflict = {
  /** The bytes of the leaf. That they stand in a log is for its proof to show. */
  readonly entry: Uint8Array
  readonly tier: Tier
  readonly opening: Uint8Array
  readonly a: Disclosure
  readonly b: Disclosure
}

export type ConflictFault =
  | EntryFault
  | DisclosureShapeFault
  | DisclosureCommitmentFault
  | 'conflict-shape'
  | 'conflict-order'
  | 'conflict-none'

/** Puts the two in order, so that one proof has one text. */
export function printConflict({ entry, tier, opening, a, b }: ItemConflict): Uint8Array {
  const [first, second] = [printDisclosure(a), printDisclosure(b)].sort(compare)
  return encode({ v: 1, entry, tier, opening, a: first ?? null, b: second ?? null })
}

export function parseConflict(
  bytes: Uint8Array,
): Result<ItemConflict, 'conflict-shape' | 'conflict-order' | DisclosureShapeFault> {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value)) return fault('conflict-shape')
  if (!hasKeys(read.value, 'v', 'entry', 'tier', 'opening', 'a', 'b')) return fault('conflict-shape')
  const { v, entry, opening, a, b } = read.value
  const tier = tierOf(read.value['tier'])
  if (v !== 1 || tier === undefined || tier === 'public') return fault('conflict-shape')
  if (!(entry instanceof Uint8Array) || !isBytes(opening, OPENING_BYTES)) return fault('conflict-shape')
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return fault('conflict-shape')
  if (compare(a, b) >= 0) return fault('conflict-order')
  const [first, second] = [parseDisclosure(a), parseDisclosure(b)]
  if (!first.ok) return first
  return second.ok ? ok({ entry, tier, opening, a: first.value, b: second.value }) : second
}

/** What is proven of the author of the entry, once its signature and its place in a log are checked. */
export type ProvenConflict = { readonly entry: Entry; readonly path: Path }

export function verifyConflict(
  primitives: Primitives,
  conflict: ItemConflict,
): Result<ProvenConflict, ConflictFault> {
  const { tier, opening, a, b } = conflict
  const entry = parseEntry(conflict.entry)
  if (!entry.ok) return entry
  for (const disclosure of [a, b]) {
    const verified = verifyDisclosure(primitives, entry.value, tier, { opening, disclosure })
    if (!verified.ok) return verified
  }
  const path = a.items.find((item) => contradicts(item, b.items))?.path
  return path === undefined ? fault('conflict-none') : ok({ entry: entry.value, path })
}

/** True when no document holds this item and all of those; the same leaf shown twice is no contradiction. */
function contradicts(item: Disclosure['items'][number], others: Disclosure['items']): boolean {
  const isSame = (other: Disclosure['items'][number]) =>
    other.index === item.index && equal(encode([other.path, other.value]), encode([item.path, item.value]))
  const rest: readonly Item[] = others.filter((other) => !isSame(other))
  return faultOf([item, ...rest]) !== undefined
}
