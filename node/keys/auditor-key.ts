/**
 * An auditor's key: one file of its own, outside every home, because an auditor need not be a member. Sealed under a
 * passphrase, or plain in a file that only its owner may read. Spec 02 §8.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { hasKeys, isBytes, isCount, isMap } from '../../protocol/codec/value.ts'
import { signReport } from '../../protocol/audit/report-signature.ts'
import { printVerifierKey, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { NodeError } from '../errors.ts'
import type { Signer } from '../ports.ts'
import { readFileBounded, writeFileDurably } from './files.ts'
import { native, signerOf } from './native.ts'
import { COST, COST_MAX, COST_MIN, damaged, derive, type Passphrase } from './unlock.ts'

export type AuditorKey = {
  readonly name: string
  readonly signer: Signer
  /** C2SP vkey: what whoever checks the report brings. */
  readonly verifierKey: string
}

const SEED_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FILE_BYTES_MAX = 1_024
const TYPE = 'candor/auditor-key/v1'
/** Note names hold neither white space nor a plus sign. Ours are plain besides, so that they can be read aloud. */
const NAME = /^[a-z0-9][a-z0-9._/-]{0,126}$/

/** Makes a key and writes it. A file that is there already is left alone. */
export function makeAuditorKey(path: string, name: string, passphrase: Passphrase): AuditorKey {
  if (!NAME.test(name)) {
    throw new NodeError(
      'USAGE',
      'an auditor has a name such as audit.example/auditor: letters, digits and ./_-',
    )
  }
  if (existsSync(path)) throw new NodeError('CONFLICT', `${path} exists and is not overwritten`)
  if (passphrase?.length === 0) throw new NodeError('USAGE', 'an empty passphrase protects nothing')
  const seed = randomBytes(SEED_BYTES)
  const key = auditorKey(name, signerOf(seed))
  const salt = randomBytes(passphrase === undefined ? 0 : 32)
  const cost = passphrase === undefined ? 0 : COST
  const secret = passphrase === undefined ? seed : seal(derive(passphrase, salt, cost), name, seed)
  writeFileDurably(path, encode({ type: TYPE, name, cost, salt, secret }), 0o600)
  seed.fill(0)
  return key
}

export function openAuditorKey(path: string, passphrase: Passphrase): AuditorKey {
  const read = parse(readFileBounded(path, FILE_BYTES_MAX))
  const value = read.ok ? read.value : undefined
  if (!isMap(value) || !hasKeys(value, 'type', 'name', 'cost', 'salt', 'secret')) throw strange(path)
  const { type, name, cost, salt, secret } = value
  if (type !== TYPE || typeof name !== 'string' || !NAME.test(name) || !isCount(cost)) throw strange(path)
  if (!(salt instanceof Uint8Array) || !(secret instanceof Uint8Array)) throw strange(path)
  if (cost === 0) {
    if (salt.length > 0 || !isBytes(secret, SEED_BYTES)) throw strange(path)
    if ((statSync(path).mode & 0o077) !== 0) {
      throw new NodeError('KEYSTORE_PERMISSIONS', `other users of this machine may open ${path}`, {
        fix: `chmod 600 '${path}'`,
      })
    }
    return auditorKey(name, signerOf(secret))
  }
  if (cost < COST_MIN || cost > COST_MAX) throw strange(path)
  if (passphrase === undefined)
    throw new NodeError('PASSPHRASE_NEEDED', `${path} is locked with a passphrase`)
  const seed = unseal(derive(passphrase, salt, cost), name, secret)
  if (seed === undefined) throw new NodeError('PASSPHRASE_WRONG', `this passphrase does not open ${path}`)
  return auditorKey(name, signerOf(seed))
}

/** The detached signature on a report with this SHA-256. */
export function signWith({ name, signer }: AuditorKey, digest: Uint8Array): Uint8Array {
  return signReport(native, { name, key: signer.publicKey, sign: signer.sign }, digest)
}

function auditorKey(name: string, signer: Signer): AuditorKey {
  const verifierKey = printVerifierKey(native, { name, type: SIGNATURE_TYPE.ed25519, key: signer.publicKey })
  return { name, signer, verifierKey }
}

function seal(key: Uint8Array, name: string, seed: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(encode([TYPE, name]))
  return Buffer.concat([nonce, cipher.update(seed), cipher.final(), cipher.getAuthTag()])
}

function unseal(key: Uint8Array, name: string, secret: Uint8Array): Uint8Array | undefined {
  if (secret.length !== NONCE_BYTES + SEED_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, secret.subarray(0, NONCE_BYTES))
  decipher.setAAD(encode([TYPE, name]))
  decipher.setAuthTag(secret.subarray(-TAG_BYTES))
  const seed = decipher.update(secret.subarray(NONCE_BYTES, -TAG_BYTES))
  try {
    decipher.final()
    return seed
  } catch {
    return undefined
  }
}

function strange(path: string): NodeError {
  return damaged(path, 'is not an auditor’s key, or was altered')
}
