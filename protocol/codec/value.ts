/** Telling apart the shapes of a decoded value. */
import type { Value } from './cbor.ts'

export type MapValue = { readonly [key: string]: Value }

export function isMap(value: Value | undefined): value is MapValue {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  )
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}

export function isBytes(value: Value | undefined, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length
}

/** A size, an index or another exact count from zero. */
export function isCount(value: Value | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** True when a map has exactly these keys. */
export function hasKeys(value: MapValue, ...keys: readonly string[]): boolean {
  return Object.keys(value).length === keys.length && keys.every((key) => value[key] !== undefined)
}
