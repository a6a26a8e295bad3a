/**
 * Ed25519 signatures under the one rule for all nodes (DESIGN §2, spec 02 §1).
 *
 * Members that disagree on validity split the network, and libraries do disagree (Node's own answer
 * changed between 22 and 24.19). So the rule is written here and any library only evaluates the equation:
 * exactly 64 bytes, S < L, R is not the identity, and enc([S]B − [k]A) = R byte for byte.
 */
import { hash, hashes, Point } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { concat, equal } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import type { PublicKey } from './key.ts'

hashes.sha512 = sha512

export const SIGNATURE_BYTES = 64

/** Group order L = 2^252 + 27742317777372353535851937790883648493 (RFC 8032 §5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** The form rule: what is refused before any curve arithmetic. */
export function hasSignatureForm(signature: Uint8Array): boolean {
  return signature.length === SIGNATURE_BYTES && !isIdentity(signature) && isBelowOrder(signature)
}

/** True when the signature is valid under the one rule. */
export function verifySignature(
  primitives: Primitives,
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return hasSignatureForm(signature) && primitives.verifyEd25519(key, message, signature)
}

/** The reference evaluation of the equation, in @noble/ed25519: about 700/s. A node hands in a native one. */
export function verifyPortable(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const r = signature.subarray(0, 32)
    const k = littleEndian(hash(concat(r, key, message))) % ORDER
    const s = Point.BASE.multiply(scalarOf(signature), false)
    const expected = s.subtract(Point.fromBytes(key, false).multiply(k, false))
    return equal(expected.toBytes(), r)
  } catch {
    return false
  }
}

/** R = 01 00…00, the encoding of the identity. OpenSSL would accept it for S = k·a, libsodium would not. */
function isIdentity(signature: Uint8Array): boolean {
  if (signature[0] !== 1) return false
  for (let i = 1; i < 32; i++) if (signature[i] !== 0) return false
  return true
}

/** S < L, byte by byte from the most significant: S stands little-endian behind R. */
function isBelowOrder(signature: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = (signature[32 + i] ?? 0) - (ORDER_BYTES[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

const ORDER_BYTES = Uint8Array.from({ length: 32 }, (_, i) => Number((ORDER >> BigInt(8 * i)) & 0xffn))

function scalarOf(signature: Uint8Array): bigint {
  return littleEndian(signature.subarray(32, SIGNATURE_BYTES))
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0)
  return value
}
