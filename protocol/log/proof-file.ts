/**
 * One record's proof as a text file (C2SP tlog-proof): the entry in the `extra` line, its index, the inclusion
 * proof and the signed head with its cosignatures. Nothing in it is trusted; the verifier brings the keys. Spec 03 §8.
 */
import { assert } from '../assert.ts'
import { bytesOfText, parseBase64, printBase64, textOfBytes } from '../bytes.ts'
import type { PublicKey } from '../identity/key.ts'
import { ENTRY_BYTES_MAX, PROOF_FILE_BYTES_MAX, PROOF_HASHES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import {
  parseCount,
  parseSignedCheckpoint,
  verifyCheckpoint,
  type Checkpoint,
  type CheckpointFault,
  type HeadSignatureFault,
  type SignedCheckpoint,
} from './checkpoint.ts'
import { HASH_BYTES, leafHash } from './merkle.ts'
import { printNote, type NoteFault } from './note.ts'
import { verifyInclusion, type ProofFault } from './proof.ts'

export type ProofFile = {
  readonly entry: Uint8Array
  readonly index: number
  readonly proof: readonly Uint8Array[]
  readonly signed: SignedCheckpoint
}

export type ProofFileFault =
  | 'proof-file-too-long'
  | 'proof-file-utf8'
  | 'proof-file-shape'
  | 'proof-file-header'
  | 'proof-file-entry'
  | 'proof-file-index'
  | 'proof-file-hash'
  | NoteFault
  | CheckpointFault

const HEADER = 'c2sp.org/tlog-proof@v1'

export function printProofFile({ entry, index, proof, signed }: ProofFile): Uint8Array {
  assert(entry.length > 0 && entry.length <= ENTRY_BYTES_MAX, 'an entry has a size limit')
  const lines = [HEADER, `extra ${printBase64(entry)}`, `index ${index}`, ...proof.map(printBase64)]
  const head = textOfBytes(printNote(signed.note))
  assert(head.ok, 'a note is text')
  return bytesOfText(`${lines.join('\n')}\n\n${head.value}`)
}

/** Reads a proof file. What parses prints back to the same bytes. */
export function parseProofFile(bytes: Uint8Array): Result<ProofFile, ProofFileFault> {
  if (bytes.length > PROOF_FILE_BYTES_MAX) return fault('proof-file-too-long')
  const text = textOfBytes(bytes)
  if (!text.ok) return fault('proof-file-utf8')
  // The first blank line ends the proof; the note below it has its own.
  const split = text.value.indexOf('\n\n')
  if (split === -1) return fault('proof-file-shape')
  const [header, extra, at, ...hashes] = text.value.slice(0, split).split('\n')
  if (header !== HEADER) return fault('proof-file-header')
  const entry = parseBase64(afterWord('extra ', extra))
  if (!entry.ok || entry.value.length === 0 || entry.value.length > ENTRY_BYTES_MAX)
    return fault('proof-file-entry')
  const index = parseCount(afterWord('index ', at))
  if (index === undefined) return fault('proof-file-index')
  if (hashes.length > PROOF_HASHES_MAX) return fault('proof-file-hash')
  const proof: Uint8Array[] = []
  for (const line of hashes) {
    const hash = parseBase64(line)
    if (!hash.ok || hash.value.length !== HASH_BYTES) return fault('proof-file-hash')
    proof.push(hash.value)
  }
  const signed = parseSignedCheckpoint(bytesOfText(text.value.slice(split + 2)))
  return signed.ok ? ok({ entry: entry.value, index, proof, signed: signed.value }) : signed
}

/**
 * Checks that the entry's bytes stand at the index under a head signed by the log's key. It says nothing about
 * the entry itself (`checkEntry` does) nor about who else saw the head (`verifyCosignatures` does).
 */
export function verifyProofFile(
  primitives: Primitives,
  { entry, index, proof, signed }: ProofFile,
  logKey: PublicKey,
): Result<{ readonly checkpoint: Checkpoint; readonly leaf: Uint8Array }, HeadSignatureFault | ProofFault> {
  const head = verifyCheckpoint(primitives, signed, logKey)
  if (!head.ok) return head
  const { size, root } = head.value
  const leaf = leafHash(primitives, entry)
  const included = verifyInclusion(primitives, { leaf, index, size, root, proof })
  return included.ok ? ok({ checkpoint: head.value, leaf }) : included
}

/** What follows the word a line begins with, or a text that no reader accepts. */
function afterWord(word: string, line: string | undefined): string {
  return line?.startsWith(word) === true ? line.slice(word.length) : '?'
}
