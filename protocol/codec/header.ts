/**
 * The protected header of an entry (RFC 9052 §3, CWT claims of RFC 9597): a fixed reader, outside the CBOR
 * profile because COSE's labels are integers. Spec 01 §4.
 *
 *     { 1: alg, 3: "application/vnd.candor.statement+cbor", 4: key id, 15: { 1: iss, 2: sub, 6: iat } }
 */
import { assert } from '../assert.ts'
import { branded } from '../brand.ts'
import { concat, textOfBytes } from '../bytes.ts'
import type { KeyId } from '../identity/key.ts'
import { parseOrigin } from '../log/checkpoint.ts'
import { MAJOR, printHead, readHead } from './heads.ts'
import { Writer } from './writer.ts'

/** −8 is EdDSA (RFC 9053), which verifiers know; −19 its fully specified successor Ed25519 (RFC 9864). */
export type Algorithm = -8 | -19

export type Header = {
  readonly algorithm: Algorithm
  /** SHA-256 of the signer's public key. */
  readonly keyId: KeyId
  /** The origin of the log this entry is valid in, and in no other. */
  readonly issuer: string
  /** The record id as 26 base32 characters. */
  readonly subject: string
  /** Seconds since 1970, whole hours: informative, never evidence, and coarse so that it tells little. */
  readonly issuedAt: number
}

export const STATEMENT_MEDIA_TYPE = 'application/vnd.candor.statement+cbor'

export const HOUR_SECONDS = 3_600

const SUBJECT_LENGTH = 26

const writer = new Writer()

export function printHeader(header: Header): Uint8Array {
  assert(header.issuedAt % HOUR_SECONDS === 0, 'issued-at is a whole hour')
  assert(isOrigin(header.issuer), 'the issuer is an origin')
  assert(header.keyId.length === 32 && header.subject.length === SUBJECT_LENGTH, 'a key id and a record id')
  writer
    .begin()
    .raw(header.algorithm === -8 ? BEFORE_KEY_ID : BEFORE_KEY_ID_19)
    .raw(header.keyId)
  writer.raw(BEFORE_ISSUER).text(header.issuer).raw(BEFORE_SUBJECT).text(header.subject)
  return writer.raw(BEFORE_ISSUED_AT).head(MAJOR.unsigned, header.issuedAt).finish()
}

/**
 * Reads the header by its fixed places: what stands between them is compared byte for byte, and heads are read in their
 * shortest form only, so one header has one encoding.
 */
export function readHeader(bytes: Uint8Array): Header | undefined {
  const algorithm = bytes[2] === BEFORE_KEY_ID[2] ? -8 : -19
  const before = algorithm === -8 ? BEFORE_KEY_ID : BEFORE_KEY_ID_19
  if (!hasAt(bytes, 0, before)) return undefined
  const issuerAt = before.length + KEY_ID_BYTES
  if (!hasAt(bytes, issuerAt, BEFORE_ISSUER)) return undefined
  const issuer = readOrigin(bytes, issuerAt + BEFORE_ISSUER.length)
  if (issuer === undefined) return undefined
  if (!hasAt(bytes, issuer.next, BEFORE_SUBJECT)) return undefined
  const subject = readText(bytes, issuer.next + BEFORE_SUBJECT.length)
  if (subject === undefined || subject.text.length !== SUBJECT_LENGTH) return undefined
  if (!hasAt(bytes, subject.next, BEFORE_ISSUED_AT)) return undefined
  const issuedAt = readHead(bytes, subject.next + BEFORE_ISSUED_AT.length)
  if (typeof issuedAt === 'string' || issuedAt.major !== MAJOR.unsigned) return undefined
  if (issuedAt.argument % HOUR_SECONDS !== 0 || issuedAt.next !== bytes.length) return undefined
  return {
    algorithm,
    keyId: branded<KeyId>(bytes.subarray(before.length, issuerAt)),
    issuer: issuer.text,
    subject: subject.text,
    issuedAt: issuedAt.argument,
  }
}

const KEY_ID_BYTES = 32

function hasAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
  return true
}

// The last text that was found to be an origin: the entries of a log have one issuer, one after another.
let lastOrigin: { readonly text: string; readonly bytes: Uint8Array } | undefined

function isOrigin(text: string): boolean {
  return text === lastOrigin?.text || parseOrigin(text).ok
}

/** An origin as a text, read only where it is another than the last. */
function readOrigin(bytes: Uint8Array, at: number): { text: string; next: number } | undefined {
  const known = lastOrigin
  if (known !== undefined && hasAt(bytes, at, known.bytes))
    return { text: known.text, next: at + known.bytes.length }
  const read = readText(bytes, at)
  if (read === undefined || !parseOrigin(read.text).ok) return undefined
  lastOrigin = { text: read.text, bytes: bytes.slice(at, read.next) }
  return read
}

function readText(bytes: Uint8Array, at: number): { text: string; next: number } | undefined {
  const head = readHead(bytes, at)
  if (typeof head === 'string' || head.major !== MAJOR.text) return undefined
  const next = head.next + head.argument
  if (next > bytes.length) return undefined
  const text = textOfBytes(bytes.subarray(head.next, next))
  return text.ok ? { text: text.value, next } : undefined
}

function beforeKeyId(algorithm: Algorithm): Uint8Array {
  const label = Uint8Array.of(0xa4, 0x01)
  const type = Uint8Array.of(0x03)
  return concat(
    label,
    printHead(MAJOR.negative, -1 - algorithm),
    type,
    new Writer().text(STATEMENT_MEDIA_TYPE).finish(),
    KEY_ID_LABEL,
  )
}

/** Label 4 and the head of 32 bytes. */
const KEY_ID_LABEL = Uint8Array.of(0x04, 0x58, 0x20)
const BEFORE_KEY_ID = beforeKeyId(-8)
const BEFORE_KEY_ID_19 = beforeKeyId(-19)
/** Label 15 (CWT claims), a map of three, claim 1. */
const BEFORE_ISSUER = Uint8Array.of(0x0f, 0xa3, 0x01)
const BEFORE_SUBJECT = Uint8Array.of(0x02)
const BEFORE_ISSUED_AT = Uint8Array.of(0x06)
