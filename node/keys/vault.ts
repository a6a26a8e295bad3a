/**
 * The cipher of what rests encrypted in the database: partner and research parts, openings, tier secrets, drafts.
 *
 * AES-256-GCM under a key derived for each value from a fresh 32-byte salt, because random 96-bit nonces under
 * one key are safe for 2^32 values only. The storage key is authenticated, so no value can be moved to another.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { printHex } from '../../protocol/bytes.ts'
import { NodeError } from '../errors.ts'
import type { Sealer } from '../ports.ts'
import { native } from './native.ts'
import { systemRandom } from './random.ts'

const VERSION = 1
const SALT_BYTES = 32
const TAG_BYTES = 16
/** The derived key is used once, so its nonce may be constant. */
const NONCE = Buffer.alloc(12)

export function sealerOf(vaultKey: Uint8Array): Sealer {
  const key = Buffer.from(vaultKey)
  const derived = (salt: Uint8Array) => native.hmacSha256(key, salt)
  return {
    seal: (at, bytes) => {
      const salt = systemRandom.bytes(SALT_BYTES)
      const cipher = createCipheriv('aes-256-gcm', derived(salt), NONCE)
      cipher.setAAD(at)
      const sealed = cipher.update(bytes)
      cipher.final()
      return Buffer.concat([VERSION_BYTE, salt, sealed, cipher.getAuthTag()])
    },
    open: (at, sealed) => {
      if (sealed[0] !== VERSION || sealed.length < 1 + SALT_BYTES + TAG_BYTES) throw vaultFault(at)
      const end = sealed.length - TAG_BYTES
      const decipher = createDecipheriv('aes-256-gcm', derived(sealed.subarray(1, 1 + SALT_BYTES)), NONCE)
      decipher.setAAD(at)
      decipher.setAuthTag(sealed.subarray(end))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(1 + SALT_BYTES, end)), decipher.final()])
      } catch (error) {
        throw vaultFault(at, error)
      }
    },
  }
}

/** A value as it is sealed under another vault key; undefined where that is done, or where neither opens it. */
export function resealed(
  at: Uint8Array,
  sealed: Uint8Array,
  from: Sealer,
  to: Sealer,
): Uint8Array | undefined {
  if (opens(to, at, sealed)) return undefined
  try {
    return to.seal(at, from.open(at, sealed))
  } catch (error) {
    if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return undefined
    throw error
  }
}

function opens(sealer: Sealer, at: Uint8Array, sealed: Uint8Array): boolean {
  try {
    sealer.open(at, sealed)
    return true
  } catch {
    return false
  }
}

const VERSION_BYTE = Buffer.from([VERSION])

function vaultFault(at: Uint8Array, cause?: unknown): NodeError {
  return new NodeError(
    'STORE_DAMAGED',
    `the sealed value at ${printHex(at)} in the database was altered or belongs to another keystore`,
    { cause },
  )
}
