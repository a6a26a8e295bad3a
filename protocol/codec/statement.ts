/**
 * The signed envelope: a COSE_Sign1 (RFC 9052) that says who states what kind of thing about which record,
 * and commits to its parts. It holds no content. DESIGN §2, spec 01 §4.
 *
 * One statement has one entry per signature, and its id is the hash of the bytes that were signed: Ed25519
 * signatures are malleable by their signer, so an id over the envelope would give one statement two names.
 * The unprotected map is empty and tag 18 present; otherwise anybody could make a second leaf of one signature.
 */
import { assert } from '../assert.ts'
import { bytesOfText, concat, printBase32 } from '../bytes.ts'
import { SIGNATURE_BYTES } from '../identity/signature.ts'
import { ENTRY_BYTES_MAX, SEEN_MAX } from '../limits.ts'
import { parseOrigin } from '../log/checkpoint.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { encode, parse, type Value } from './cbor.ts'
import { readHeader, printHeader, type Header } from './header.ts'
import { MAJOR, readHead } from './heads.ts'
import { isBytes, isCount, isList, isMap } from './value.ts'
import { Writer } from './writer.ts'

/** What a statement acts on: one entry of one log. */
export type Target = { readonly origin: string; readonly index: number; readonly leaf: Uint8Array }

/** A log as somebody saw it. */
export type Head = { readonly origin: string; readonly size: number; readonly root: Uint8Array }

export type Statement = {
  readonly kind: string
  /** 16 random bytes that carry no meaning. */
  readonly record: Uint8Array
  /** From 1. */
  readonly version: number
  readonly on: Target | null
  /** Commitments to the public, partner and research part, 32 bytes each. */
  readonly parts: readonly [Uint8Array, Uint8Array, Uint8Array]
  /** One to eight heads the author had seen. */
  readonly seen?: readonly Head[]
}

export type Prepared = {
  readonly protected: Uint8Array
  readonly payload: Uint8Array
  readonly toBeSigned: Uint8Array
}

export type Entry = {
  readonly bytes: Uint8Array
  readonly header: Header
  readonly statement: Statement
  readonly toBeSigned: Uint8Array
  readonly signature: Uint8Array
}

export type EntryFault =
  'entry-too-long' | 'entry-envelope' | 'entry-header' | 'entry-statement' | 'entry-subject'

/**
 * The bytes a statement's author signs, and the two byte strings they cover. Throws on what no reader would
 * accept: a single invalid entry costs a log its quorum for good.
 */
export function prepareEntry(statement: Statement, header: Header): Prepared {
  const value = valueOf(statement)
  assert(statementOf(value) !== undefined, 'a statement of ours has the grammar of a statement')
  assert(header.subject === printBase32(statement.record), 'the subject is the record')
  const [protectedBytes, payload] = [printHeader(header), encode(value)]
  return { protected: protectedBytes, payload, toBeSigned: toBeSignedOf(protectedBytes, payload) }
}

/** Joins the signature to what it covers: the bytes of a leaf. */
export function sealEntry(
  prepared: Pick<Prepared, 'protected' | 'payload'>,
  signature: Uint8Array,
): Uint8Array {
  assert(signature.length === SIGNATURE_BYTES, 'a signature has 64 bytes')
  writer.begin().raw(OPENING).bytes(prepared.protected).raw(EMPTY_MAP)
  return writer.bytes(prepared.payload).bytes(signature).finish()
}

/** Reads an entry strictly. The signature is not checked here: its key depends on the log below the entry. */
export function parseEntry(bytes: Uint8Array): Result<Entry, EntryFault> {
  if (bytes.length > ENTRY_BYTES_MAX) return fault('entry-too-long')
  const envelope = readEnvelope(bytes)
  if (envelope === undefined) return fault('entry-envelope')
  const header = readHeader(envelope.protected)
  if (header === undefined) return fault('entry-header')
  const payload = parse(envelope.payload)
  const statement = payload.ok ? statementOf(payload.value) : undefined
  if (statement === undefined) return fault('entry-statement')
  if (header.subject !== printBase32(statement.record)) return fault('entry-subject')
  const toBeSigned = toBeSignedOf(envelope.protected, envelope.payload)
  return ok({ bytes, header, statement, toBeSigned, signature: envelope.signature })
}

/** SHA-256 of the signed bytes: how statements are named and told apart. 32 bytes. */
export function statementId(primitives: Primitives, entry: Pick<Entry, 'toBeSigned'>): Uint8Array {
  return primitives.sha256(entry.toBeSigned)
}

const writer = new Writer()

