/**
 * Sealing what is released, and opening it. The ciphertext can leave first, and the content key only against a
 * receipt: they are made and opened apart. Spec 06 §6.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { assert } from '../../protocol/assert.ts'
import { equal } from '../../protocol/bytes.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { fault, type Result } from '../../protocol/result.ts'
import {
  cipherKey,
  CONTENT_KEY_BYTES,
  keyCommitment,
  pad,
  sealInfo,
  SEALED_KEY_BYTES,
  unpad,
  type SealContext,
  type SealedFault,
  type SealOffer,
} from '../../protocol/sealing/sealed.ts'
import { hpkeSeal, type HpkeOpener } from './hpke.ts'

const CIPHER = 'aes-256-gcm'
/** The key is derived for one ciphertext and used once. */
const NONCE = new Uint8Array(12)
const TAG_BYTES = 16

export type SealedPart = { readonly ciphertext: Uint8Array; readonly offer: SealOffer }

/** The ciphertext of a release under a fresh content key of 32 bytes. The same key gives the same bytes again. */
export function sealPart(
  primitives: Primitives,
  context: SealContext,
  contentKey: Uint8Array,
  release: Uint8Array,
): SealedPart {
  return sealBytes(primitives, sealInfo(context), contentKey, release)
}

/** The same under any info. */
export function sealBytes(
  primitives: Primitives,
  info: Uint8Array,
  contentKey: Uint8Array,
  release: Uint8Array,
): SealedPart {
  assert(contentKey.length === CONTENT_KEY_BYTES, 'a content key has 32 bytes')
  const cipher = createCipheriv(CIPHER, cipherKey(primitives, contentKey, info), NONCE)
  cipher.setAAD(info)
  const ciphertext = new Uint8Array(
    Buffer.concat([cipher.update(pad(release)), cipher.final(), cipher.getAuthTag()]),
  )
  return {
    ciphertext,
    offer: {
      ciphertext: primitives.sha256(ciphertext),
      length: ciphertext.length,
      keyCommitment: keyCommitment(primitives, contentKey, info),
    },
  }
}

/** The content key for the holder of a box key: 80 bytes, or undefined for a key that nothing can be sealed to. */
export function sealContentKey(
  primitives: Primitives,
  context: SealContext,
  contentKey: Uint8Array,
  box: Uint8Array,
): Promise<Uint8Array | undefined> {
  const info = sealInfo(context)
  return hpkeSeal(box, { info, aad: keyCommitment(primitives, contentKey, info) }, contentKey)
}

/** True when this is the ciphertext that was offered: what a reader checks before it signs a receipt. */
export function isOffered(primitives: Primitives, offer: SealOffer, ciphertext: Uint8Array): boolean {
  return ciphertext.length === offer.length && equal(primitives.sha256(ciphertext), offer.ciphertext)
}

export type Sealed = {
  readonly offer: SealOffer
  readonly ciphertext: Uint8Array
  readonly sealedKey: Uint8Array
}

/** The release, or what is wrong. Whether it is what was committed is checked on the release. */
export async function openPart(
  primitives: Primitives,
  context: SealContext,
  open: HpkeOpener,
  { offer, ciphertext, sealedKey }: Sealed,
): Promise<Result<Uint8Array, SealedFault>> {
  if (!isOffered(primitives, offer, ciphertext)) return fault('sealed-ciphertext')
  if (sealedKey.length !== SEALED_KEY_BYTES) return fault('sealed-recipient')
  const info = sealInfo(context)
  const contentKey = await open({ info, aad: offer.keyCommitment }, sealedKey)
  if (contentKey?.length !== CONTENT_KEY_BYTES) return fault('sealed-recipient')
  return openBytes(primitives, info, contentKey, { offer, ciphertext })
}

/** What a ciphertext holds under the content key that was committed to. */
export function openBytes(
  primitives: Primitives,
  info: Uint8Array,
  contentKey: Uint8Array,
  { offer, ciphertext }: Pick<Sealed, 'offer' | 'ciphertext'>,
): Result<Uint8Array, SealedFault> {
  if (!isOffered(primitives, offer, ciphertext)) return fault('sealed-ciphertext')
  if (!equal(keyCommitment(primitives, contentKey, info), offer.keyCommitment))
    return fault('sealed-commitment')
  const padded = decipher(cipherKey(primitives, contentKey, info), info, ciphertext)
  return padded === undefined ? fault('sealed-content') : unpad(padded)
}

function decipher(key: Uint8Array, info: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
  if (ciphertext.length <= TAG_BYTES) return undefined
  const end = ciphertext.length - TAG_BYTES
  const opening = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES })
  opening.setAAD(info)
  opening.setAuthTag(ciphertext.subarray(end))
  try {
    return new Uint8Array(Buffer.concat([opening.update(ciphertext.subarray(0, end)), opening.final()]))
  } catch {
    // `final` throws when the tag does not hold; nothing that was deciphered before is handed on.
    return undefined
  }
}
