/** The answer of `witness/1`: the status of C2SP tlog-witness and its body, in one frame. The request is the body alone. */
import { encode, parse } from '../codec/cbor.ts'
import { hasKeys, isCount, isMap } from '../codec/value.ts'
import { NOTE_BYTES_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'
import type { MessageFault } from './message.ts'

export type WitnessAnswer = { readonly status: number; readonly body: Uint8Array }

export const WITNESS_STATUSES: readonly number[] = [200, 400, 403, 404, 409, 422, 429, 503]

export function printWitnessAnswer({ status, body }: WitnessAnswer): Uint8Array {
  return encode({ status, body })
}

export function parseWitnessAnswer(bytes: Uint8Array): Result<WitnessAnswer, MessageFault> {
  const value = parse(bytes)
  if (!value.ok) return fault('message-cbor')
  if (!isMap(value.value) || !hasKeys(value.value, 'status', 'body')) return fault('message-shape')
  const { status, body } = value.value
  if (!isCount(status) || !WITNESS_STATUSES.includes(status)) return fault('message-shape')
  if (!(body instanceof Uint8Array) || body.length > NOTE_BYTES_MAX) return fault('message-shape')
  return ok({ status, body })
}
