/**
 * Equivocation proofs: that one key signed two things that no honest holder of it signs. Portable text files that
 * name the key and carry both signed notes; nothing else is needed and nothing in them is trusted. Spec 03 §9.
 *
 * An honest log or cosigner can never be proven guilty: each kind rests on signatures of the key itself and on
 * hashes. Whether the key is the log key in force of anybody is another question, and the caller's.
 */
import { bytesOfText, compare, equal } from '../bytes.ts'
import { verifySignature } from '../identity/signature.ts'
import { ORIGIN_BYTES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import {
  parseSignedCheckpoint,
  type Checkpoint,
  type CheckpointFault,
  type SignedCheckpoint,
} from './checkpoint.ts'
import { cosignatureMessage, parseCosignature } from './cosignature.ts'
import { emptyRoot, leafHash } from './merkle.ts'
import { noteKeyId, SIGNATURE_TYPE, type NoteFault, type NoteSignature, type VerifierKey } from './note.ts'
import { verifyConsistency, verifyInclusion, type ProofFault } from './proof.ts'
import { parseProofFile, type ProofFile, type ProofFileFault } from './proof-file.ts'

/**
 * What the two contradict each other in. `size`: two roots of one size. `tree`: the larger head continues another
 * tree than the smaller. `leaf`: two entries at one index. `cosigner`: a witness or mirror stood behind both of two
 * such heads, or went back in size as time went on.
 */
export const EQUIVOCATION_KINDS = ['size', 'tree', 'leaf', 'cosigner'] as const
export type EquivocationKind = (typeof EQUIVOCATION_KINDS)[number]

export type Equivocation = {
  readonly kind: EquivocationKind
  /** The key that signed both. */
  readonly subject: VerifierKey
  /** Two signed notes, or two proof files for the kind `leaf`, each with one line: the subject's. `a` is the smaller head. */
  readonly a: Uint8Array
  readonly b: Uint8Array
  /** The root that b's first leaves have, as many as a's size says; with a proof that b continues it. */
  readonly prefixRoot: Uint8Array | undefined
  readonly proof: readonly Uint8Array[]
}

/** What holds, whoever handed the file in: the key of `subject` signed both of `heads`, and they exclude each other. */
export type ProvenEquivocation = {
  readonly kind: EquivocationKind
  readonly subject: VerifierKey
  readonly origin: string
  readonly sizes: readonly [number, number]
  readonly heads: readonly [Checkpoint, Checkpoint]
  /** The two histories share at most this many first entries. */
  readonly commonSizeMax: number
  /** When a cosigner signed the two, by its own clock; undefined for logs, which sign no time. */
  readonly times: readonly [number, number] | undefined
}

export type EquivocationFault =
  | 'equivocation-subject'
  | 'equivocation-lines'
  | 'equivocation-signature'
  | 'equivocation-origin'
  | 'equivocation-order'
  | 'equivocation-prefix'
  | 'equivocation-consistent'
  | 'cosignature-length'
  | 'cosignature-time'
  | NoteFault
  | CheckpointFault
  | ProofFileFault
  | ProofFault

/** One side as it was read. `file` is there for the kind `leaf`. */
export type AnySide = { readonly signed: SignedCheckpoint; readonly file: ProofFile | undefined }

/** One side with its signature checked. `time` is there for the kind `cosigner`. */
type Side = {
  readonly head: Checkpoint
  readonly file: ProofFile | undefined
  readonly time: number | undefined
}

/** How a proof file is named: SHA-256 of its bytes. */
export function equivocationId(primitives: Primitives, bytes: Uint8Array): Uint8Array {
  return primitives.sha256(bytes)
}

/** Checks a proof from its own content alone. */
export function verifyEquivocation(
  primitives: Primitives,
  claim: Equivocation,
): Result<ProvenEquivocation, EquivocationFault> {
  const { kind, subject } = claim
  if (subject.type !== typeFor(kind) || bytesOfText(subject.name).length > ORIGIN_BYTES_MAX) {
    return fault('equivocation-subject')
  }
  const a = readSide(primitives, claim, claim.a)
  if (!a.ok) return a
  const b = readSide(primitives, claim, claim.b)
  if (!b.ok) return b
  const heads = [a.value.head, b.value.head] as const
  if (heads[0].origin !== heads[1].origin) return fault('equivocation-origin')
  if (kind !== 'cosigner' && subject.name !== heads[0].origin) return fault('equivocation-subject')
  const order = compareHeads(...heads)
  if (order === 0) return fault('equivocation-consistent')
  // One contradiction, one file: with a and b swapped it would go round again under another id.
  if (order > 0) return fault('equivocation-order')
  const common = judge(primitives, claim, a.value, b.value)
  if (!common.ok) return common
  const times = timesOf(a.value, b.value)
  const sizes = [heads[0].size, heads[1].size] as const
  return ok({ kind, subject, origin: heads[0].origin, sizes, heads, commonSizeMax: common.value, times })
}

function typeFor(kind: EquivocationKind): number {
  return kind === 'cosigner' ? SIGNATURE_TYPE.cosignature : SIGNATURE_TYPE.ed25519
}

function timesOf(a: Side, b: Side): readonly [number, number] | undefined {
  return a.time === undefined || b.time === undefined ? undefined : [a.time, b.time]
}

/** By size, then by root: the one order in which two heads stand in a proof. */
export function compareHeads(a: Checkpoint, b: Checkpoint): number {
  return a.size === b.size ? compare(a.root, b.root) : a.size - b.size
}

/** Reads one side and checks that its only line is the subject's signature. */
function readSide(
  primitives: Primitives,
  { kind, subject }: Equivocation,
  bytes: Uint8Array,
): Result<Side, EquivocationFault> {
  const side = readAny(kind, bytes)
  if (!side.ok) return side
  const { file } = side.value
  const { checkpoint: head, note } = side.value.signed
  // Lines of others are covered by nothing. Were they allowed, one contradiction would make files without end.
  const [line, ...rest] = note.signatures
  if (line === undefined || rest.length > 0 || !isLineOf(primitives, subject, line)) {
    return fault('equivocation-lines')
  }
  const time = verifyLine(primitives, subject, note.text, line)
  return time.ok ? ok({ head, file, time: time.value }) : time
}

/** Checks one line of this key under a text, and says when a cosigner signed it. */
export function verifyLine(
  primitives: Primitives,
  { type, key }: VerifierKey,
  text: string,
  { bytes }: NoteSignature,
): Result<number | undefined, EquivocationFault> {
  if (type === SIGNATURE_TYPE.ed25519) {
    const holds = verifySignature(primitives, key, bytesOfText(text), bytes)
    return holds ? ok(undefined) : fault('equivocation-signature')
  }
  const read = parseCosignature(bytes)
  if (!read.ok) return read
  const { time, signature } = read.value
  const holds = verifySignature(primitives, key, cosignatureMessage(text, time), signature)
  return holds ? ok(time) : fault('equivocation-signature')
}

export function readAny(kind: EquivocationKind, bytes: Uint8Array): Result<AnySide, EquivocationFault> {
  if (kind === 'leaf') {
    const file = parseProofFile(bytes)
    return file.ok ? ok({ signed: file.value.signed, file: file.value }) : file
  }
  const signed = parseSignedCheckpoint(bytes)
  return signed.ok ? ok({ signed: signed.value, file: undefined }) : signed
}

/** Whether a line says that it is by this key. */
export function isLineOf(
  primitives: Primitives,
  { name, type, key }: VerifierKey,
  line: NoteSignature,
): boolean {
  return line.name === name && equal(line.keyId, noteKeyId(primitives, name, type, key))
}

/** At most how many first entries both histories share, or why the two do not exclude each other. */
function judge(
  primitives: Primitives,
  claim: Equivocation,
  a: Side,
  b: Side,
): Result<number, EquivocationFault> {
  if (claim.prefixRoot !== undefined) {
    const takesOne = claim.kind === 'tree' || claim.kind === 'cosigner'
    return takesOne ? judgeTrees(primitives, claim.prefixRoot, claim.proof, [a.head, b.head]) : noPrefix()
  }
  if (claim.kind === 'tree' || claim.proof.length > 0) return noPrefix()
  if (claim.kind === 'leaf') return judgeLeaves(primitives, a, b)
  // The order has shown that heads of one size have two roots.
  if (a.head.size === b.head.size) return ok(Math.max(0, a.head.size - 1))
  // A cosigner states the largest head it has seen, so the smaller one never comes later (notes of C2SP tlog-cosignature).
  const wentBack = a.time !== undefined && b.time !== undefined && a.time > b.time
  return wentBack ? ok(a.head.size) : fault('equivocation-consistent')
}

function noPrefix(): Result<number, EquivocationFault> {
  return fault('equivocation-prefix')
}

/** b continues a tree whose root at a's size is the prefix root, and a has another. */
function judgeTrees(
  primitives: Primitives,
  prefixRoot: Uint8Array,
  proof: readonly Uint8Array[],
  [a, b]: readonly [Checkpoint, Checkpoint],
): Result<number, EquivocationFault> {
  if (a.size === b.size) return noPrefix()
  if (a.size === 0) {
    // Every tree continues the empty one, which has one root: a head of size 0 with another contradicts them all.
    if (proof.length > 0) return fault('proof-length')
    if (!equal(prefixRoot, emptyRoot(primitives))) return fault('root-mismatch')
  } else {
    const claim = { oldSize: a.size, oldRoot: prefixRoot, size: b.size, root: b.root, proof }
    const continues = verifyConsistency(primitives, claim)
    if (!continues.ok) return continues
  }
  return equal(prefixRoot, a.root) ? fault('equivocation-consistent') : ok(Math.max(0, a.size - 1))
}

/** Two entries at one index, each under its own head. */
function judgeLeaves(primitives: Primitives, a: Side, b: Side): Result<number, EquivocationFault> {
  if (a.file === undefined || b.file === undefined || a.file.index !== b.file.index) {
    return fault('equivocation-consistent')
  }
  for (const { entry, index, proof, signed } of [a.file, b.file]) {
    const { size, root } = signed.checkpoint
    const leaf = leafHash(primitives, entry)
    const included = verifyInclusion(primitives, { leaf, index, size, root, proof })
    if (!included.ok) return included
  }
  return equal(a.file.entry, b.file.entry) ? fault('equivocation-consistent') : ok(a.file.index)
}
