/** How the vector files write what JSON cannot: byte strings are `{"$bytes": "hex"}`; bytes alone are hexadecimal. */
import type { Value } from '../../protocol/codec/cbor.ts'

export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

export function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex')
}

export function valueOfJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(valueOfJson)
  if (json === null || typeof json !== 'object') return json as Value
  if ('$bytes' in json && typeof json.$bytes === 'string') return bytes(json.$bytes)
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, valueOfJson(value)]))
}

export function jsonOfValue(value: Value): unknown {
  if (value instanceof Uint8Array) return { $bytes: hex(value) }
  if (Array.isArray(value)) return value.map(jsonOfValue)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, jsonOfValue(one)]))
}
