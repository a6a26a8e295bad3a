/** How rows of escrow are read back: each field of its kind, or the row is none. */
import type { Value } from '../../protocol/codec/cbor.ts'
import { parse } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isList, isMap, type MapValue } from '../../protocol/codec/value.ts'

/** The row of version 1 in these bytes. */
export function rowIn(bytes: Uint8Array): MapValue | undefined {
  const read = parse(bytes)
  return read.ok && isMap(read.value) && read.value['v'] === 1 ? read.value : undefined
}

export function bytesOrNull(value: Value | undefined, length?: number): Uint8Array | null {
  if (length !== undefined) return isBytes(value, length) ? value : null
  return value instanceof Uint8Array ? value : null
}

export function textOrNull(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null
}

export function countOr(value: Value | undefined, otherwise: number): number {
  return isCount(value) ? value : otherwise
}

/** Those of a list that can be read. */
export function listOf<T>(value: Value | undefined, read: (one: MapValue) => T | undefined): readonly T[] {
  if (!isList(value)) return []
  return value.flatMap((one) => {
    const found = isMap(one) ? read(one) : undefined
    return found === undefined ? [] : [found]
  })
}
