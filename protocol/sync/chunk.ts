/**
 * A run of entries received for a log, checked against a verified head: inclusion first, because hashing is
 * cheap and settles who is to blame, then the validity of each entry. DESIGN §4.4 and §8, spec 04 §3.
 *
 * The hashes of a run extend the tree we hold to its new size; a consistency proof (none at the head's own
 * size) shows that this tree is a prefix of the head's. So a run is proven part of the head before one more
 * byte of it is looked at, and a long log is checked in bounded memory, from any peer, at any point.
 */
import { equal } from '../bytes.ts'
import type { PublicPart } from '../codec/part.ts'
import { hasSignatureForm } from '../identity/signature.ts'
import type { PublicKey } from '../identity/key.ts'
import type { KeyState } from '../identity/keystate.ts'
import type { Checkpoint } from '../log/checkpoint.ts'
import { checkEntry, checkFirstEntry, type CheckedEntry, type ValidityFault } from '../log/entry.ts'
import { checkErasure, type Erasure, type ErasureFault } from '../log/erasure.ts'
import { appendLeaf, edgeRoot, leafHash, type Edge } from '../log/merkle.ts'
import { verifyConsistency } from '../log/proof.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'

/** What we hold of a log. */
export type Replica = {
  readonly origin: string
  /** The root key that the charter binds to the log's domain. */
  readonly rootKey: PublicKey
  /** Absent until leaf 0 is held. */
  readonly keys: KeyState | undefined
  readonly edge: Edge
}

export type Chunk = {
  readonly from: number
  readonly entries: readonly Uint8Array[]
  /** One for each entry; null where the sender has none. */
  readonly parts: readonly (PublicPart | null)[]
  /** Why parts are null that were erased, in the order of the entries; absent where none was. */
  readonly erasures?: readonly Erasure[]
  /** From the size this chunk leads to, to the head's; empty when they are the same. */
  readonly proof: readonly Uint8Array[]
}

/** The sender's lie: these bytes are not under the head. It costs the sender and tells nothing about the log. */
export type InclusionFault = 'chunk-place' | 'chunk-inclusion'

export type ProvenChunk = {
  readonly leaves: readonly Uint8Array[]
  /** The tree after each entry; the last one is the chunk's. */
  readonly edges: readonly Edge[]
}

/** Checks that the chunk continues what we hold and lies under the head. */
export function proveChunk(
  primitives: Primitives,
  edge: Edge,
  head: Checkpoint,
  chunk: Chunk,
): Result<ProvenChunk, InclusionFault> {
  const { from, entries, parts, proof } = chunk
  const end = from + entries.length
  if (from !== edge.size || entries.length === 0 || parts.length !== entries.length)
    return fault('chunk-place')
  if (end > head.size) return fault('chunk-place')
  const leaves = entries.map((entry) => leafHash(primitives, entry))
  const edges: Edge[] = []
  let current = edge
  for (const leaf of leaves) {
    current = appendLeaf(primitives, current, leaf)
    edges.push(current)
  }
  return isUnder(primitives, current, head, proof) ? ok({ leaves, edges }) : fault('chunk-inclusion')
}

/** Entries whose public parts were erased, and the `erase` entry of each. */
export type Erased = ReadonlyMap<number, number>

/** Checks the erasures that a proven chunk brings, under the head that it was proven under. */
export function proveErasures(
  primitives: Primitives,
  head: Checkpoint,
  { from, entries, erasures = [] }: Chunk,
): Result<Erased, ErasureFault> {
  const erased = new Map<number, number>()
  for (const erasure of erasures) {
    const target = entries[erasure.of - from]
    if (target === undefined) return fault('erasure-place')
    const checked = checkErasure(primitives, head, target, erasure)
    if (!checked.ok) return checked
    erased.set(erasure.of, erasure.index)
  }
  return ok(erased)
}

/** The first entry of a chunk that is not valid, and why. */
export type Refusal = { readonly index: number; readonly fault: ValidityFault }

export type CheckedChunk = {
  readonly entries: readonly CheckedEntry[]
  readonly refusal: Refusal | undefined
}

/**
 * Checks the entries of a proven chunk in order and stops at the first that is not valid. Their signatures
 * are not verified yet: the caller does that, on as many threads as it has.
 */
export function checkChunk(
  primitives: Primitives,
  replica: Replica,
  chunk: Chunk,
  erased: Erased,
): CheckedChunk {
  const checked: CheckedEntry[] = []
  let keys = replica.keys
  for (const [offset, bytes] of chunk.entries.entries()) {
    const index = chunk.from + offset
    const part = chunk.parts[offset] ?? null
    const isErased = part === null && erased.has(index)
    const read =
      keys === undefined
        ? checkFirstEntry(primitives, replica.origin, replica.rootKey, bytes, part)
        : checkEntry(primitives, keys, index, bytes, isErased ? 'erased' : part)
    if (!read.ok) return { entries: checked, refusal: { index, fault: read.fault } }
    if (!hasSignatureForm(read.value.entry.signature)) {
      return { entries: checked, refusal: { index, fault: 'signature' } }
    }
    keys = read.value.keys
    checked.push(read.value)
  }
  return { entries: checked, refusal: undefined }
}

/** Who answers for a fault: parts are the sender's to bring, everything else stands in the author's leaf. */
export function blameFor(found: ValidityFault): 'sender' | 'author' {
  return found.startsWith('part-') && found !== 'part-not-document' ? 'sender' : 'author'
}

function isUnder(
  primitives: Primitives,
  edge: Edge,
  head: Checkpoint,
  proof: readonly Uint8Array[],
): boolean {
  const root = edgeRoot(primitives, edge)
  if (edge.size === head.size) return proof.length === 0 && equal(root, head.root)
  const claim = { oldSize: edge.size, oldRoot: root, size: head.size, root: head.root, proof }
  return verifyConsistency(primitives, claim).ok
}
