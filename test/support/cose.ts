/** COSE_Sign1 written part by part, so that each part can be wrong. Only heads are taken from the code under test. */
import { MAJOR, printHead } from '../../protocol/codec/heads.ts'

export const tstr = (text: string) =>
  joined(printHead(MAJOR.text, Buffer.byteLength(text)), Buffer.from(text))
export const bstr = (bytes: Uint8Array) => joined(printHead(MAJOR.bytes, bytes.length), bytes)

export function joined(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return Uint8Array.from(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part))),
  )
}

export type Envelope = {
  readonly opening: string
  readonly protected: Uint8Array
  readonly unprotected: string
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly rest: string
}

export function envelopeBytes(envelope: Envelope): Uint8Array {
  const { opening, unprotected, payload, signature, rest } = envelope
  return joined(opening, bstr(envelope.protected), unprotected, bstr(payload), bstr(signature), rest)
}
