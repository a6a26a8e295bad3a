/**
 * An equivocation proof as a text file. What parses prints back to the same bytes, so a file has one name, SHA-256
 * of its bytes; whether it proves anything is for `verifyEquivocation` to say. Spec 03 §9.
 */
import { assert } from '../assert.ts'
import { bytesOfText, parseBase64, printBase64, textOfBytes } from '../bytes.ts'
import { EQUIVOCATION_BYTES_MAX, PROOF_HASHES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { EQUIVOCATION_KINDS, type Equivocation, type EquivocationKind } from './equivocation.ts'
import { HASH_BYTES } from './merkle.ts'
import { parseVerifierKey, printVerifierKey } from './note.ts'

export type EquivocationFileFault =
  | 'equivocation-too-long'
  | 'equivocation-utf8'
  | 'equivocation-shape'
  | 'equivocation-header'
  | 'equivocation-kind'
  | 'equivocation-note'
  | 'equivocation-hash'
  | 'verifier-key'

const HEADER = 'candor/equivocation@v1'

export function printEquivocation(primitives: Primitives, claim: Equivocation): Uint8Array {
  const { kind, subject, a, b, prefixRoot, proof } = claim
  const lines = [
    HEADER,
    `kind ${kind}`,
    `subject ${printVerifierKey(primitives, subject)}`,
    `a ${printBase64(a)}`,
    `b ${printBase64(b)}`,
    ...(prefixRoot === undefined ? [] : [`prefix-root ${printBase64(prefixRoot)}`]),
    ...proof.map((hash) => `proof ${printBase64(hash)}`),
  ]
  const bytes = bytesOfText(`${lines.join('\n')}\n`)
  assert(bytes.length <= EQUIVOCATION_BYTES_MAX, 'a proof that verifies fits into a message')
  return bytes
}

/** Reads a file: its form, and that the subject is a key (about 2 ms). */
export function parseEquivocation(
  primitives: Primitives,
  bytes: Uint8Array,
): Result<Equivocation, EquivocationFileFault> {
  if (bytes.length > EQUIVOCATION_BYTES_MAX) return fault('equivocation-too-long')
  const text = textOfBytes(bytes)
  if (!text.ok) return fault('equivocation-utf8')
  const [header, kindLine, subjectLine, aLine, bLine, ...rest] = text.value.split('\n')
  if (header !== HEADER) return fault('equivocation-header')
  if (rest.pop() !== '') return fault('equivocation-shape')
  const kind = kindOf(afterWord('kind ', kindLine))
  if (kind === undefined) return fault('equivocation-kind')
  const a = parseBase64(afterWord('a ', aLine))
  const b = parseBase64(afterWord('b ', bLine))
  if (!a.ok || !b.ok) return fault('equivocation-note')
  const prefixLine = rest[0]?.startsWith('prefix-root ') === true ? rest.shift() : undefined
  const prefixRoot = prefixLine === undefined ? undefined : parseHash(afterWord('prefix-root ', prefixLine))
  const proof = rest.map((line) => parseHash(afterWord('proof ', line)))
  const isAnyBad = (prefixLine !== undefined && prefixRoot === undefined) || proof.includes(undefined)
  if (isAnyBad || proof.length > PROOF_HASHES_MAX) return fault('equivocation-hash')
  // Last, because admitting a key costs more than everything above.
  const subject = parseVerifierKey(primitives, afterWord('subject ', subjectLine))
  if (!subject.ok) return subject
  const hashes = proof.filter((hash) => hash !== undefined)
  return ok({ kind, subject: subject.value, a: a.value, b: b.value, prefixRoot, proof: hashes })
}

function kindOf(text: string): EquivocationKind | undefined {
  return EQUIVOCATION_KINDS.find((kind) => kind === text)
}

function parseHash(text: string): Uint8Array | undefined {
  const read = parseBase64(text)
  return read.ok && read.value.length === HASH_BYTES ? read.value : undefined
}

/** What follows the word a line begins with, or a text that no reader accepts. */
function afterWord(word: string, line: string | undefined): string {
  return line?.startsWith(word) === true ? line.slice(word.length) : '?'
}