/** Tag 18, array of four. */
const OPENING = Uint8Array.of(0xd2, 0x84)
const EMPTY_MAP = Uint8Array.of(0xa0)
/** Sig_structure (RFC 9052 §4.4): array of four, "Signature1"; the external data is empty. */
const SIGNATURE_CONTEXT = concat(Uint8Array.of(0x84, 0x6a), bytesOfText('Signature1'))
const NO_EXTERNAL_DATA = Uint8Array.of(0x40)

/** The Sig_structure of any COSE_Sign1 without external data. */
export function toBeSignedOf(protectedBytes: Uint8Array, payload: Uint8Array): Uint8Array {
  writer.begin().raw(SIGNATURE_CONTEXT).bytes(protectedBytes)
  return writer.raw(NO_EXTERNAL_DATA).bytes(payload).finish()
}

/** What a COSE_Sign1 with an empty unprotected map and a signature of 64 bytes holds. */
export type Envelope = { protected: Uint8Array; payload: Uint8Array; signature: Uint8Array }

/** Reads the envelope alone. What its two byte strings mean is for the caller to say. */
export function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (bytes[0] !== OPENING[0] || bytes[1] !== OPENING[1]) return undefined
  const header = readString(bytes, 2)
  if (header === undefined || bytes[header.next] !== EMPTY_MAP[0]) return undefined
  const payload = readString(bytes, header.next + 1)
  if (payload === undefined) return undefined
  const signature = readString(bytes, payload.next)
  if (signature === undefined || signature.next !== bytes.length) return undefined
  if (signature.bytes.length !== SIGNATURE_BYTES) return undefined
  return { protected: header.bytes, payload: payload.bytes, signature: signature.bytes }
}

function readString(bytes: Uint8Array, at: number): { bytes: Uint8Array; next: number } | undefined {
  const head = readHead(bytes, at)
  if (typeof head === 'string' || head.major !== MAJOR.bytes) return undefined
  const next = head.next + head.argument
  return next > bytes.length ? undefined : { bytes: bytes.subarray(head.next, next), next }
}

function valueOf(statement: Statement): Value {
  const { kind, record, version, on, parts, seen } = statement
  const value = {
    v: 1,
    kind,
    record,
    version,
    on: on === null ? null : printTarget(on),
    parts,
  }
  return seen === undefined
    ? value
    : { ...value, seen: seen.map((head) => [head.origin, head.size, head.root]) }
}

export function printTarget({ origin, index, leaf }: Target): Value {
  return [origin, index, leaf]
}

export function readTarget(value: Value | undefined): Target | undefined {
  const point = pointOf(value)
  return point && asTarget(point)
}

const KIND = /^[a-z][a-z-]{0,31}$/

function statementOf(value: Value): Statement | undefined {
  if (!isMap(value)) return undefined
  const { v, kind, record, version, on, parts, seen, ...rest } = value
  if (v !== 1 || Object.keys(rest).length > 0) return undefined
  if (
    typeof kind !== 'string' ||
    !KIND.test(kind) ||
    !isBytes(record, 16) ||
    !isCount(version) ||
    version === 0
  )
    return undefined
  const target = on === null ? null : pointOf(on)
  const commitments = commitmentsOf(parts)
  if (target === undefined || commitments === undefined) return undefined
  const statement = { kind, record, version, on: target && asTarget(target), parts: commitments }
  if (seen === undefined) return statement
  const heads = headsOf(seen)
  return heads === undefined ? undefined : { ...statement, seen: heads }
}

type Point = { readonly origin: string; readonly number: number; readonly hash: Uint8Array }

/** Targets and heads have one shape on the wire: an origin, a number and a hash. */
function pointOf(value: Value | undefined): Point | undefined {
  if (!isList(value) || value.length !== 3) return undefined
  const [origin, number, hash] = value
  if (typeof origin !== 'string' || !parseOrigin(origin).ok) return undefined
  return isCount(number) && isBytes(hash, 32) ? { origin, number, hash } : undefined
}

function asTarget(point: Point): Target {
  return { origin: point.origin, index: point.number, leaf: point.hash }
}

function headsOf(value: Value): readonly Head[] | undefined {
  if (!isList(value) || value.length === 0 || value.length > SEEN_MAX) return undefined
  const heads: Head[] = []
  for (const item of value) {
    const point = pointOf(item)
    if (point === undefined) return undefined
    heads.push({ origin: point.origin, size: point.number, root: point.hash })
  }
  return heads
}

function commitmentsOf(value: Value | undefined): Statement['parts'] | undefined {
  if (!isList(value) || value.length !== 3) return undefined
  const [open, partner, research] = value
  return isBytes(open, 32) && isBytes(partner, 32) && isBytes(research, 32)
    ? [open, partner, research]
    : undefined
}
