/**
 * The few primitives the protocol rests on, taken as a value so that it runs in a browser, in an
 * auditor's script and, with native ones, in a node. DESIGN §2.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { verifyPortable } from './identity/signature.ts'

export type Primitives = {
  /** SHA-256 of the given bytes: 32 bytes. */
  readonly sha256: (bytes: Uint8Array) => Uint8Array
  /** HMAC-SHA-256: 32 bytes. */
  readonly hmacSha256: (key: Uint8Array, bytes: Uint8Array) => Uint8Array
  /**
   * The cofactorless Ed25519 equation, byte for byte, for an admitted key and a signature whose form
   * was checked. Never call it directly: `verifySignature` in `identity/signature.ts` holds the rule.
   */
  readonly verifyEd25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
}

/** Portable primitives (@noble): the default outside a node. */
export const portable: Primitives = {
  sha256: (bytes) => sha256(bytes),
  hmacSha256: (key, bytes) => hmac(sha256, key, bytes),
  verifyEd25519: verifyPortable,
}
