/**
 * What a reader signs: that it received exactly this ciphertext under this grant, that it heard of a later change,
 * or that it holds a denial to be wrong. DESIGN §6, spec 06 §4.
 */
import type { Value } from '../codec/cbor.ts'
import { printTarget, type Target } from '../codec/statement.ts'
import { hasKeys, type MapValue } from '../codec/value.ts'
import { fault, ok, type Result } from '../result.ts'
import type { TermId } from '../record/vocabulary.ts'
import { ACK_STATES } from '../record/vocabulary/access.ts'
import { commonOf, hashOf, partyOf, targetOf, termOf, textOf, type Common } from './fields.ts'

export type AckState = TermId<typeof ACK_STATES>

type FromReader = Common & {
  /** The log of the reader, or null for somebody without a log. */
  readonly from: string | null
}

/** Names everything about one disclosure; nothing else can be claimed to have been received under it. */
export type Receipt = FromReader & {
  readonly kind: 'receipt'
  readonly request: Uint8Array
  readonly grant: Uint8Array
  /** SHA-256 of the ciphertext, which the reader holds whole. */
  readonly ciphertext: Uint8Array
  /** The commitment to the content key, which the reader does not hold yet. */
  readonly keyCommitment: Uint8Array
}

/** What it answers: a retraction, correction or erasure in a log, or a revocation by its statement id. */
export type Change = { readonly entry: Target } | { readonly revocation: Uint8Array }

export type Ack = FromReader & {
  readonly kind: 'ack'
  readonly grant: Uint8Array
  readonly of: Change
  readonly state: AckState
}

/** For now a stored statement: rulings come with governance. */
export type Appeal = FromReader & {
  readonly kind: 'appeal'
  readonly denial: Uint8Array
  readonly reason: string
}

export type ReceiptFault = 'receipt-shape' | 'ack-shape' | 'appeal-shape'

const READER_KEYS = ['v', 'kind', 'network', 'at', 'from']

export function printReceipt(receipt: Receipt): Value {
  return { ...receipt, v: 1 }
}

export function printAck(ack: Ack): Value {
  const { of } = ack
  return { ...ack, v: 1, of: 'entry' in of ? printTarget(of.entry) : of.revocation }
}

export function printAppeal(appeal: Appeal): Value {
  return { ...appeal, v: 1 }
}

export function readReceipt(value: MapValue): Result<Receipt, ReceiptFault> {
  const reader = readerOf(value)
  const keys = ['request', 'grant', 'ciphertext', 'keyCommitment']
  if (reader === undefined || !hasKeys(value, ...READER_KEYS, ...keys)) return fault('receipt-shape')
  const [request, grant] = [hashOf(value['request']), hashOf(value['grant'])]
  const [ciphertext, keyCommitment] = [hashOf(value['ciphertext']), hashOf(value['keyCommitment'])]
  if (request === undefined || grant === undefined) return fault('receipt-shape')
  if (ciphertext === undefined || keyCommitment === undefined) return fault('receipt-shape')
  return ok({ kind: 'receipt', ...reader, request, grant, ciphertext, keyCommitment })
}

export function readAck(value: MapValue): Result<Ack, ReceiptFault> {
  const reader = readerOf(value)
  if (reader === undefined || !hasKeys(value, ...READER_KEYS, 'grant', 'of', 'state'))
    return fault('ack-shape')
  const [grant, state] = [hashOf(value['grant']), termOf(ACK_STATES, value['state'])]
  const of = changeOf(value['of'], reader.network)
  if (grant === undefined || state === undefined || of === undefined) return fault('ack-shape')
  return ok({ kind: 'ack', ...reader, grant, of, state })
}

export function readAppeal(value: MapValue): Result<Appeal, ReceiptFault> {
  const reader = readerOf(value)
  if (reader === undefined || !hasKeys(value, ...READER_KEYS, 'denial', 'reason'))
    return fault('appeal-shape')
  const [denial, reason] = [hashOf(value['denial']), textOf(value['reason'])]
  if (denial === undefined || reason === undefined) return fault('appeal-shape')
  return ok({ kind: 'appeal', ...reader, denial, reason })
}

function readerOf(value: MapValue): FromReader | undefined {
  const common = commonOf(value)
  if (common === undefined) return undefined
  const from = partyOf(value['from'], common.network)
  return from === undefined ? undefined : { ...common, from }
}

function changeOf(value: Value | undefined, network: string): Change | undefined {
  const revocation = hashOf(value)
  if (revocation !== undefined) return { revocation }
  const entry = targetOf(value, network)
  return entry && { entry }
}
