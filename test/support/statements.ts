/** Statements, headers and keys that are the same in every run. */
import { getPublicKey, sign } from '@noble/ed25519'
import { printBase32 } from '../../protocol/bytes.ts'
import type { Header } from '../../protocol/codec/header.ts'
import {
  parseEntry,
  prepareEntry,
  sealEntry,
  type Entry,
  type Statement,
} from '../../protocol/codec/statement.ts'
import { admitKey, keyId, type PublicKey } from '../../protocol/identity/key.ts'
import { portable } from '../../protocol/primitives.ts'

/** `length` bytes that begin with `first` and count on. */
export function counting(length: number, first: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) % 256)
}

export const NETWORK_ID = printBase32(counting(32, 0xe0))
export const ORIGIN = `a.example/candor/${NETWORK_ID}/1`
export const OTHER_ORIGIN = `b.example/candor/${NETWORK_ID}/2`

export const SEED = counting(32, 1)

export function publicKeyOf(seed: Uint8Array): PublicKey {
  const admitted = admitKey(getPublicKey(seed))
  if (!admitted.ok) throw new Error(`a test key is ${admitted.fault}`)
  return admitted.value
}

export const STATEMENT: Statement = {
  kind: 'incident',
  record: counting(16, 0x10),
  version: 1,
  on: null,
  parts: [counting(32, 0x20), counting(32, 0x40), counting(32, 0x60)],
}

export const FULL_STATEMENT: Statement = {
  ...STATEMENT,
  kind: 'dispute',
  version: 2,
  on: { origin: OTHER_ORIGIN, index: 4_294_967_296, leaf: counting(32, 0x80) },
  seen: [
    { origin: ORIGIN, size: 0, root: counting(32, 0xa0) },
    { origin: OTHER_ORIGIN, size: 9_007_199_254_740_991, root: counting(32, 0xc0) },
  ],
}

export function headerFor(statement: Statement, changes: Partial<Header> = {}): Header {
  return {
    algorithm: -8,
    keyId: keyId(portable, publicKeyOf(SEED)),
    issuer: ORIGIN,
    subject: printBase32(statement.record),
    issuedAt: 1_767_225_600,
    ...changes,
  }
}

export function sealedEntry(statement: Statement, changes: Partial<Header> = {}): Uint8Array {
  const prepared = prepareEntry(statement, headerFor(statement, changes))
  return sealEntry(prepared, sign(prepared.toBeSigned, SEED))
}

export function entryOf(bytes: Uint8Array): Entry {
  const read = parseEntry(bytes)
  if (!read.ok) throw new Error(`an entry of a test is refused: ${read.fault}`)
  return read.value
}
