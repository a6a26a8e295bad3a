/**
 * An auditor's signature on a report, detached: a C2SP signed note over the report's digest, so that a verifier nobody
 * here wrote (Go's sumdb/note, signify's successors) can check it. Spec 02 §8.
 */
import { bytesOfText, equal, printBase64 } from '../bytes.ts'
import type { PublicKey } from '../identity/key.ts'
import { verifySignature } from '../identity/signature.ts'
import {
  noteKeyId,
  parseNote,
  printNote,
  SIGNATURE_TYPE,
  type NoteFault,
  type VerifierKey,
} from '../log/note.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'

export type ReportSignatureFault =
  | NoteFault
  /** It signs another report, or something that is no report. */
  | 'report-other'
  /** The key does not stand among its lines. */
  | 'report-unsigned'
  | 'report-signature'
  /** A key of another kind. */
  | 'report-key'

/** Whoever audits: a name without spaces and plus signs, and a key that signs nothing else. */
export type ReportSigner = {
  readonly name: string
  readonly key: PublicKey
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** First line of the note: neither an origin nor the first line of a cosignature. */
const HEADER = 'candor/report@v1'

/** The note that is kept beside the report, usually as `<report>.sig`. */
export function signReport(primitives: Primitives, signer: ReportSigner, digest: Uint8Array): Uint8Array {
  const { name, key, sign } = signer
  const text = textOf(digest)
  const keyId = noteKeyId(primitives, name, SIGNATURE_TYPE.ed25519, key)
  return printNote({ text, signatures: [{ name, keyId, bytes: sign(bytesOfText(text)) }] })
}

/** Whether the owner of this key signed exactly these bytes. Lines of other keys are ignored. */
export function checkReport(
  primitives: Primitives,
  { name, type, key }: VerifierKey,
  report: Uint8Array,
  signature: Uint8Array,
): Result<true, ReportSignatureFault> {
  if (type !== SIGNATURE_TYPE.ed25519) return fault('report-key')
  const note = parseNote(signature)
  if (!note.ok) return note
  const { text, signatures } = note.value
  if (text !== textOf(primitives.sha256(report))) return fault('report-other')
  const keyId = noteKeyId(primitives, name, type, key)
  const lines = signatures.filter((line) => line.name === name && equal(line.keyId, keyId))
  if (lines.length === 0) return fault('report-unsigned')
  const message = bytesOfText(text)
  const isSigned = lines.every(({ bytes }) => verifySignature(primitives, key, message, bytes))
  return isSigned ? ok(true) : fault('report-signature')
}

function textOf(digest: Uint8Array): string {
  return `${HEADER}\n${printBase64(digest)}\n`
}
