/**
 * The protocol's primitives over node:crypto: SHA-256, HMAC and Ed25519 at the speed of OpenSSL. The rule of
 * validity stays in `protocol/`; here is only the equation. A start-up self-test holds the two together and
 * fails closed, because Node itself changed its answer on edge cases between two versions.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hash,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { portable, type Primitives } from '../../protocol/primitives.ts'
import { admitKey, keyId, type PublicKey } from '../../protocol/identity/key.ts'
import { hasSignatureForm } from '../../protocol/identity/signature.ts'
import { NodeError } from '../errors.ts'
import type { Signer } from '../ports.ts'
import { SELF_TEST } from './self-test.ts'

export const native: Primitives = {
  sha256,
  hmacSha256,
  verifyEd25519: (key, message, signature) => verify(null, message, keyObject(key), signature),
}

export type VerifyJob = {
  readonly key: PublicKey
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** Verifies signatures on the thread pool, in order of the jobs. The form rule is checked first, here. */
export async function verifyMany(jobs: readonly VerifyJob[]): Promise<readonly boolean[]> {
  return Promise.all(jobs.map(verifyOne))
}

/** Throws SELF_TEST_FAILED when this Node does not keep the one Ed25519 rule. */
export function selfTest(): void {
  for (const { name, key, message, signature, valid } of SELF_TEST) {
    const [bytes, text, signed] = [key, message, signature].map((hex) => Buffer.from(hex, 'hex'))
    if (bytes === undefined || text === undefined || signed === undefined) throw selfTestFault(name)
    const admitted = admitKey(bytes)
    const holds = (primitives: Primitives) =>
      admitted.ok && hasSignatureForm(signed) && primitives.verifyEd25519(admitted.value, text, signed)
    if (holds(native) !== valid || holds(portable) !== valid) throw selfTestFault(name)
  }
}

/** A signer over a 32-byte Ed25519 seed. */
export function signerOf(seed: Uint8Array): Signer {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const admitted = admitKey(new Uint8Array(spki.subarray(-32)))
  if (!admitted.ok)
    throw new NodeError('KEYSTORE_DAMAGED', 'a key in the keystore is not a usable Ed25519 key')
  const publicKey = admitted.value
  return {
    publicKey,
    keyId: keyId(native, publicKey),
    sign: (message) => sign(null, message, privateKey),
    signMany: (messages) => Promise.all(messages.map((message) => signOne(privateKey, message))),
  }
}

/** The X25519 public key of a 32-byte secret. */
export function boxPublicKey(secret: Uint8Array): Uint8Array {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_X25519, secret]),
    format: 'der',
    type: 'pkcs8',
  })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return new Uint8Array(spki.subarray(-32))
}

/** A text digest costs a third of a Buffer one, whose allocation outweighs the hashing of small inputs. */
function sha256(bytes: Uint8Array): Uint8Array {
  if (hash === undefined) return createHash('sha256').update(bytes).digest()
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary')
}

/** RFC 2104 over the fast digest. The pads of a key object are kept while it lives: commitments all use one. */
function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const pads = padsFor(key)
  const inner = sha256(Buffer.concat([pads.inner, bytes]))
  return sha256(Buffer.concat([pads.outer, inner]))
}

type Pads = { readonly inner: Uint8Array; readonly outer: Uint8Array }

const BLOCK_BYTES = 64
const padsOfKeys = new WeakMap<Uint8Array, Pads>()

function padsFor(key: Uint8Array): Pads {
  const known = padsOfKeys.get(key)
  if (known !== undefined) return known
  const block = Buffer.alloc(BLOCK_BYTES)
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key)
  const pads = { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) }
  padsOfKeys.set(key, pads)
  return pads
}

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex')

/** Importing a key costs as much as verifying with it. Members have few keys; strangers' must not fill memory. */
const KEY_OBJECTS_MAX = 1_024
const keyObjects = new Map<string, KeyObject>()

function keyObject(key: Uint8Array): KeyObject {
  const name = Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')
  const known = keyObjects.get(name)
  if (known !== undefined) return known
  const made = createPublicKey({ key: Buffer.concat([SPKI_ED25519, key]), format: 'der', type: 'spki' })
  const [oldest] = keyObjects.keys()
  if (keyObjects.size >= KEY_OBJECTS_MAX && oldest !== undefined) keyObjects.delete(oldest)
  keyObjects.set(name, made)
  return made
}

function signOne(key: KeyObject, message: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(null, message, key, (error, signature) => (error ? reject(error) : resolve(signature)))
  })
}

function verifyOne({ key, message, signature }: VerifyJob): Promise<boolean> {
  if (!hasSignatureForm(signature)) return Promise.resolve(false)
  return new Promise((resolve, reject) => {
    verify(null, message, keyObject(key), signature, (error, valid) =>
      error ? reject(error) : resolve(valid),
    )
  })
}

function selfTestFault(name: string): NodeError {
  return new NodeError(
    'SELF_TEST_FAILED',
    `this Node.js does not keep the Ed25519 rule (${name}); nothing is verified with it`,
    {
      fix: 'use another version of Node.js, 20.19 or later',
    },
  )
}
