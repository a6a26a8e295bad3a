/**
 * C2SP signed notes: a text and signature lines below a blank line. The lines are covered by nothing, so notes
 * are never compared or hashed as files. Spec 03 §5.
 */
import {
  bytesOfText,
  concat,
  parseBase64,
  parseHex,
  printBase64,
  printHex,
  textOfBytes,
  equal,
} from '../bytes.ts'
import { admitKey, type PublicKey } from '../identity/key.ts'
import { NOTE_BYTES_MAX, SIGNATURES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'

/** Signature types of C2SP signed-note: Ed25519 over the text, and the timestamped cosignature of it. */
export const SIGNATURE_TYPE = { ed25519: 0x01, cosignature: 0x04 } as const

export type NoteSignature = {
  readonly name: string
  /** First four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key). */
  readonly keyId: Uint8Array
  readonly bytes: Uint8Array
}

/** `text` ends in a newline and is what is signed. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] }

export type NoteFault =
  | 'note-too-long'
  | 'note-utf8'
  | 'note-control'
  | 'note-shape'
  | 'note-signature-count'
  | 'note-signature-line'

/** A key's name holds no Unicode white space (which is not JavaScript's \s: that lacks U+0085, adds U+FEFF) and no plus. */
const LINE = /^— ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u
const VERIFIER_KEY = /^([^\p{White_Space}+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u

/** Reads a note. It splits at the last blank line, since a text may hold others. */
export function parseNote(bytes: Uint8Array): Result<Note, NoteFault> {
  if (bytes.length > NOTE_BYTES_MAX) return fault('note-too-long')
  const read = textOfBytes(bytes)
  if (!read.ok) return fault('note-utf8')
  if (hasControl(read.value)) return fault('note-control')
  const split = read.value.lastIndexOf('\n\n')
  if (split === -1 || !read.value.endsWith('\n')) return fault('note-shape')
  const lines = read.value.slice(split + 2, -1).split('\n')
  if (lines.length > SIGNATURES_MAX) return fault('note-signature-count')
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const signature = parseSignatureLine(line)
    if (signature === undefined) return fault('note-signature-line')
    signatures.push(signature)
  }
  return ok({ text: read.value.slice(0, split + 1), signatures })
}

export function printNote({ text, signatures }: Note): Uint8Array {
  return bytesOfText(`${text}\n${signatures.map(printSignatureLine).join('')}`)
}

/** `— <name> <base64(key id ‖ signature)>` and a newline. */
export function printSignatureLine({ name, keyId, bytes }: NoteSignature): string {
  return `— ${name} ${printBase64(concat(keyId, bytes))}\n`
}

/** Reads one signature line without its newline. */
export function parseSignatureLine(line: string): NoteSignature | undefined {
  const found = LINE.exec(line)
  const [, name, encoded] = found ?? []
  if (name === undefined || encoded === undefined) return undefined
  const bytes = parseBase64(encoded)
  if (!bytes.ok || bytes.value.length < 5) return undefined
  return { name, keyId: bytes.value.slice(0, 4), bytes: bytes.value.slice(4) }
}

/** How signature lines name their key: four bytes, a hint and no more. */
export function noteKeyId(primitives: Primitives, name: string, type: number, key: Uint8Array): Uint8Array {
  return primitives.sha256(concat(bytesOfText(`${name}\n`), Uint8Array.of(type), key)).slice(0, 4)
}

export type VerifierKey = { readonly name: string; readonly type: number; readonly key: PublicKey }

/** C2SP vkey: `<name>+<hex key id>+<base64(type ‖ key)>`. */
export function printVerifierKey(primitives: Primitives, { name, type, key }: VerifierKey): string {
  const id = noteKeyId(primitives, name, type, key)
  return `${name}+${printHex(id)}+${printBase64(concat(Uint8Array.of(type), key))}`
}

/** Reads a verifier's key and admits it (about 2 ms): names may be anybody's, keys keep the one rule of spec 02 §1. */
export function parseVerifierKey(primitives: Primitives, text: string): Result<VerifierKey, 'verifier-key'> {
  const [, name, id, encoded] = VERIFIER_KEY.exec(text) ?? []
  if (name === undefined || id === undefined || encoded === undefined) return fault('verifier-key')
  const bytes = parseBase64(encoded)
  const named = parseHex(id)
  const [type, ...rest] = bytes.ok ? bytes.value : []
  if (type === undefined || rest.length !== 32 || !named.ok) return fault('verifier-key')
  const raw = Uint8Array.from(rest)
  if (!equal(noteKeyId(primitives, name, type, raw), named.value)) return fault('verifier-key')
  const key = admitKey(raw)
  return key.ok ? ok({ name, type, key: key.value }) : fault('verifier-key')
}

/** Notes hold no ASCII control characters, those below U+0020, but newlines (C2SP signed-note). */
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 && code !== 0x0a) return true
  }
  return false
}
