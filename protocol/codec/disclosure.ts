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
import {
  commit,
  ITEMS_MEDIA_TYPE,
  OPENING_BYTES,
  placeOf,
  TIERS,
  type PartContent,
  type Tier,
} from './part.ts'
import type { Entry } from './statement.ts'
import { hasKeys, isBytes, isCount, isList, isMap } from './value.ts'

export type DisclosureShapeFault = 'disclosure-cbor' | 'disclosure-shape'

export type DisclosureCommitmentFault = DisclosureFault | 'part-opening' | 'part-commitment'

export function printDisclosure(disclosure: Disclosure): Uint8Array {
  const { length, items, siblings } = disclosure
  return encode({ length, items: printItems(items), siblings })
}

/** Reads the shape only; `verifyDisclosure` decides whether it proves anything. */
export function parseDisclosure(bytes: Uint8Array): Result<Disclosure, DisclosureShapeFault> {
  const read = parse(bytes)
  if (!read.ok) return fault('disclosure-cbor')
  if (!isMap(read.value) || !hasKeys(read.value, 'length', 'items', 'siblings'))
    return fault('disclosure-shape')
  const { length } = read.value
  const [items, siblings] = [readItems(read.value['items']), readHashes(read.value['siblings'])]
  return isCount(length) && items !== undefined && siblings !== undefined
    ? ok({ length, items, siblings })
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
  return isCommitted(primitives, entry, tier, { opening, content }) ? ok(true) : fault('part-commitment')
}

/** Whether the entry committed to this content for this tier. */
export function isCommitted(
  primitives: Primitives,
  entry: Pick<Entry, 'header' | 'statement'>,
  tier: Tier,
  opened: { readonly opening: Uint8Array; readonly content: PartContent },
): boolean {
  const expected = entry.statement.parts[TIERS.indexOf(tier)]
  const found = commit(primitives, opened.opening, placeOf(entry, tier), opened.content)
  return expected !== undefined && equal(found, expected)
}

/** `[index, salt, path, value]` of each item. */
export function printItems(items: readonly DisclosedItem[]): Value {
  return items.map(({ index, salt, path, value }) => [index, salt, path, value])
}

export function readItems(value: Value | undefined): readonly DisclosedItem[] | undefined {
  if (!isList(value)) return undefined
  const items = value.map(itemOf).filter((item) => item !== undefined)
  return items.length === value.length ? items : undefined
}

export function readHashes(value: Value | undefined): readonly Uint8Array[] | undefined {
  if (!isList(value)) return undefined
  const hashes = value.filter((hash): hash is Uint8Array => isBytes(hash, 32))
  return hashes.length === value.length ? hashes : undefined
}

function itemOf(value: Value): DisclosedItem | undefined {
  if (!isList(value) || value.length !== 4) return undefined
  const [index, salt, steps, content] = value
  if (!isCount(index) || !(salt instanceof Uint8Array) || content === undefined) return undefined
  const path = readPath(steps)
  return path && { index, salt, path, value: content }
}

export function readPath(value: Value | undefined): Path | undefined {
  if (!isList(value)) return undefined
  const path = value.filter((step) => typeof step === 'string' || typeof step === 'number')
  return path.length === value.length ? path : undefined
}
