/**
 * One disclosure, as bytes and checked against the entry that committed to it: the only door through which a
 * reader believes items of a restricted part. Spec 01 §6.
 */
import type { Primitives } from '../primitives.ts'
import { equal } from '../bytes.ts'
import { fault, ok, type Result } from '../result.ts'
import { encode, parse, type Value } from './cbor.ts'
import {
  disclosedRoot,
  type DisclosedItem,
  type Disclosure,
  type DisclosureFault,
  type Path,
} from './items.ts'
import { commit, ITEMS_MEDIA_TYPE, OPENING_BYTES, placeOf, TIERS, type Tier } from './part.ts'
import type { Entry } from './statement.ts'
import { hasKeys, isBytes, isCount, isList, isMap } from './value.ts'

export type DisclosureShapeFault = 'disclosure-cbor' | 'disclosure-shape'

export type DisclosureCommitmentFault = DisclosureFault | 'part-opening' | 'part-commitment'

export function printDisclosure(disclosure: Disclosure): Uint8Array {
  const { length, items, siblings } = disclosure
  return encode({
    length,
    items: items.map(({ index, salt, path, value }) => [index, salt, path, value]),
    siblings,
  })
}

/** Reads the shape only; `verifyDisclosure` decides whether it proves anything. */
export function parseDisclosure(bytes: Uint8Array): Result<Disclosure, DisclosureShapeFault> {
  const read = parse(bytes)
  if (!read.ok) return fault('disclosure-cbor')
  if (!isMap(read.value) || !hasKeys(read.value, 'length', 'items', 'siblings'))
    return fault('disclosure-shape')
  const { length, items, siblings } = read.value
  if (!isCount(length) || !isList(items) || !isList(siblings)) return fault('disclosure-shape')
  const disclosed = items.map(itemOf).filter((item) => item !== undefined)
  const hashes = siblings.filter((hash): hash is Uint8Array => isBytes(hash, 32))
  return disclosed.length === items.length && hashes.length === siblings.length
    ? ok({ length, items: disclosed, siblings: hashes })
    : fault('disclosure-shape')
}

/**
 * Checks that every disclosed item is what the entry committed to for this tier. It does not say that nothing
 * was left out: only the tier secret shows that (`checkWholePart`).
 */
export function verifyDisclosure(
  primitives: Primitives,
  entry: Pick<Entry, 'header' | 'statement'>,
  tier: Tier,
  opened: { readonly opening: Uint8Array; readonly disclosure: Disclosure },
): Result<true, DisclosureCommitmentFault> {
  const { opening, disclosure } = opened
  if (opening.length !== OPENING_BYTES) return fault('part-opening')
  const root = disclosedRoot(primitives, disclosure)
  if (!root.ok) return root
  const content = { mediaType: ITEMS_MEDIA_TYPE, root: root.value, length: disclosure.length }
  const expected = entry.statement.parts[TIERS.indexOf(tier)]
  const found = commit(primitives, opening, placeOf(entry, tier), content)
  return expected !== undefined && equal(found, expected) ? ok(true) : fault('part-commitment')
}

function itemOf(value: Value): DisclosedItem | undefined {
  if (!isList(value) || value.length !== 4) return undefined
  const [index, salt, steps, content] = value
  if (!isCount(index) || !(salt instanceof Uint8Array) || content === undefined) return undefined
  const path = pathOf(steps)
  return path && { index, salt, path, value: content }
}

function pathOf(value: Value | undefined): Path | undefined {
  if (!isList(value)) return undefined
  const path = value.filter((step) => typeof step === 'string' || typeof step === 'number')
  return path.length === value.length ? path : undefined
}
