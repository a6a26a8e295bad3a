/**
 * HPKE base mode (RFC 9180 §4, §5.1) over node:crypto alone, X25519 and HKDF-SHA256 with AES-GCM of either size: the
 * second opinion that the library is compared with. The ephemeral key is given, so that it makes vectors.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
} from 'node:crypto'

type Aead = { readonly id: number; readonly keyBytes: 16 | 32 }

/** AES-128-GCM is that of RFC 9180 appendix A.1. */
export const AES_128: Aead = { id: 1, keyBytes: 16 }
export const AES_256: Aead = { id: 2, keyBytes: 32 }

const KEM_SUITE = Buffer.from('4b454d0020', 'hex')
const VERSION = Buffer.from('HPKE-v1')

export type Opened = { readonly info: Uint8Array; readonly aad: Uint8Array }

export function publicOf(secret: Uint8Array): Buffer {
  return createPublicKey(privateKey(secret)).export({ type: 'spki', format: 'der' }).subarray(-32)
}

export function referenceSeal(
  aead: Aead,
  ephemeral: Uint8Array,
  recipient: Uint8Array,
  { info, aad }: Opened,
  content: Uint8Array,
): Buffer {
  const enc = publicOf(ephemeral)
  const secret = sharedSecret(ephemeral, recipient, Buffer.concat([enc, recipient]))
  const { key, nonce } = schedule(aead, secret, info)
  const cipher = createCipheriv(aead.keyBytes === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce)
  cipher.setAAD(aad)
  return Buffer.concat([enc, cipher.update(content), cipher.final(), cipher.getAuthTag()])
}

export function referenceOpen(
  aead: Aead,
  secretKey: Uint8Array,
  { info, aad }: Opened,
  sealed: Uint8Array,
): Buffer {
  const [enc, ct] = [sealed.subarray(0, 32), sealed.subarray(32)]
  const secret = sharedSecret(secretKey, enc, Buffer.concat([enc, publicOf(secretKey)]))
  const { key, nonce } = schedule(aead, secret, info)
  const cipher = createDecipheriv(aead.keyBytes === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce)
  cipher.setAAD(aad)
  cipher.setAuthTag(ct.subarray(-16))
  return Buffer.concat([cipher.update(ct.subarray(0, -16)), cipher.final()])
}

export function sharedSecret(own: Uint8Array, other: Uint8Array, context: Uint8Array): Buffer {
  const dh = diffieHellman({ privateKey: privateKey(own), publicKey: publicKey(other) })
  const prk = labeledExtract(KEM_SUITE, Buffer.alloc(0), 'eae_prk', dh)
  return labeledExpand(KEM_SUITE, prk, 'shared_secret', context, 32)
}

export function schedule(aead: Aead, secret: Uint8Array, info: Uint8Array): { key: Buffer; nonce: Buffer } {
  const suite = Buffer.from(`48504b45002000010000`, 'hex')
  suite.writeUInt16BE(aead.id, 8)
  const empty = Buffer.alloc(0)
  const context = Buffer.concat([
    Buffer.of(0),
    labeledExtract(suite, empty, 'psk_id_hash', empty),
    labeledExtract(suite, empty, 'info_hash', info),
  ])
  const prk = labeledExtract(suite, secret, 'secret', empty)
  return {
    key: labeledExpand(suite, prk, 'key', context, aead.keyBytes),
    nonce: labeledExpand(suite, prk, 'base_nonce', context, 12),
  }
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Buffer {
  const labeled = Buffer.concat([VERSION, suite, Buffer.from(label), ikm])
  return createHmac('sha256', salt.length === 0 ? Buffer.alloc(32) : salt)
    .update(labeled)
    .digest()
}

function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Buffer {
  const size = Buffer.of(length >> 8, length & 0xff)
  const labeled = Buffer.concat([size, VERSION, suite, Buffer.from(label), info, Buffer.of(1)])
  return createHmac('sha256', prk).update(labeled).digest().subarray(0, length)
}

function privateKey(secret: Uint8Array) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secret])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

function publicKey(key: Uint8Array) {
  const der = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), key])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}
