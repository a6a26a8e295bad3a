/**
 * What binds the pieces of an escrow to it: the info strings of the ciphertext, of each share and of each release, and
 * the digest by which a share is known. Pure; ciphers and sharing are the node's (`node/escrow/`). Spec 06 §15.
 */
import { bytesOfText } from '../bytes.ts'
import { encode } from '../codec/cbor.ts'
import type { Tier } from '../codec/part.ts'
import { printTarget, type Target } from '../codec/statement.ts'
import { DOMAINS } from '../identity/domains.ts'
import type { Primitives } from '../primitives.ts'
import { CONTENT_KEY_BYTES } from './sealed.ts'

/** The values of the polynomials, one for each byte of the content key, and the place where they were taken. */
export const SHARE_BYTES = CONTENT_KEY_BYTES + 1

/** HPKE's encapsulated key and a sealed share with its tag. */
export const SEALED_SHARE_BYTES = 32 + SHARE_BYTES + 16

const SHARE_DIGEST = bytesOfText(DOMAINS.escrowDigest)

/** Of the ciphertext: the deposit names its hash, so it cannot name the deposit. */
export function escrowInfo(of: {
  readonly network: string
  readonly on: Target
  readonly tier: Tier
  readonly commitment: Uint8Array
}): Uint8Array {
  return encode([DOMAINS.escrow, of.network, printTarget(of.on), of.tier, of.commitment])
}

export type ShareContext = {
  readonly network: string
  /** Id of the deposit. */
  readonly escrow: Uint8Array
  readonly tier: Tier
  /** Domain of the member whose share it is. */
  readonly holder: string
}

/** Of a share on its way to its holder. */
export function shareInfo({ network, escrow, tier, holder }: ShareContext): Uint8Array {
  return encode([DOMAINS.escrowShare, network, escrow, tier, holder])
}

/** Of a share that its holder gives to whoever made this recall. */
export function releaseInfo({ network, escrow, tier, holder }: ShareContext, recall: Uint8Array): Uint8Array {
  return encode([DOMAINS.escrowRelease, network, escrow, tier, holder, recall])
}

/** Combining an altered share gives a wrong key and no error, so every share is held against this first. */
export function shareDigest(primitives: Primitives, share: Uint8Array): Uint8Array {
  return primitives.hmacSha256(share, SHARE_DIGEST)
}
