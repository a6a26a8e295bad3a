/**
 * Ed25519 public keys: admitted once, when they enter a key statement, and trusted by type afterwards.
 *
 * Rule 1 of the one Ed25519 rule (DESIGN §2, spec 02 §1): 32 bytes, canonical, not of small order,
 * torsion-free. A key with a torsion component gives verifiers different answers for one signature, so
 * admitting it would let one member split the network.
 */
import { Point } from '@noble/ed25519'
import { equal } from '../bytes.ts'
import { branded, type Brand } from '../brand.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'

/** An admitted Ed25519 public key, 32 bytes. */
export type PublicKey = Brand<Uint8Array, 'PublicKey'>

/** SHA-256 of an admitted public key: how statements name their signer, 32 bytes. */
export type KeyId = Brand<Uint8Array, 'KeyId'>

export type KeyFault = 'key-length' | 'key-encoding' | 'key-small-order' | 'key-torsion'

export const PUBLIC_KEY_BYTES = 32

/** Admits a key, or says why not. About 2 ms: once per key, never per signature. */
export function admitKey(bytes: Uint8Array): Result<PublicKey, KeyFault> {
  if (bytes.length !== PUBLIC_KEY_BYTES) return fault('key-length')
  const point = decodePoint(bytes)
  if (point === undefined) return fault('key-encoding')
  if (point.isSmallOrder()) return fault('key-small-order')
  if (!point.isTorsionFree()) return fault('key-torsion')
  // A copy: what was admitted cannot change under its type when a buffer of the caller is used again.
  return ok(branded<PublicKey>(Uint8Array.from(bytes)))
}

/** Admits an X25519 key: any 32 bytes. It lives on another curve and no signature is ever checked with it. */
export function admitBoxKey(bytes: Uint8Array): Result<PublicKey, KeyFault> {
  return bytes.length === PUBLIC_KEY_BYTES ? ok(branded<PublicKey>(bytes)) : fault('key-length')
}

export function keyId(primitives: Primitives, key: PublicKey): KeyId {
  return branded<KeyId>(primitives.sha256(key))
}

/** Strict RFC 8032 decoding: y < p, no negative zero, and the point encodes back to the same bytes. */
function decodePoint(bytes: Uint8Array): Point | undefined {
  try {
    const point = Point.fromBytes(bytes, false)
    return equal(point.toBytes(), bytes) ? point : undefined
  } catch {
    return undefined
  }
}
