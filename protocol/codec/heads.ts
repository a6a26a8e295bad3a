/**
 * CBOR heads (RFC 8949 §3): the first bytes of an item, written and read in their shortest form only.
 * Used by the strict checker and by the fixed COSE reader; nothing else writes CBOR by hand.
 */
import { assert } from '../assert.ts'

export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const

const TWO_32 = 4_294_967_296

export type Head = { readonly major: number; readonly argument: number; readonly next: number }

export type HeadFault =
  'truncated' | 'reserved' | 'not-shortest' | 'integer-range' | 'indefinite' | 'float-or-simple'

/** The shortest head of a major type with an argument up to 2^53 − 1. */
export function printHead(major: number, argument: number): Uint8Array {
  assert(Number.isSafeInteger(argument) && argument >= 0, 'a head takes an exact non-negative integer')
  const type = major << 5
  if (argument < 24) return Uint8Array.of(type | argument)
  if (argument < 0x1_00) return Uint8Array.of(type | 24, argument)
  if (argument < 0x1_00_00) return Uint8Array.of(type | 25, argument >> 8, argument & 0xff)
  const wide = argument >= TWO_32
  const out = new Uint8Array(wide ? 9 : 5)
  const view = new DataView(out.buffer)
  out[0] = type | (wide ? 27 : 26)
  if (wide) view.setUint32(1, Math.floor(argument / TWO_32))
  view.setUint32(wide ? 5 : 1, argument % TWO_32)
  return out
}

/** Reads the head at `at`, or names what is wrong. Simple values are the caller's to allow. */
export function readHead(bytes: Uint8Array, at: number): Head | HeadFault {
  const first = bytes[at]
  if (first === undefined) return 'truncated'
  const major = first >> 5
  const info = first & 31
  if (major === MAJOR.simple) {
    return info === 20 || info === 21 || info === 22
      ? { major, argument: info, next: at + 1 }
      : 'float-or-simple'
  }
  if (info < 24) return { major, argument: info, next: at + 1 }
  if (info === 31) return 'indefinite'
  if (info > 27) return 'reserved'
  return readArgument(bytes, at + 1, major, info - 24)
}

function readArgument(bytes: Uint8Array, at: number, major: number, exponent: number): Head | HeadFault {
  const width = 2 ** exponent
  if (at + width > bytes.length) return 'truncated'
  let argument = 0
  for (let i = 0; i < width; i++) {
    if (argument > Number.MAX_SAFE_INTEGER / 256) return 'integer-range'
    argument = argument * 256 + (bytes[at + i] ?? 0)
  }
  if (!Number.isSafeInteger(argument)) return 'integer-range'
  if (argument < (SHORTEST[exponent] ?? 0)) return 'not-shortest'
  return { major, argument, next: at + width }
}

/** The smallest arguments that need a following field of 1, 2, 4 and 8 bytes. */
const SHORTEST = [24, 0x1_00, 0x1_00_00, TWO_32] as const
