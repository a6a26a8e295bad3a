/**
 * How many items a restricted part has, committed like any other item. Whoever is shown some of them can then tell
 * whether the others were all accounted for. Spec 06 §9.
 */
import type { Value } from '../codec/cbor.ts'
import { flatten, type Item } from '../codec/items.ts'
import { isCount, type MapValue } from '../codec/value.ts'

/** No field of a record can have this name. */
export const COUNT_KEY = '$items'

/** The document with its count, which counts everything but itself. */
export function withCount(document: MapValue): MapValue {
  return { ...withoutCount(document), [COUNT_KEY]: flatten(withoutCount(document)).length }
}

/** The document as its author wrote it. */
export function withoutCount(document: MapValue): MapValue {
  const { [COUNT_KEY]: _count, ...written } = document
  return written
}

export function isCountItem({ path }: Pick<Item, 'path'>): boolean {
  return path.length === 1 && path[0] === COUNT_KEY
}

/** The count among disclosed items: undefined without one, `false` when it is no count. */
export function countIn(items: readonly Item[]): number | false | undefined {
  const item: { readonly value: Value } | undefined = items.find(isCountItem)
  if (item === undefined) return undefined
  return isCount(item.value) ? item.value : false
}
