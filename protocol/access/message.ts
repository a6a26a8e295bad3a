/**
 * What is said over `access/1`: one message of the reader, one answer of the owner, and after an answer that grants
 * the ciphertext in frames of its own. Each message can be repeated on a later connection of the same peer and is
 * answered alike. Spec 06 §10.
 */
import { unreachable } from '../assert.ts'
import { encode, parse, type Value } from '../codec/cbor.ts'
import { hasKeys, isBytes, isCount, isMap, type MapValue } from '../codec/value.ts'
import { ACCESS_BYTES_MAX, CIPHERTEXT_BYTES_MAX, TERMS_BYTES_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'
import { SEALED_KEY_BYTES, type SealOffer } from '../sealing/sealed.ts'
import { hashOf } from './fields.ts'

export type AccessMessage =
  | { readonly kind: 'request' | 'receipt' | 'ack' | 'appeal'; readonly signed: Uint8Array }
  /** The reader opened and verified what it was given; or asks how its request stands. */
  | { readonly kind: 'confirm' | 'state'; readonly request: Uint8Array }

export type AccessAnswer =
  /** Nothing restricted was asked for. */
  | { readonly kind: 'public' }
  /** A signed grant and what the ciphertext will be; after `request` the ciphertext follows. */
  | { readonly kind: 'granted'; readonly grant: Uint8Array; readonly offer: SealOffer }
  /** A signed denial; with it the terms that hold, when others were accepted. */
  | { readonly kind: 'denied'; readonly denial: Uint8Array; readonly terms: Uint8Array | null }
  | { readonly kind: 'revoked'; readonly revocation: Uint8Array }
  /** A person has to decide. */
  | { readonly kind: 'pending' }
  /** Not now: the node is not fresh, busy, or could not write its audit entry. Ask again later. */
  | { readonly kind: 'wait' }
  /** The sealed content key: 80 bytes. */
  | { readonly kind: 'key'; readonly sealed: Uint8Array }
  | { readonly kind: 'noted' }
  /** Not an answer to the request: nothing is signed and nothing logged. */
  | { readonly kind: 'refused'; readonly reason: string }

export type AccessMessageFault = 'access-message-cbor' | 'access-message-shape'

export function printAccessMessage(message: AccessMessage): Uint8Array {
  return encode({ v: 1, ...message })
}

export function parseAccessMessage(bytes: Uint8Array): Result<AccessMessage, AccessMessageFault> {
  const value = mapOf(bytes)
  if (!value.ok) return value
  const { kind, signed, request } = value.value
  switch (kind) {
    case 'request':
    case 'receipt':
    case 'ack':
    case 'appeal':
      return isStatement(signed) && hasKeys(value.value, 'v', 'kind', 'signed') ? ok({ kind, signed }) : SHAPE
    case 'confirm':
    case 'state':
      return isBytes(request, 32) && hasKeys(value.value, 'v', 'kind', 'request')
        ? ok({ kind, request })
        : SHAPE
    default:
      return SHAPE
  }
}

export function printAccessAnswer(answer: AccessAnswer): Uint8Array {
  if (answer.kind !== 'granted') return encode({ v: 1, ...answer })
  const { ciphertext, length, keyCommitment } = answer.offer
  return encode({ v: 1, kind: answer.kind, grant: answer.grant, offer: [ciphertext, length, keyCommitment] })
}

export function parseAccessAnswer(bytes: Uint8Array): Result<AccessAnswer, AccessMessageFault> {
  const value = mapOf(bytes)
  if (!value.ok) return value
  const { kind } = value.value
  const answer = typeof kind === 'string' && isAnswerKind(kind) ? answerOf(kind, value.value) : undefined
  return answer === undefined ? SHAPE : ok(answer)
}

type AnswerKind = AccessAnswer['kind']

/** Every kind with the fields it has besides. */
const FIELDS: Readonly<Record<AnswerKind, readonly string[]>> = {
  public: [],
  granted: ['grant', 'offer'],
  denied: ['denial', 'terms'],
  revoked: ['revocation'],
  pending: [],
  wait: [],
  key: ['sealed'],
  noted: [],
  refused: ['reason'],
}

function isAnswerKind(kind: string): kind is AnswerKind {
  return Object.hasOwn(FIELDS, kind)
}

function answerOf(kind: AnswerKind, value: MapValue): AccessAnswer | undefined {
  if (!hasKeys(value, 'v', 'kind', ...FIELDS[kind])) return undefined
  const { grant, denial, terms, revocation, sealed, reason } = value
  switch (kind) {
    case 'public':
    case 'pending':
    case 'wait':
    case 'noted':
      return { kind }
    case 'granted': {
      const offer = offerOf(value['offer'])
      return isStatement(grant) && offer !== undefined ? { kind, grant, offer } : undefined
    }
    case 'denied':
      return isStatement(denial) && isTerms(terms) ? { kind, denial, terms } : undefined
    case 'revoked':
      return isStatement(revocation) ? { kind, revocation } : undefined
    case 'key':
      return isBytes(sealed, SEALED_KEY_BYTES) ? { kind, sealed } : undefined
    case 'refused':
      return isReason(reason) ? { kind, reason } : undefined
    default:
      return unreachable(kind)
  }
}

/** A word of ours or of a later version. */
const REASON = /^[a-z]{2,20}(?:-[a-z]{1,20}){0,4}$/

export function isReason(value: Value | undefined): value is string {
  return typeof value === 'string' && REASON.test(value)
}

export function offerOf(value: Value | undefined): SealOffer | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const [hash, length, commitment]: readonly Value[] = value
  const [ciphertext, keyCommitment] = [hashOf(hash), hashOf(commitment)]
  if (ciphertext === undefined || keyCommitment === undefined) return undefined
  return isCount(length) && length <= CIPHERTEXT_BYTES_MAX ? { ciphertext, length, keyCommitment } : undefined
}

/** A signed statement of an access, not read yet. */
export function isStatement(value: Value | undefined): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= ACCESS_BYTES_MAX
}

function isTerms(value: Value | undefined): value is Uint8Array | null {
  return value === null || (value instanceof Uint8Array && value.length <= TERMS_BYTES_MAX)
}

const SHAPE = fault('access-message-shape')

function mapOf(bytes: Uint8Array): Result<MapValue, AccessMessageFault> {
  const read = parse(bytes)
  if (!read.ok) return fault('access-message-cbor')
  return isMap(read.value) && read.value['v'] === 1 ? ok(read.value) : SHAPE
}
