/** One secret of 32 bytes in one file, sealed with AES-256-GCM for the name it was written under. Spec 02 §6. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { bytesOfText } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import { writeFileDurably } from './files.ts'
import { damaged, readKeyFile } from './unlock.ts'

export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** First byte of a key file: the layout. */
const VERSION = 1
const FILE_BYTES = 1 + NONCE_BYTES + KEY_BYTES + TAG_BYTES

/** Wipes `secret` once it is on disk. */
export function writeSealed(path: string, name: string, sealingKey: Uint8Array, secret: Uint8Array): void {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce)
  cipher.setAAD(placeOf(name))
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()])
  secret.fill(0)
  const file = Buffer.concat([Buffer.from([VERSION]), nonce, sealed, cipher.getAuthTag()])
  writeFileDurably(path, file, 0o600)
}

export function readSealed(path: string, name: string, sealingKey: Uint8Array): Buffer {
  const file = readKeyFile(path, FILE_BYTES)
  if (file[0] !== VERSION) throw damaged(path, 'has a layout this program does not know')
  const end = file.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', sealingKey, file.subarray(1, 1 + NONCE_BYTES))
  decipher.setAAD(placeOf(name))
  decipher.setAuthTag(file.subarray(end))
  const secret = decipher.update(file.subarray(1 + NONCE_BYTES, end))
  try {
    decipher.final()
    return secret
  } catch (error) {
    secret.fill(0)
    throw damaged(path, 'was altered', error)
  }
}

/** What a key file is sealed for, so that one key cannot be put in another's place. */
function placeOf(name: string): Uint8Array {
  return encode([VERSION, bytesOfText(name)])
}
