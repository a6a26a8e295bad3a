/**
 * What is said over `escrow/1`: an owner brings a deposit, a holder asks for a share. One message and its answer; after
 * `send` the ciphertext in frames of its own, and then the answer to the whole. Spec 06 §15.
 */
import { encode, parse, type Value } from '../codec/cbor.ts'
import { hasKeys, isBytes, isMap } from '../codec/value.ts'
import { fault, ok, type Result } from '../result.ts'
import { SEALED_SHARE_BYTES } from '../sealing/escrowed.ts'
import { isReason, isStatement } from './message.ts'

export type EscrowMessage =
  /** A deposit, and the share of whoever is asked, sealed to its box key. */
  | { readonly kind: 'deposit'; readonly signed: Uint8Array; readonly share: Uint8Array }
  | { readonly kind: 'recall'; readonly signed: Uint8Array }
  /** Whether a deposit is still held. */
  | { readonly kind: 'state'; readonly escrow: Uint8Array }

export type EscrowAnswer =
  /** The deposit is one to hold: its ciphertext may come. */
  | { readonly kind: 'send' }
  /** A signed word that it is held, or that it was erased. */
  | { readonly kind: 'kept'; readonly ack: Uint8Array }
  /** A signed release, and the share sealed to the box key of the recall. */
  | { readonly kind: 'share'; readonly release: Uint8Array; readonly sealed: Uint8Array }
  /** A person has to decide. */
  | { readonly kind: 'pending' }
  /** Not now: busy, behind, or without a word on disk. Ask again later. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'refused'; readonly reason: string }

export type EscrowMessageFault = 'escrow-message-cbor' | 'escrow-message-shape'

export function printEscrowMessage(message: EscrowMessage): Uint8Array {
  return encode({ v: 1, ...message })
}

export function printEscrowAnswer(answer: EscrowAnswer): Uint8Array {
  return encode({ v: 1, ...answer })
}

export function parseEscrowMessage(bytes: Uint8Array): Result<EscrowMessage, EscrowMessageFault> {
  const read = parse(bytes)
  if (!read.ok) return fault('escrow-message-cbor')
  if (!isMap(read.value)) return SHAPE
  const { value } = read
  const { v, kind, signed, share, escrow } = value
  const has = (...keys: readonly string[]) => v === 1 && hasKeys(value, 'v', 'kind', ...keys)
  switch (kind) {
    case 'deposit':
      return isStatement(signed) && isSealedShare(share) && has('signed', 'share')
        ? ok({ kind, signed, share })
        : SHAPE
    case 'recall':
      return isStatement(signed) && has('signed') ? ok({ kind, signed }) : SHAPE
    case 'state':
      return isBytes(escrow, 32) && has('escrow') ? ok({ kind, escrow }) : SHAPE
    default:
      return SHAPE
  }
}

export function parseEscrowAnswer(bytes: Uint8Array): Result<EscrowAnswer, EscrowMessageFault> {
  const read = parse(bytes)
  if (!read.ok) return fault('escrow-message-cbor')
  if (!isMap(read.value)) return SHAPE
  const { value } = read
  const { v, kind, ack, release, sealed, reason } = value
  const has = (...keys: readonly string[]) => v === 1 && hasKeys(value, 'v', 'kind', ...keys)
  switch (kind) {
    case 'send':
    case 'pending':
    case 'wait':
      return has() ? ok({ kind }) : SHAPE
    case 'kept':
      return isStatement(ack) && has('ack') ? ok({ kind, ack }) : SHAPE
    case 'share':
      return isStatement(release) && isSealedShare(sealed) && has('release', 'sealed')
        ? ok({ kind, release, sealed })
        : SHAPE
    case 'refused':
      return isReason(reason) && has('reason') ? ok({ kind, reason }) : SHAPE
    default:
      return SHAPE
  }
}

const SHAPE = fault('escrow-message-shape')

function isSealedShare(value: Value | undefined): value is Uint8Array {
  return isBytes(value, SEALED_SHARE_BYTES)
}
