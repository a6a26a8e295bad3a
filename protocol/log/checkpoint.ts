/**
 * Checkpoints: a log's signed head, a C2SP signed note of exactly three lines. Heads are compared by (origin,
 * size, root), never as files. DESIGN §2, spec 03 §5.
 */
import { assert } from '../assert.ts'
import { bytesOfText, equal, parseBase32, parseBase64, printBase64 } from '../bytes.ts'
import type { PublicKey } from '../identity/key.ts'
import { verifySignature } from '../identity/signature.ts'
import { LINES_PER_KEY_MAX, ORIGIN_BYTES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { emptyRoot, HASH_BYTES } from './merkle.ts'
import {
  noteKeyId,
  parseNote,
  printNote,
  SIGNATURE_TYPE,
  type Note,
  type NoteFault,
  type NoteSignature,
} from './note.ts'

export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Uint8Array }

export type SignedCheckpoint = { readonly checkpoint: Checkpoint; readonly note: Note }

export type CheckpointFault = 'checkpoint-lines' | 'checkpoint-origin' | 'checkpoint-size' | 'checkpoint-root'

export type HeadSignatureFault = 'head-unsigned' | 'head-signature' | 'head-empty-root'

/** `<org-domain>/candor/<network-id>/<epoch>`. */
export type Origin = { readonly domain: string; readonly networkId: string; readonly epoch: number }

const DOMAIN_LENGTH_MAX = 127
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const ORIGIN = /^([a-z0-9.-]+)\/candor\/([a-z2-7]{52})\/([1-9]\d{0,8})$/
const COUNT = /^(?:0|[1-9]\d{0,15})$/

/** A domain name in lower case with at least one dot: what names an organisation. */
export function isDomain(text: string): boolean {
  return text.length <= DOMAIN_LENGTH_MAX && DOMAIN.test(text)
}

export function printOrigin({ domain, networkId, epoch }: Origin): string {
  return `${domain}/candor/${networkId}/${epoch}`
}

export function parseOrigin(text: string): Result<Origin, 'checkpoint-origin'> {
  const [, domain, networkId, epoch] = ORIGIN.exec(text) ?? []
  if (domain === undefined || networkId === undefined || epoch === undefined)
    return fault('checkpoint-origin')
  if (text.length > ORIGIN_BYTES_MAX || !isDomain(domain)) return fault('checkpoint-origin')
  // 52 characters hold 260 bits and a SHA-256 has 256: the last one must re-encode to itself.
  if (!parseBase32(networkId).ok) return fault('checkpoint-origin')
  return ok({ domain, networkId, epoch: Number(epoch) })
}

/** The three lines that are signed. */
export function printCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${printBase64(root)}\n`
}

/** Reads the three lines. What parses prints back to the same text; there are no extension lines. */
export function parseCheckpoint(text: string): Result<Checkpoint, CheckpointFault> {
  const [origin, size, root, end, ...rest] = text.split('\n')
  if (origin === undefined || size === undefined || root === undefined || end !== '' || rest.length > 0) {
    return fault('checkpoint-lines')
  }
  if (!parseOrigin(origin).ok) return fault('checkpoint-origin')
  const leaves = parseCount(size)
  if (leaves === undefined) return fault('checkpoint-size')
  const hash = parseBase64(root)
  if (!hash.ok || hash.value.length !== HASH_BYTES) return fault('checkpoint-root')
  return ok({ origin, size: leaves, root: hash.value })
}

/** Reads a size or an index: decimal digits without leading zeros, at most 2^53 − 1. */
export function parseCount(text: string): number | undefined {
  return COUNT.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined
}

/** Signs a checkpoint with its log's key and prints the note. */
export function printSignedCheckpoint(
  primitives: Primitives,
  checkpoint: Checkpoint,
  key: PublicKey,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const text = printCheckpoint(checkpoint)
  assert(parseCheckpoint(text).ok, 'a head that nobody can read is never signed')
  const keyId = noteKeyId(primitives, checkpoint.origin, SIGNATURE_TYPE.ed25519, key)
  const signature = { name: checkpoint.origin, keyId, bytes: sign(bytesOfText(text)) }
  return printNote({ text, signatures: [signature] })
}

/** The note with its log's own lines alone: anybody can add others, and nothing covers them. */
export function printBare({ checkpoint, note }: SignedCheckpoint): Uint8Array {
  const signatures = note.signatures.filter(({ name }) => name === checkpoint.origin)
  return printNote({ text: note.text, signatures })
}

export function parseSignedCheckpoint(
  bytes: Uint8Array,
): Result<SignedCheckpoint, NoteFault | CheckpointFault> {
  const note = parseNote(bytes)
  if (!note.ok) return note
  const checkpoint = parseCheckpoint(note.value.text)
  return checkpoint.ok ? ok({ checkpoint: checkpoint.value, note: note.value }) : checkpoint
}

/** The lines of its log's own key: what is kept of a head that verified, since anybody can write others in the log's name. */
export function linesUnder(
  primitives: Primitives,
  { checkpoint: { origin }, note }: SignedCheckpoint,
  key: PublicKey,
): readonly NoteSignature[] {
  const keyId = noteKeyId(primitives, origin, SIGNATURE_TYPE.ed25519, key)
  return note.signatures.filter((line) => line.name === origin && equal(line.keyId, keyId))
}

/**
 * Checks a head under its log's key. Lines of unknown keys are ignored; a bad line of this key, or a third one, refuses the note;
 * size 0 goes only with the empty root.
 */
export function verifyCheckpoint(
  primitives: Primitives,
  signed: SignedCheckpoint,
  key: PublicKey,
): Result<Checkpoint, HeadSignatureFault> {
  const { checkpoint, note } = signed
  const ours = linesUnder(primitives, signed, key)
  if (ours.length === 0) return fault('head-unsigned')
  if (ours.length > LINES_PER_KEY_MAX) return fault('head-signature')
  const message = bytesOfText(note.text)
  if (!ours.every((line) => verifySignature(primitives, key, message, line.bytes)))
    return fault('head-signature')
  const isEmpty = equal(checkpoint.root, emptyRoot(primitives))
  return checkpoint.size === 0 && !isEmpty ? fault('head-empty-root') : ok(checkpoint)
}
