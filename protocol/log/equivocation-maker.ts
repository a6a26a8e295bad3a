/**
 * Makes equivocation proofs out of what a node has at hand: notes in any order with lines of anybody. What comes out
 * verifies, and is the same file whoever makes it of the same two signatures. Spec 03 §9.
 */
import { compare } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import {
  compareHeads,
  isLineOf,
  readAny,
  verifyEquivocation,
  verifyLine,
  type AnySide,
  type Equivocation,
  type EquivocationFault,
  type EquivocationKind,
} from './equivocation.ts'
import { printNote, type VerifierKey } from './note.ts'
import { printProofFile } from './proof-file.ts'

/** What a maker starts from: two notes (or proof files) as they came, in any order and with lines of anybody. */
export type Contradiction = {
  readonly subject: VerifierKey
  readonly a: Uint8Array
  readonly b: Uint8Array
}

/** That b's head continues a tree with this root at a's size: what a contradiction between two sizes rests on. */
export type PrefixProof = { readonly prefixRoot: Uint8Array; readonly proof: readonly Uint8Array[] }

/** Two heads of one size with two roots. */
export function proveSameSize(
  primitives: Primitives,
  two: Contradiction,
): Result<Equivocation, EquivocationFault> {
  return make(primitives, 'size', two, undefined)
}

/** Two heads of two sizes, of which the larger does not continue the smaller. */
export function proveTree(
  primitives: Primitives,
  two: Contradiction & PrefixProof,
): Result<Equivocation, EquivocationFault> {
  return make(primitives, 'tree', two, two)
}

/** Two proof files with two entries at one index. */
export function proveLeaf(
  primitives: Primitives,
  two: Contradiction,
): Result<Equivocation, EquivocationFault> {
  return make(primitives, 'leaf', two, undefined)
}

/** Two cosigned heads: of one size, of two sizes with a prefix proof, or of a time that does not fit the size. */
export function proveCosigner(
  primitives: Primitives,
  two: Contradiction,
  prefix?: PrefixProof,
): Result<Equivocation, EquivocationFault> {
  return make(primitives, 'cosigner', two, prefix)
}

/** Puts the two in order, drops the lines of others, and returns only what verifies. */
function make(
  primitives: Primitives,
  kind: EquivocationKind,
  { subject, a, b }: Contradiction,
  prefix: PrefixProof | undefined,
): Result<Equivocation, EquivocationFault> {
  const first = readAny(kind, a)
  if (!first.ok) return first
  const second = readAny(kind, b)
  if (!second.ok) return second
  const isOrdered = compareHeads(first.value.signed.checkpoint, second.value.signed.checkpoint) <= 0
  const [smaller, larger] = isOrdered ? [first.value, second.value] : [second.value, first.value]
  // Of a cosigner's several times those that contradict the sizes most.
  const [early, late] = [
    onlyLineOf(primitives, subject, larger, 'first'),
    onlyLineOf(primitives, subject, smaller, 'last'),
  ]
  if (early === undefined || late === undefined) return fault('equivocation-lines')
  const claim = {
    kind,
    subject,
    a: late,
    b: early,
    prefixRoot: prefix?.prefixRoot,
    proof: prefix?.proof ?? [],
  }
  const proven = verifyEquivocation(primitives, claim)
  return proven.ok ? ok(claim) : proven
}

/**
 * The side with one good line of this key: the first or last by its bytes, which for a cosigner begin with the time.
 * Bad lines in its name are anybody's doing and must not spoil a proof.
 */
function onlyLineOf(
  primitives: Primitives,
  subject: VerifierKey,
  { signed, file }: AnySide,
  which: 'first' | 'last',
): Uint8Array | undefined {
  const { text, signatures } = signed.note
  const lines = signatures
    .filter((line) => isLineOf(primitives, subject, line))
    .filter((line) => verifyLine(primitives, subject, text, line).ok)
    .toSorted((one, other) => compare(one.bytes, other.bytes))
  const line = which === 'first' ? lines[0] : lines.at(-1)
  if (line === undefined) return undefined
  const note = { text, signatures: [line] }
  return file === undefined ? printNote(note) : printProofFile({ ...file, signed: { ...signed, note } })
}
