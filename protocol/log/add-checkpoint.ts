/**
 * The bodies of C2SP tlog-witness: a log asks a witness to cosign its newest head, and proves that it continues the
 * one the witness knows. Over libp2p and over HTTP the bytes are the same. Spec 03 §12.
 *
 *     old <size> LF  0*63( base64 hash LF )  LF  <checkpoint>
 */
import { bytesOfText, concat, parseBase64, printBase64, textOfBytes } from '../bytes.ts'
import { NOTE_BYTES_MAX, PROOF_HASHES_MAX, SIGNATURES_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'
import { parseCount } from './checkpoint.ts'
import { HASH_BYTES } from './merkle.ts'
import { parseSignatureLine, printSignatureLine, type NoteSignature } from './note.ts'

export type AddCheckpoint = {
  /** The size that the log believes the witness has. */
  readonly oldSize: number
  readonly proof: readonly Uint8Array[]
  /** The signed head; read by its own reader. */
  readonly note: Uint8Array
}

export type AddCheckpointFault = 'add-too-long' | 'add-utf8' | 'add-shape' | 'add-old' | 'add-hash'

/** A head line, the hashes in base64 and a note. */
export const ADD_CHECKPOINT_BYTES_MAX = 32 + PROOF_HASHES_MAX * 45 + NOTE_BYTES_MAX

export function printAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): Uint8Array {
  const hashes = proof.map((hash) => `${printBase64(hash)}\n`).join('')
  return concat(bytesOfText(`old ${oldSize}\n${hashes}\n`), note)
}

/** Reads a request. What parses prints back to the same bytes. */
export function parseAddCheckpoint(bytes: Uint8Array): Result<AddCheckpoint, AddCheckpointFault> {
  if (bytes.length > ADD_CHECKPOINT_BYTES_MAX) return fault('add-too-long')
  const text = textOfBytes(bytes)
  if (!text.ok) return fault('add-utf8')
  // The first blank line ends the proof; the note below has its own.
  const split = text.value.indexOf('\n\n')
  if (split === -1) return fault('add-shape')
  const [first, ...lines] = text.value.slice(0, split).split('\n')
  if (first === undefined || !first.startsWith('old ')) return fault('add-shape')
  const oldSize = parseCount(first.slice('old '.length))
  if (oldSize === undefined) return fault('add-old')
  if (lines.length > PROOF_HASHES_MAX) return fault('add-hash')
  const proof: Uint8Array[] = []
  for (const line of lines) {
    const hash = parseBase64(line)
    if (!hash.ok || hash.value.length !== HASH_BYTES) return fault('add-hash')
    proof.push(hash.value)
  }
  return ok({ oldSize, proof, note: bytesOfText(text.value.slice(split + 2)) })
}

/** The body of a witness that cosigned: one line for each cosignature. */
export function printCosignatureLines(lines: readonly NoteSignature[]): Uint8Array {
  return bytesOfText(lines.map(printSignatureLine).join(''))
}

/** Reads them; nothing is said of their validity, and unknown lines are for the caller to pass over. */
export function parseCosignatureLines(
  bytes: Uint8Array,
): Result<readonly NoteSignature[], 'cosignature-lines'> {
  const text = bytes.length > NOTE_BYTES_MAX ? undefined : textOfBytes(bytes)
  if (text?.ok !== true || !text.value.endsWith('\n')) return fault('cosignature-lines')
  const lines = text.value.slice(0, -1).split('\n')
  const read = lines.map(parseSignatureLine).filter((line) => line !== undefined)
  if (read.length !== lines.length || read.length > SIGNATURES_MAX) return fault('cosignature-lines')
  return ok(read)
}
