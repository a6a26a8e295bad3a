/**
 * The signed statements of an access: a COSE_Sign1 like an entry, under a media type of its own. They pass
 * between two parties; in a log they stand only inside the restricted part of an `access` leaf. Spec 06 §1.
 *
 *     { 1: -8, 3: "application/vnd.candor.access+cbor", 4: key id }
 */
import { assert, unreachable } from '../assert.ts'
import { branded } from '../brand.ts'
import { concat, equal } from '../bytes.ts'
import { encode, parse, type Value } from '../codec/cbor.ts'
import { MAJOR, printHead } from '../codec/heads.ts'
import { readEnvelope, sealEntry, toBeSignedOf } from '../codec/statement.ts'
import { hasKeys, isMap } from '../codec/value.ts'
import { Writer } from '../codec/writer.ts'
import type { KeyId } from '../identity/key.ts'
import { ACCESS_BYTES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import {
  printEscrow,
  printOfHolder,
  readEscrow,
  readEscrowAck,
  readEscrowRecall,
  readEscrowRelease,
  type Escrow,
  type EscrowAck,
  type EscrowFault,
  type EscrowRecall,
  type EscrowRelease,
} from './escrow.ts'
import {
  printDenial,
  printGrant,
  printRevocation,
  readDenial,
  readGrant,
  readRevocation,
  type Denial,
  type Grant,
  type GrantFault,
  type Revocation,
} from './grant.ts'
import {
  printAck,
  printAppeal,
  printReceipt,
  readAck,
  readAppeal,
  readReceipt,
  type Ack,
  type Appeal,
  type Receipt,
  type ReceiptFault,
} from './receipt.ts'
import { printRequest, readRequest, type Request, type RequestFault } from './request.ts'

export type AccessStatement =
  | Request
  | Grant
  | Denial
  | Revocation
  | Receipt
  | Ack
  | Appeal
  | Escrow
  | EscrowAck
  | EscrowRecall
  | EscrowRelease

export type Signed<S extends AccessStatement = AccessStatement> = {
  readonly bytes: Uint8Array
  readonly keyId: KeyId
  readonly statement: S
  readonly toBeSigned: Uint8Array
  readonly signature: Uint8Array
}

export type SignedFault =
  | RequestFault
  | GrantFault
  | ReceiptFault
  | EscrowFault
  | 'access-too-long'
  | 'access-envelope'
  | 'access-header'
  | 'access-content'
  | 'access-kind'

export const ACCESS_MEDIA_TYPE = 'application/vnd.candor.access+cbor'

export type PreparedAccess = {
  readonly protected: Uint8Array
  readonly payload: Uint8Array
  readonly toBeSigned: Uint8Array
}

/** The bytes that the holder of this key signs. Throws on what no reader would accept. */
export function prepareAccess(statement: AccessStatement, keyId: KeyId): PreparedAccess {
  const value = valueOf(statement)
  const read = isMap(value) ? statementOf(value) : fault('access-content')
  assert(read.ok, 'a statement of ours has the grammar of its kind')
  const [header, payload] = [concat(BEFORE_KEY_ID, keyId), encode(value)]
  return { protected: header, payload, toBeSigned: toBeSignedOf(header, payload) }
}

export function sealAccess(prepared: PreparedAccess, signature: Uint8Array): Uint8Array {
  const bytes = sealEntry(prepared, signature)
  assert(bytes.length <= ACCESS_BYTES_MAX, 'a statement of an access has at most 16 KiB')
  return bytes
}

/** Reads one strictly. Whose key may sign it is a question of its kind and of logs (`requester.ts`). */
export function parseAccess(bytes: Uint8Array): Result<Signed, SignedFault> {
  if (bytes.length > ACCESS_BYTES_MAX) return fault('access-too-long')
  const envelope = readEnvelope(bytes)
  if (envelope === undefined) return fault('access-envelope')
  const keyId = branded<KeyId>(envelope.protected.slice(BEFORE_KEY_ID.length))
  if (keyId.length !== 32 || !equal(concat(BEFORE_KEY_ID, keyId), envelope.protected))
    return fault('access-header')
  const payload = parse(envelope.payload)
  if (!payload.ok || !isMap(payload.value)) return fault('access-content')
  const read = statementOf(payload.value)
  if (!read.ok) return read
  const toBeSigned = toBeSignedOf(envelope.protected, envelope.payload)
  return ok({ bytes, keyId, statement: read.value, toBeSigned, signature: envelope.signature })
}

/** SHA-256 of the signed bytes: how a request, a grant or a receipt is named. */
export function accessId(primitives: Primitives, signed: Pick<Signed, 'toBeSigned'>): Uint8Array {
  return primitives.sha256(signed.toBeSigned)
}

/** The document of the restricted part of an `access` leaf: one signed statement, whole. */
export function accessDocument(signed: Pick<Signed, 'bytes'>): Value {
  return { v: 1, access: signed.bytes }
}

/** The statement in the restricted part of an `access` leaf. */
export function readAccessDocument(document: Value): Result<Signed, SignedFault> {
  if (!isMap(document) || !hasKeys(document, 'v', 'access') || document['v'] !== 1)
    return fault('access-content')
  const { access } = document
  return access instanceof Uint8Array ? parseAccess(access) : fault('access-content')
}

/** Narrows to one kind: an answer of another kind is no answer. */
export function isSigned<K extends AccessStatement['kind']>(
  signed: Signed,
  kind: K,
): signed is Signed<Extract<AccessStatement, { kind: K }>> {
  return signed.statement.kind === kind
}

function valueOf(statement: AccessStatement): Value {
  switch (statement.kind) {
    case 'request':
      return printRequest(statement)
    case 'grant':
      return printGrant(statement)
    case 'denial':
      return printDenial(statement)
    case 'revocation':
      return printRevocation(statement)
    case 'receipt':
      return printReceipt(statement)
    case 'ack':
      return printAck(statement)
    case 'appeal':
      return printAppeal(statement)
    case 'escrow':
      return printEscrow(statement)
    case 'escrow-ack':
    case 'escrow-recall':
    case 'escrow-release':
      return printOfHolder(statement)
    default:
      return unreachable(statement)
  }
}

function statementOf(value: { readonly [key: string]: Value }): Result<AccessStatement, SignedFault> {
  switch (value['kind']) {
    case 'request':
      return readRequest(value)
    case 'grant':
      return readGrant(value)
    case 'denial':
      return readDenial(value)
    case 'revocation':
      return readRevocation(value)
    case 'receipt':
      return readReceipt(value)
    case 'ack':
      return readAck(value)
    case 'appeal':
      return readAppeal(value)
    case 'escrow':
      return readEscrow(value)
    case 'escrow-ack':
      return readEscrowAck(value)
    case 'escrow-recall':
      return readEscrowRecall(value)
    case 'escrow-release':
      return readEscrowRelease(value)
    default:
      return fault('access-kind')
  }
}

/** The protected header up to the key id: a map of three, algorithm −8, the media type, label 4. */
const BEFORE_KEY_ID = concat(
  Uint8Array.of(0xa3, 0x01),
  printHead(MAJOR.negative, 7),
  Uint8Array.of(0x03),
  new Writer().text(ACCESS_MEDIA_TYPE).finish(),
  Uint8Array.of(0x04, 0x58, 0x20),
)
