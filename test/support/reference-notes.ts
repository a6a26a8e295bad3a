/** Keys, notes and cosignatures by node:crypto alone, sharing nothing with `protocol/`. */
import { createHash, createPrivateKey, sign } from 'node:crypto'

/** A cosignature that says one time and signs another. */
export function cosignature(text: string, said: number, signed: number, seed: Buffer): Buffer {
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(said))
  return Buffer.concat([time, signature(seed, `cosignature/v1\ntime ${signed}\n${text}`)])
}

export function cosignedBy(name: string, seed: Buffer, text: string, time: number): string {
  return line(name, 4, seed, cosignature(text, time, time, seed))
}

export function line(name: string, type: number, seed: Buffer, bytes: Buffer): string {
  return `— ${name} ${Buffer.concat([keyId(name, type, seed), bytes]).toString('base64')}\n`
}

export function vkey(name: string, type: number, seed: Buffer): string {
  const key = Buffer.concat([Buffer.of(type), publicKey(seed)]).toString('base64')
  return `${name}+${keyId(name, type, seed).toString('hex')}+${key}`
}

function keyId(name: string, type: number, seed: Buffer): Buffer {
  return sha256(Buffer.from(`${name}\n`), Buffer.of(type), publicKey(seed)).subarray(0, 4)
}

export function signature(seed: Buffer, text: string): Buffer {
  return sign(null, Buffer.from(text), privateKey(seed))
}

export function publicKey(seed: Buffer): Buffer {
  return Buffer.from(privateKey(seed).export({ format: 'jwk' }).x ?? '', 'base64url')
}

/** RFC 8410: the seed behind the fixed head of its PKCS #8 form. */
function privateKey(seed: Buffer) {
  const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
