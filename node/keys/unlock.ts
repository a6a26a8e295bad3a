/**
 * How a keystore is opened: the file `keystore.cbor` says whether its sealing key comes from a passphrase by
 * scrypt, and at what cost, or lies in the file `unlock.key`. It also holds a check value, which tells a wrong
 * passphrase from a damaged file. It is written last, so a keystore without it is no keystore. Spec 02 §6.
 */
import { createHash, createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { hasKeys, isBytes, isCount, isMap } from '../../protocol/codec/value.ts'
import { NodeError } from '../errors.ts'
import { readFileBounded, writeFileDurably } from './files.ts'

/** Bytes of a passphrase, or nothing where the operator chose none. */
export type Passphrase = Uint8Array | undefined

export const HEADER = 'keystore.cbor'
export const UNLOCK = 'unlock.key'

type Header = {
  readonly unlock: 'passphrase' | 'file'
  /** log2 of scrypt's cost; 0 for a file, whose key is random already. */
  readonly cost: number
  readonly salt: Uint8Array
  readonly check: Uint8Array
}

/** 2^17 with r = 8: 128 MiB and about a third of a second. */
export const COST = 17
/** A header is bounded when it is read: below, guessing is cheap; above, an altered file would eat the memory. */
export const COST_MIN = 15
export const COST_MAX = 20
const BLOCK_SIZE = 8
const KEY_BYTES = 32
const HEADER_BYTES_MAX = 1_024
const CHECKSUM_BYTES = 32
const CHECK_INFO = 'candor keystore check'

/** Makes the sealing key of a new keystore. `header` is for `writeHeader`, once everything else is on disk. */
export function makeSealingKey(
  directory: string,
  passphrase: Passphrase,
): { sealingKey: Buffer; header: Uint8Array } {
  if (passphrase?.length === 0) throw new NodeError('USAGE', 'an empty passphrase protects nothing')
  const salt = randomBytes(KEY_BYTES)
  const unlock = passphrase === undefined ? 'file' : 'passphrase'
  const sealingKey = passphrase === undefined ? randomBytes(KEY_BYTES) : derive(passphrase, salt, COST)
  if (passphrase === undefined) writeFileDurably(join(directory, UNLOCK), sealingKey, 0o600)
  const cost = passphrase === undefined ? 0 : COST
  const body = encode({ v: 1, unlock, cost, salt, check: checkOf(sealingKey, salt) })
  return { sealingKey, header: Buffer.concat([body, checksumOf(body)]) }
}

export function writeHeader(directory: string, header: Uint8Array): void {
  writeFileDurably(join(directory, HEADER), header, 0o600)
}

/** The sealing key, or PASSPHRASE_NEEDED, PASSPHRASE_WRONG, or KEYSTORE_DAMAGED with the file that is. */
export function openSealingKey(directory: string, passphrase: Passphrase): Buffer {
  const { unlock, cost, salt, check } = readHeader(directory)
  if (unlock === 'file') {
    const sealingKey = Buffer.from(readKeyFile(join(directory, UNLOCK), KEY_BYTES))
    if (timingSafeEqual(checkOf(sealingKey, salt), check)) return sealingKey
    throw damaged(join(directory, UNLOCK), 'does not belong to this keystore')
  }
  if (passphrase === undefined) {
    throw new NodeError('PASSPHRASE_NEEDED', `the keystore in ${directory} is locked with a passphrase`)
  }
  const sealingKey = derive(passphrase, salt, cost)
  if (timingSafeEqual(checkOf(sealingKey, salt), check)) return sealingKey
  throw new NodeError('PASSPHRASE_WRONG', `this passphrase does not open the keystore in ${directory}`)
}

/** True when the keystore asks for a passphrase. */
export function isLocked(directory: string): boolean {
  return readHeader(directory).unlock === 'passphrase'
}

/** Reads a file of exactly this length. */
export function readKeyFile(path: string, length: number): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = readFileBounded(path, length)
  } catch (error) {
    throw damaged(path, 'cannot be read', error)
  }
  if (bytes.length === length) return bytes
  throw damaged(path, `is ${bytes.length} bytes long instead of ${length}`)
}

export function damaged(path: string, what: string, cause?: unknown): NodeError {
  return new NodeError('KEYSTORE_DAMAGED', `the key file ${path} ${what}`, {
    cause,
    fix: 'restore the keystore from a backup',
  })
}

function readHeader(directory: string): Header {
  const path = join(directory, HEADER)
  const file = readFileBounded(path, HEADER_BYTES_MAX)
  const body = file.subarray(0, Math.max(0, file.length - CHECKSUM_BYTES))
  const header = checksumOf(body).equals(file.subarray(body.length)) ? headerOf(body) : undefined
  if (header === undefined) throw damaged(path, 'was altered or cut short')
  return header
}

function headerOf(body: Uint8Array): Header | undefined {
  const read = parse(body)
  if (!read.ok || !isMap(read.value) || !hasKeys(read.value, 'v', 'unlock', 'cost', 'salt', 'check'))
    return undefined
  const { v, unlock, cost, salt, check } = read.value
  if (v !== 1 || !isCount(cost) || !isBytes(salt, KEY_BYTES) || !isBytes(check, KEY_BYTES)) return undefined
  if (unlock === 'file') return cost === 0 ? { unlock, cost, salt, check } : undefined
  if (unlock !== 'passphrase' || cost < COST_MIN || cost > COST_MAX) return undefined
  return { unlock, cost, salt, check }
}

export function derive(passphrase: Uint8Array, salt: Uint8Array, cost: number): Buffer {
  const N = 2 ** cost
  const maxmem = 2 * 128 * N * BLOCK_SIZE
  return scryptSync(passphrase, salt, KEY_BYTES, { N, r: BLOCK_SIZE, p: 1, maxmem })
}

function checkOf(sealingKey: Uint8Array, salt: Uint8Array): Buffer {
  return createHmac('sha256', sealingKey).update(CHECK_INFO).update(salt).digest()
}

/** Against accidents: an altered header is named instead of reading as a wrong passphrase. */
function checksumOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest()
}
