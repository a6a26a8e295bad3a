/**
 * HPKE (RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM), in one place: `@hpke/core` over WebCrypto. It seals
 * 32 bytes for each disclosure, so its milliseconds do not count. `docs/decisions/0005-sealing.md`.
 */
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
})

const ENC_BYTES = 32

export type HpkeContext = { readonly info: Uint8Array; readonly aad: Uint8Array }

/** `enc ‖ ct`, or undefined for a key that nothing can be sealed to (of small order). */
export async function hpkeSeal(
  box: Uint8Array,
  { info, aad }: HpkeContext,
  content: Uint8Array,
): Promise<Uint8Array | undefined> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(copyOf(box))
  try {
    const { enc, ct } = await suite.seal(
      { recipientPublicKey, info: copyOf(info) },
      copyOf(content),
      copyOf(aad),
    )
    return new Uint8Array(Buffer.concat([new Uint8Array(enc), new Uint8Array(ct)]))
  } catch {
    // The shared secret of such a key would be zero for everybody (RFC 9180 §7.1.4): the library refuses.
    return undefined
  }
}

/** What `enc ‖ ct` holds, or undefined when it is not for this secret, these contexts, or altered. */
export async function hpkeOpen(
  secret: Uint8Array,
  context: HpkeContext,
  sealed: Uint8Array,
): Promise<Uint8Array | undefined> {
  return (await hpkeOpener(secret))(context, sealed)
}

/** Opens what is sealed for one secret. */
export type HpkeOpener = (context: HpkeContext, sealed: Uint8Array) => Promise<Uint8Array | undefined>

/** The same in two steps: reading the secret in takes as long as all the rest, and can be done while that is awaited. */
export async function hpkeOpener(secret: Uint8Array): Promise<HpkeOpener> {
  const recipientKey = await suite.kem.deserializePrivateKey(copyOf(secret))
  return async ({ info, aad }, sealed) => {
    if (sealed.length <= ENC_BYTES) return undefined
    const enc = copyOf(sealed.subarray(0, ENC_BYTES))
    try {
      const opened = await suite.open(
        { recipientKey, enc, info: copyOf(info) },
        copyOf(sealed.subarray(ENC_BYTES)),
        copyOf(aad),
      )
      return new Uint8Array(opened)
    } catch {
      // All causes look alike to whoever may have altered it.
      return undefined
    }
  }
}

/** The library reads whole buffers; a view into a larger one would be read beyond its ends. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length)
  new Uint8Array(copy).set(bytes)
  return copy
}
