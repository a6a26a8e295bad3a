/**
 * A redaction that verifies: some items of a committed part, and for each of the others its leaf, with the rule and
 * the reason why it is withheld. Where the part committed to its number of items, hiding one without saying so
 * shows. Spec 06 §9.
 */
import { compare, equal } from '../bytes.ts'
import { encode, parse, type Value } from '../codec/cbor.ts'
import { isCommitted, printItems, readHashes, readItems, readPath } from '../codec/disclosure.ts'
import { disclosedFault, faultOf, itemHash } from '../codec/items.ts'
import type { DisclosedItem, DisclosureFault, ItemTree, Path } from '../codec/items.ts'
import { rootOfLeaves, siblingsOf, type KnownLeaf } from '../codec/leaves.ts'
import { ITEMS_MEDIA_TYPE, OPENING_BYTES, type Tier } from '../codec/part.ts'
import type { Entry } from '../codec/statement.ts'
import { hasKeys, isBytes, isCount, isList, isMap } from '../codec/value.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { termOf } from '../access/fields.ts'
import { REDACTION_REASONS, REDACTION_TRANSFORMS } from '../record/vocabulary/redaction.ts'
import { countIn, isCountItem } from './count.ts'
import { ruleFor, type RedactionReason, type RedactionRule, type RedactionTransform } from './rules.ts'

export type Withholding = {
  /** The name of the rule. */
  readonly rule: string
  readonly transform: RedactionTransform
  readonly reason: RedactionReason
}

export type WithheldItem = Withholding & {
  readonly index: number
  readonly leaf: Uint8Array
  /** Null where even the path would tell too much. */
  readonly path: Path | null
}

export type Redaction = {
  readonly length: number
  /** In increasing order of index. */
  readonly items: readonly DisclosedItem[]
  /** In increasing order of index. */
  readonly withheld: readonly WithheldItem[]
  readonly siblings: readonly Uint8Array[]
}

export type RedactionFault =
  | DisclosureFault
  | 'redaction-cbor'
  | 'redaction-shape'
  | 'redaction-order'
  | 'redaction-path'
  | 'redaction-count'
  | 'part-opening'
  | 'part-commitment'

/** What becomes of an item: shown, or withheld with its path or without. */
export type Choice = 'show' | (Withholding & { readonly path: 'named' | 'hidden' })

/** Shows what the rules leave alone, and states the rest with its path. */
export function chooseByRules(rules: readonly RedactionRule[]): (path: Path) => Choice {
  return (path) => {
    const found = ruleFor(rules, path)
    if (found === undefined) return 'show'
    const { rule, transform, reason } = found
    return { rule, transform, reason, path: 'named' }
  }
}

/** The count is always shown: without it a redaction proves little. */
export function redact(primitives: Primitives, tree: ItemTree, choose: (path: Path) => Choice): Redaction {
  const items: DisclosedItem[] = []
  const withheld: WithheldItem[] = []
  tree.leaves.forEach(({ item, salt, hash }, index) => {
    if (item === undefined) return
    const choice = isCountItem(item) ? 'show' : choose(item.path)
    if (choice === 'show') {
      items.push({ ...item, index, salt })
      return
    }
    const { rule, transform, reason } = choice
    const path = choice.path === 'named' ? item.path : null
    withheld.push({ index, leaf: hash, path, rule, transform, reason })
  })
  const known = new Set([...items, ...withheld].map(({ index }) => index))
  const hashes = tree.leaves.map(({ hash }) => hash)
  return { length: hashes.length, items, withheld, siblings: siblingsOf(primitives, hashes, known) }
}

export function printRedaction({ length, items, withheld, siblings }: Redaction): Uint8Array {
  const stated = withheld.map((one): Value => {
    const { index, leaf, path, rule, transform, reason } = one
    return [index, leaf, path, rule, transform, reason]
  })
  return encode({ v: 1, length, items: printItems(items), withheld: stated, siblings })
}

/** Reads the shape only; `verifyRedaction` decides whether it proves anything. */
export function parseRedaction(bytes: Uint8Array): Result<Redaction, 'redaction-cbor' | 'redaction-shape'> {
  const read = parse(bytes)
  if (!read.ok) return fault('redaction-cbor')
  if (!isMap(read.value) || !hasKeys(read.value, 'v', 'length', 'items', 'withheld', 'siblings'))
    return fault('redaction-shape')
  const { v, length, withheld } = read.value
  const [items, siblings] = [readItems(read.value['items']), readHashes(read.value['siblings'])]
  if (v !== 1 || !isCount(length) || items === undefined || siblings === undefined || !isList(withheld))
    return fault('redaction-shape')
  const stated = withheld.map(withheldOf).filter((one) => one !== undefined)
  return stated.length === withheld.length
    ? ok({ length, items, withheld: stated, siblings })
    : fault('redaction-shape')
}

