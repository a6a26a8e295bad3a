/**
 * Cosignatures: what other members add below a log's head (C2SP tlog-cosignature v1, Ed25519). A witness states
 * that the head is consistent with all it saw; a mirror, that it also stored and checked every entry. Spec 03 §6.
 *
 * The signed message does not name the cosigner, so a key must serve one cosigner only: one key under two names
 * would count twice.
 */
import { assert } from '../assert.ts'
import { bytesOfText, concat, equal, printHex } from '../bytes.ts'
import type { PublicKey } from '../identity/key.ts'
import { SIGNATURE_BYTES, verifySignature } from '../identity/signature.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { noteKeyId, SIGNATURE_TYPE, type Note, type NoteSignature } from './note.ts'

export type CosignerRole = 'witness' | 'mirror'

/** A cosigner as a verifier knows it, from the key state of the member that runs it. */
export type Cosigner = { readonly name: string; readonly key: PublicKey }

/** A checked cosignature; `time` is in seconds since 1970, by the cosigner's clock. */
export type Cosigned = { readonly cosigner: Cosigner; readonly time: number }

export type CosignatureFault =
  | 'cosigner-repeated'
  | 'cosignature-absent'
  | 'cosignature-length'
  | 'cosignature-time'
  | 'cosignature-invalid'

const TIME_BYTES = 8

/** k = ⌊2n/3⌋ + 1 of n other voting members: two quorums share an honest one while fewer than a third are not. */
export function quorum(members: number): number {
  assert(Number.isSafeInteger(members) && members >= 0, 'members are counted')
  return Math.floor((2 * members) / 3) + 1
}

/** `<org-domain>/candor/witness` or `…/mirror`. An origin has four segments, so neither can be a log's name. */
export function printCosignerName(domain: string, role: CosignerRole): string {
  return `${domain}/candor/${role}`
}

/** What is signed: a header line that no origin can be, the time, and the checkpoint's text. */
export function cosignatureMessage(text: string, time: number): Uint8Array {
  assert(Number.isSafeInteger(time) && time >= 0, 'a time is in whole seconds since 1970')
  return bytesOfText(`cosignature/v1\ntime ${time}\n${text}`)
}

/** Signs a checkpoint's text at a time, as a line for its note. */
export function cosign(
  primitives: Primitives,
  { name, key }: Cosigner,
  head: { readonly text: string; readonly time: number },
  sign: (message: Uint8Array) => Uint8Array,
): NoteSignature {
  const keyId = noteKeyId(primitives, name, SIGNATURE_TYPE.cosignature, key)
  return { name, keyId, bytes: printCosignature(head.time, sign(cosignatureMessage(head.text, head.time))) }
}

/** The bytes behind the key id: big-endian uint64 of the time, then the signature. */
export function printCosignature(time: number, signature: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES)
  let rest = time
  for (let i = TIME_BYTES - 1; i >= 0; i--) {
    bytes[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return concat(bytes, signature)
}

export function parseCosignature(
  bytes: Uint8Array,
): Result<
  { readonly time: number; readonly signature: Uint8Array },
  'cosignature-length' | 'cosignature-time'
> {
  if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return fault('cosignature-length')
  let time = 0
  for (const byte of bytes.subarray(0, TIME_BYTES)) time = time * 256 + byte
  // Above 2^53 − 1 the sum has lost bits, and the line would not print back to itself.
  if (!Number.isSafeInteger(time)) return fault('cosignature-time')
  return ok({ time, signature: bytes.slice(TIME_BYTES) })
}

/** Checks one cosigner's line. Should it stand there twice, both must be good; the earlier time is taken. */
export function verifyCosignature(
  primitives: Primitives,
  cosigner: Cosigner,
  note: Note,
): Result<Cosigned, CosignatureFault> {
  const { name, key } = cosigner
  const keyId = noteKeyId(primitives, name, SIGNATURE_TYPE.cosignature, key)
  let earliest: number | undefined
  for (const line of note.signatures) {
    if (line.name !== name || !equal(line.keyId, keyId)) continue
    const read = parseCosignature(line.bytes)
    if (!read.ok) return read
    const { time, signature } = read.value
    if (!verifySignature(primitives, key, cosignatureMessage(note.text, time), signature)) {
      return fault('cosignature-invalid')
    }
    earliest = earliest === undefined ? time : Math.min(earliest, time)
  }
  return earliest === undefined ? fault('cosignature-absent') : ok({ cosigner, time: earliest })
}

/**
 * Which of these cosigners cosigned, each once. A bad line of any of them refuses the note (C2SP signed-note);
 * lines of others are ignored. The caller leaves out the log's own member and compares with `quorum`.
 */
export function verifyCosignatures(
  primitives: Primitives,
  cosigners: readonly Cosigner[],
  note: Note,
): Result<readonly Cosigned[], Exclude<CosignatureFault, 'cosignature-absent'>> {
  if (new Set(cosigners.map(({ key }) => printHex(key))).size < cosigners.length)
    return fault('cosigner-repeated')
  const cosigned: Cosigned[] = []
  for (const cosigner of cosigners) {
    const read = verifyCosignature(primitives, cosigner, note)
    if (read.ok) cosigned.push(read.value)
    else if (read.fault !== 'cosignature-absent') return fault(read.fault)
  }
  return ok(cosigned)
}
