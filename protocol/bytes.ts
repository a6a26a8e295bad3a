/**
 * Bytes and their texts, without Node's Buffer or the DOM's TextEncoder.
 *
 * Every text form is read strictly: what parses here prints back to the same text. (Node's own base64
 * reader accepts spaces, missing padding and other alphabets: two texts with one meaning.)
 */
import { base32nopad, base64, hex, utf8 } from '@scure/base'
import { isUtf8 } from './codec/utf8.ts'
import { fault, ok, type Result } from './result.ts'

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Order by bytes, shorter first where one is a prefix of the other: negative, zero or positive. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** UTF-8 bytes of a well-formed text. */
export function bytesOfText(text: string): Uint8Array {
  return utf8.decode(text)
}

/** Text of UTF-8 bytes, or `bad-utf8`: no replacement characters, no overlong forms, no surrogates. */
export function textOfBytes(bytes: Uint8Array): Result<string, 'bad-utf8'> {
  const short = bytes.length <= SHORT_BYTES ? asciiOf(bytes) : undefined
  if (short !== undefined) return ok(short)
  return isUtf8(bytes, 0, bytes.length) ? ok(utf8.encode(bytes)) : fault('bad-utf8')
}

/** Names and numbers, which are most texts; for these a decoder's call costs more than its work. */
const SHORT_BYTES = 32

function asciiOf(bytes: Uint8Array): string | undefined {
  let text = ''
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes[i] ?? 0
    if (code > 0x7f) return undefined
    text += String.fromCharCode(code)
  }
  return text
}

export function printHex(bytes: Uint8Array): string {
  return hex.encode(bytes)
}

/** Reads lower-case hexadecimal. */
export function parseHex(text: string): Result<Uint8Array, 'bad-hex'> {
  return strictly(hex, text, 'bad-hex')
}

export function printBase64(bytes: Uint8Array): string {
  return base64.encode(bytes)
}

/** Reads standard base64 with padding (RFC 4648 §4). */
export function parseBase64(text: string): Result<Uint8Array, 'bad-base64'> {
  return strictly(base64, text, 'bad-base64')
}

/** RFC 4648 base32 in lower case without padding: network ids (52 characters), record ids (26). */
export function printBase32(bytes: Uint8Array): string {
  return base32nopad.encode(bytes).toLowerCase()
}

export function parseBase32(text: string): Result<Uint8Array, 'bad-base32'> {
  if (text !== text.toLowerCase()) return fault('bad-base32')
  const read = strictly(base32nopad, text.toUpperCase(), 'bad-base32')
  return read
}

type Coder = { encode(bytes: Uint8Array): string; decode(text: string): Uint8Array }

function strictly<F extends string>(coder: Coder, text: string, otherwise: F): Result<Uint8Array, F> {
  try {
    const bytes = coder.decode(text)
    return coder.encode(bytes) === text ? ok(bytes) : fault(otherwise)
  } catch {
    return fault(otherwise)
  }
}