/** What a redaction that verified says. */
export type RedactionReport = {
  readonly shown: number
  /** How many items its author committed to, where it did. */
  readonly total: number | undefined
  /** Most frequent first. */
  readonly withheld: readonly { readonly reason: RedactionReason; readonly count: number }[]
}

/** Checks that what is shown was committed, that each of the others is stated, and counts. */
export function verifyRedaction(
  primitives: Primitives,
  entry: Pick<Entry, 'header' | 'statement'>,
  tier: Tier,
  opened: { readonly opening: Uint8Array; readonly redaction: Redaction },
): Result<RedactionReport, RedactionFault> {
  const { opening, redaction } = opened
  if (opening.length !== OPENING_BYTES) return fault('part-opening')
  const wrong = statedFault(redaction)
  if (wrong !== undefined) return fault(wrong)
  const { length, items, withheld, siblings } = redaction
  const root = rootOfLeaves(primitives, length, knownLeaves(primitives, redaction), siblings)
  if (root === undefined) return fault('items-siblings')
  const content = { mediaType: ITEMS_MEDIA_TYPE, root, length }
  if (!isCommitted(primitives, entry, tier, { opening, content })) return fault('part-commitment')
  const total = countIn(items)
  const shown = items.filter((item) => !isCountItem(item)).length
  if (total !== undefined && total !== shown + withheld.length) return fault('redaction-count')
  return ok({ shown, total, withheld: byReason(withheld) })
}

/** The verdict in words. It says what was not proven, too. */
export function redactionSentence(name: string, { shown, total, withheld }: RedactionReport): string {
  const count = withheld.reduce((sum, one) => sum + one.count, 0)
  const reasons = withheld.map((one) => `${one.count} ${one.reason}`).join(', ')
  const stated = count === 0 ? 'none withheld' : `${count} withheld (${reasons})`
  return total === undefined
    ? `a redaction of ${name}: ${shown} items, ${stated}; how many there are is not shown, so more may be hidden`
    : `a faithful redaction of ${name}: ${shown} of ${total} items, ${stated}`
}

/** Everything that is wrong before a hash is made. */
function statedFault({ length, items, withheld }: Redaction): RedactionFault | undefined {
  const wrong = disclosedFault(length, items)
  if (wrong !== undefined) return wrong
  const shown = new Set(items.map(({ index }) => index))
  let last = -1
  for (const { index } of withheld) {
    if (index <= last || index >= length || shown.has(index)) return 'redaction-order'
    last = index
  }
  const named = withheld.flatMap(({ path }) => (path === null ? [] : [{ path, value: null }]))
  // A stated path is one that a document can have beside what is shown; the count is never withheld.
  if (named.some(isCountItem) || faultOf([...items, ...named]) !== undefined) return 'redaction-path'
  return undefined
}

function knownLeaves(primitives: Primitives, { items, withheld }: Redaction): readonly KnownLeaf[] {
  const shown = items.map((item) => ({ index: item.index, hash: itemHash(primitives, item) }))
  const stated = withheld.map(({ index, leaf }) => ({ index, hash: leaf }))
  return [...shown, ...stated].sort((a, b) => a.index - b.index)
}

function byReason(withheld: readonly WithheldItem[]): RedactionReport['withheld'] {
  const counts = REDACTION_REASONS.terms.map(({ id }) => ({
    reason: id,
    count: withheld.filter(({ reason }) => reason === id).length,
  }))
  return counts.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count)
}

const RULE = /^[a-z0-9][a-z0-9._/-]{0,63}$/

function withheldOf(value: Value): WithheldItem | undefined {
  if (!isList(value) || value.length !== 6) return undefined
  const [index, leaf, steps, rule, changed, why] = value
  if (!isCount(index) || !isBytes(leaf, 32) || typeof rule !== 'string' || !RULE.test(rule)) return undefined
  const path = steps === null ? null : readPath(steps)
  const [transform, reason] = [termOf(REDACTION_TRANSFORMS, changed), termOf(REDACTION_REASONS, why)]
  if (path === undefined || transform === undefined || reason === undefined) return undefined
  return { index, leaf, path, rule, transform, reason }
}

/** Whether what a redaction states of its withheld leaves is true, for whoever holds the whole tree. */
export function isTruthful(tree: ItemTree, { withheld }: Redaction): boolean {
  return withheld.every(({ index, leaf, path }) => {
    const held = tree.leaves[index]
    if (held?.item === undefined || !equal(held.hash, leaf)) return false
    return path === null || compare(encode(held.item.path), encode(path)) === 0
  })
}
