/** Ids as people type them: any unique prefix of at least six base32 characters names a record. DESIGN §1. */
import { NodeError } from '../errors.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const PREFIX_LENGTH_MIN = 6
const ID_LENGTH = 26
const ID_BYTES = 16

/** The record ids, as bytes, that a typed prefix can mean: from the first to the last, both included. */
export function idRange(typed: string): { readonly first: Uint8Array; readonly last: Uint8Array } {
  const prefix = typed.toLowerCase()
  if (prefix.length < PREFIX_LENGTH_MIN || prefix.length > ID_LENGTH || !/^[a-z2-7]+$/.test(prefix)) {
    throw new NodeError(
      'USAGE',
      'a record id is 26 characters of a–z and 2–7; at least its first six are needed',
      {
        fix: 'candor list',
      },
    )
  }
  return { first: fill(prefix, 0), last: fill(prefix, 1) }
}

/** The bits of the prefix, then ones or zeros. */
function fill(prefix: string, rest: 0 | 1): Uint8Array {
  const bytes = new Uint8Array(ID_BYTES)
  for (let bit = 0; bit < ID_BYTES * 8; bit++) {
    const letter = prefix[Math.floor(bit / 5)]
    const value = letter === undefined ? rest * 31 : ALPHABET.indexOf(letter)
    const isSet = (value >> (4 - (bit % 5))) & 1
    if (isSet === 1) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7))
  }
  return bytes
}
