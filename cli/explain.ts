/**
 * Each hash step of a check, as it is made: what went in, byte for byte, and what came out, for a reader who wants to
 * repeat it with sha256sum. Spec 01 §5, 03 §2 and §3, 08 §5.
 */
import { checkedPrimitives, type Client } from '../node/api/client.ts'
import type { Bundle } from '../protocol/audit/bundle.ts'
import { bytesOfText, concat, printBase64, printHex } from '../protocol/bytes.ts'
import { checkPublicPart } from '../protocol/codec/part.ts'
import { parseEntry } from '../protocol/codec/statement.ts'
import { leafHash } from '../protocol/log/merkle.ts'
import { verifyConsistency, verifyInclusion } from '../protocol/log/proof.ts'
import { parseSignedCheckpoint } from '../protocol/log/checkpoint.ts'
import type { ProofFile } from '../protocol/log/proof-file.ts'
import type { Primitives } from '../protocol/primitives.ts'

/** One SHA-256. */
export type HashStep = { readonly what: string; readonly input: Uint8Array; readonly hash: Uint8Array }

export type Explained = {
  readonly title: string
  readonly steps: readonly HashStep[]
  /** What the last hash is compared with, or what else there is to know of it. */
  readonly result: string
}

type Shown = Pick<Bundle, 'proofs' | 'openings' | 'consistency'>

export function explainBundle({ proofs, openings, consistency }: Shown): readonly Explained[] {
  return [
    ...proofs.flatMap((file, at) => [
      ...explainSignature(file),
      ...openings.filter(({ proof, tier }) => proof === at && tier === 'public').flatMap(explainPart(file)),
      explainPlace(file),
    ]),
    ...consistency.map(explainLink),
    ...explainHeads([
      ...proofs.map(({ signed }) => signed),
      ...consistency.flatMap(({ from, to }) => [from, to]),
    ]),
  ]
}

export type ShownPlace = {
  readonly origin: string
  readonly index: number
  /** The head under which it was audited. */
  readonly note: Uint8Array | undefined
}

/** What a node hands over of these statements, under the heads that were audited, to be explained. */
export async function proofsOf(
  client: Pick<Client, 'inclusion'>,
  places: readonly ShownPlace[],
): Promise<Shown> {
  const proofs: ProofFile[] = []
  const openings: Bundle['openings'][number][] = []
  for (const { origin, index, note } of places) {
    const signed = note === undefined ? undefined : parseSignedCheckpoint(note)
    if (signed?.ok !== true) continue
    const { entry, part, proof } = await client.inclusion(origin, index, signed.value.checkpoint.size)
    if (part !== null) {
      const [opening, mediaType, bytes] = part
      openings.push({ proof: proofs.length, tier: 'public', part: { opening, mediaType, bytes } })
    }
    proofs.push({ entry, index, proof, signed: signed.value })
  }
  return { proofs, openings, consistency: [] }
}

/** What the key of the author signed: its digest is the statement's id. */
function explainSignature({ entry: bytes, index }: ProofFile): readonly Explained[] {
  const entry = parseEntry(bytes)
  if (!entry.ok) return []
  const { header, toBeSigned, signature } = entry.value
  const { steps } = traced(({ sha256 }) => sha256(toBeSigned), ['the bytes that the author signed'])
  const result = `the statement id; signed (Ed25519) with ${printHex(signature)} by the key with SHA-256 ${printHex(header.keyId)}`
  return [{ title: `What entry ${index} of ${header.issuer} is signed over`, steps, result }]
}

function explainPart({ entry: bytes, index }: ProofFile) {
  return ({ part }: Bundle['openings'][number]): readonly Explained[] => {
    const entry = parseEntry(bytes)
    if (!entry.ok) return []
    const { header, statement } = entry.value
    const { steps, value } = traced(
      (primitives) => checkPublicPart(primitives, entry.value, part).ok,
      ['the public part'],
    )
    const result = `the commitment in the entry ${printHex(statement.parts[0])}: ${sameness(value)}`
    return [{ title: `The public part of entry ${index} of ${header.issuer}`, steps, result }]
  }
}

function explainPlace({ entry, index, proof, signed }: ProofFile): Explained {
  const { origin, size, root } = signed.checkpoint
  const whats = [
    'leaf hash: 00, then the entry',
    ...proof.map((_, at) => `01, then both sides: sibling ${at}`),
  ]
  const { steps, value } = traced((primitives) => {
    const leaf = leafHash(primitives, entry)
    return verifyInclusion(primitives, { leaf, index, size, root, proof }).ok
  }, whats)
  const title = `Entry ${index} under the head of size ${size} of ${origin}`
  return { title, steps, result: compared(root, value) }
}

function explainLink({ from, to, proof }: Bundle['consistency'][number]): Explained {
  const [older, newer] = [from.checkpoint, to.checkpoint]
  const claim = { oldSize: older.size, oldRoot: older.root, size: newer.size, root: newer.root, proof }
  const { steps, value } = traced((primitives) => verifyConsistency(primitives, claim).ok, [])
  const title = `From the head of size ${older.size} to that of size ${newer.size} of ${older.origin}`
  return {
    title,
    steps,
    result: `older ${compared(older.root, value)}; newer ${compared(newer.root, value)}`,
  }
}

/** What the keys of logs signed: the three lines of each head. */
function explainHeads(heads: readonly ProofFile['signed'][]): readonly Explained[] {
  const texts = new Map(heads.map((head) => [head.note.text, head.checkpoint]))
  return [...texts].map(([text, { origin, size, root }]) => {
    const { steps } = traced(({ sha256 }) => sha256(bytesOfText(text)), ['the bytes that the log signed'])
    const result = `its third line is the root ${printHex(root)}`
    return { title: `The head of size ${size} of ${origin}`, steps, result }
  })
}

const NODE_BYTES = 65

/** Runs a check with hash functions that write down what they are given. HMAC is two hashes (RFC 2104). */
function traced<T>(check: (primitives: Primitives) => T, whats: readonly string[]) {
  const primitives = checkedPrimitives()
  const steps: HashStep[] = []
  const sha256 = (input: Uint8Array, what = nameOf(input, whats[steps.length])) => {
    const hash = primitives.sha256(input)
    // The tree hashes from a buffer that it fills again.
    steps.push({ what, input: Uint8Array.from(input), hash })
    return hash
  }
  const hmacSha256 = (key: Uint8Array, bytes: Uint8Array) => {
    const inner = sha256(
      concat(padded(key, 0x36), bytes),
      'HMAC-SHA-256, inner: the key xor 36…, then the message',
    )
    return sha256(
      concat(padded(key, 0x5c), inner),
      'HMAC-SHA-256, outer: the key xor 5c…, then the inner hash',
    )
  }
  const value = check({ ...primitives, sha256, hmacSha256 })
  return { steps, value }
}

function nameOf(input: Uint8Array, what: string | undefined): string {
  return what ?? (input.length === NODE_BYTES && input[0] === 1 ? '01, then both sides' : 'hashed')
}

const BLOCK_BYTES = 64

function padded(key: Uint8Array, pad: number): Uint8Array {
  return Uint8Array.from({ length: BLOCK_BYTES }, (_, at) => (key[at] ?? 0) ^ pad)
}

function compared(root: Uint8Array, holds: boolean): string {
  return `root in the head ${printHex(root)} (${printBase64(root)}): ${sameness(holds)}`
}

function sameness(holds: boolean): string {
  return holds ? 'the same' : 'NOT the same'
}
