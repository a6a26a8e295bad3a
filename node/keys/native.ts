/**
 * The protocol's primitives over node:crypto: SHA-256, HMAC and Ed25519 at the speed of OpenSSL. The rule of
 * validity stays in `protocol/`; here is only the equation. A start-up self-test holds the two together and
 * fails closed, because Node itself changed its answer on edge cases between two versions.
 */
import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'
import { bytesOfText, equal } from '../../protocol/bytes.ts'
import { portable, type Primitives } from '../../protocol/primitives.ts'
import { admitKey, keyId, type PublicKey } from '../../protocol/identity/key.ts'
import { hasSignatureForm, verifySignature } from '../../protocol/identity/signature.ts'
import { NodeError } from '../errors.ts'
import type { Signer } from '../ports.ts'
import { SELF_TEST } from './self-test.ts'
import { signOnWorkers, verifyOnWorkers, WORKER_JOBS_MIN } from './signature-workers.ts'

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

/** Verifies signatures on other threads, in order of the jobs, the form rule included. */
export async function verifyMany(jobs: readonly VerifyJob[]): Promise<readonly boolean[]> {
  if (jobs.length >= WORKER_JOBS_MIN) return verifyOnWorkers(jobs)
  return Promise.all(
    jobs.map(async ({ key, message, signature }) =>
      hasSignatureForm(signature) ? inPlace(() => verifyOnPool(key, message, signature)) : false,
    ),
  )
}

/**
 * Throws SELF_TEST_FAILED when the primitives do not keep the protocol's rules: the node must not start, because
 * members that disagree on validity split the network.
 */
export function selfTest(primitives: Primitives = native): void {
  const probe = bytesOfText('candor')
  if (!equal(primitives.sha256(probe), portable.sha256(probe))) throw selfTestFault('SHA-256')
  if (!equal(primitives.hmacSha256(probe, probe), portable.hmacSha256(probe, probe)))
    throw selfTestFault('HMAC-SHA-256')
  for (const { name, key, message, signature, valid } of SELF_TEST) {
    const admitted = admitKey(Buffer.from(key, 'hex'))
    const [text, signed] = [Buffer.from(message, 'hex'), Buffer.from(signature, 'hex')]
    const holds = admitted.ok && verifySignature(primitives, admitted.value, text, signed)
    if (holds !== valid) throw selfTestFault(`Ed25519: ${name}`)
  }
}

/** A signer over a 32-byte Ed25519 seed. */
export function signerOf(seed: Uint8Array): Signer {
  const privateKey = importSecret(PKCS8_ED25519, seed)
  const admitted = admitKey(rawPublicKey(privateKey))
  if (!admitted.ok)
    throw new NodeError('KEYSTORE_DAMAGED', 'a key in the keystore is not a usable Ed25519 key')
  const publicKey = admitted.value
  return {
    publicKey,
    keyId: keyId(native, publicKey),
    sign: (message) => sign(null, message, privateKey),
    signMany: (messages) =>
      messages.length >= WORKER_JOBS_MIN
        ? signOnWorkers(privateKey, messages)
        : Promise.all(messages.map((message) => inPlace(() => signOnPool(privateKey, message)))),
  }
}

/** The X25519 public key of a 32-byte secret. */
export function boxPublicKey(secret: Uint8Array): Uint8Array {
  return rawPublicKey(importSecret(PKCS8_X25519, secret))
}

/**
 * A text digest costs a third of a Buffer one, whose allocation outweighs the hashing of small inputs; 32 bytes
 * of a plain array lie on the heap of the engine, where they cost next to nothing.
 */
function sha256(bytes: Uint8Array): Uint8Array {
  const text = hash('sha256', bytes, 'binary')
  const digest = new Uint8Array(32)
  for (let i = 0; i < 32; i++) digest[i] = text.charCodeAt(i)
  return digest
}

/** RFC 2104 over the fast digest. The pads of a key object are kept while it lives: commitments all use one. */
function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const { inner, outer } = padsFor(key)
  const room = inner.subarray(0, BLOCK_BYTES + bytes.length)
  const isFitting = room.length === BLOCK_BYTES + bytes.length
  if (isFitting) room.set(bytes, BLOCK_BYTES)
  outer.set(sha256(isFitting ? room : Buffer.concat([inner.subarray(0, BLOCK_BYTES), bytes])), BLOCK_BYTES)
  return sha256(outer)
}

/** The padded key, with room behind it for what is hashed after it. */
type Pads = { readonly key: Uint8Array; readonly inner: Uint8Array; readonly outer: Uint8Array }

const BLOCK_BYTES = 64
/** Room for a commitment; what is longer is joined in a buffer of its own. */
const INNER_BYTES = 1_024
const OUTER_BYTES = BLOCK_BYTES + 32
const padsOfKeys = new WeakMap<Uint8Array, Pads>()

/** A buffer may have been refilled with another key since, so kept pads count only for the same bytes. */
function padsFor(key: Uint8Array): Pads {
  const known = padsOfKeys.get(key)
  if (known !== undefined && equal(known.key, key)) return known
  const block = Buffer.alloc(BLOCK_BYTES)
  block.set(key.length > BLOCK_BYTES ? sha256(key) : key)
  const [inner, outer] = [new Uint8Array(INNER_BYTES), new Uint8Array(OUTER_BYTES)]
  for (const [i, byte] of block.entries()) {
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
  const pads = { key: Uint8Array.from(key), inner, outer }
  padsOfKeys.set(key, pads)
  return pads
}

/** DER headers (RFC 8410) before the 32 bytes of a key. */
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

/** OpenSSL keeps the secret; the copy that carried it there is wiped. */
function importSecret(header: Uint8Array, secret: Uint8Array): KeyObject {
  const key = Buffer.concat([header, secret])
  const imported = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  key.fill(0)
  return imported
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return new Uint8Array(spki.subarray(-32))
}

/** The database uses the same thread pool: thousands of queued signatures would hold up its reads and writes. */
const IN_FLIGHT_MAX = 64
let inFlight = 0
const waiting: (() => void)[] = []

async function inPlace<T>(use: () => Promise<T>): Promise<T> {
  if (inFlight < IN_FLIGHT_MAX) inFlight += 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await use()
  } finally {
    // The place goes to the next that waits, or falls free.
    const next = waiting.shift()
    if (next === undefined) inFlight -= 1
    else next()
  }
}

function verifyOnPool(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(null, message, keyObject(key), signature, (error, valid) =>
      error ? reject(error) : resolve(valid),
    )
  })
}

function signOnPool(key: KeyObject, message: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(null, message, key, (error, signature) => (error ? reject(error) : resolve(signature)))
  })
}

function selfTestFault(name: string): NodeError {
  return new NodeError(
    'SELF_TEST_FAILED',
    `the cryptography of this Node.js disagrees with the protocol (${name}); nothing is verified with it`,
    {
      fix: 'use another version of Node.js, 20.19 or later',
    },
  )
}
