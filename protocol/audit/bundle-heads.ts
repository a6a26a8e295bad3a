/**
 * The heads of one log in a bundle, and how they hang together: each must be proven to be below the largest one, because a
 * log that shows the author's keys under one head and the statement under another could be two histories. Spec 08 §5.
 */
import { equal } from '../bytes.ts'
import type { PublicKey } from '../identity/key.ts'
import {
  verifyCheckpoint,
  type Checkpoint,
  type HeadSignatureFault,
  type SignedCheckpoint,
} from '../log/checkpoint.ts'
import type { NoteSignature } from '../log/note.ts'
import { rootsOfConsistency, verifyInclusion, type ProofFault } from '../log/proof.ts'
import { leafHash } from '../log/merkle.ts'
import type { ProofFile } from '../log/proof-file.ts'
import type { Primitives } from '../primitives.ts'
import type { Bundle, BundleConsistency } from './bundle.ts'

export type HeadFault = HeadSignatureFault | ProofFault | 'bundle-unlinked' | 'audit-split-view'

export type BundleHeads = {
  /** The largest head: what the log held when the bundle was made, at least. */
  readonly newest: Checkpoint | undefined
  /** Signed heads that the newest one is proven to continue, itself included, each with all the lines it came with. */
  readonly linked: ReadonlyMap<string, SignedCheckpoint>
  readonly faults: readonly HeadFault[]
}

export type LogAsked = {
  readonly origin: string
  readonly key: PublicKey
  /** Heads that the reader verified before: they must hang together with those in the bundle. */
  readonly earlier: readonly SignedCheckpoint[]
}

export function readHeads(
  primitives: Primitives,
  bundle: Bundle,
  { origin, key: logKey, earlier }: LogAsked,
): BundleHeads {
  const isHere = ({ signed }: ProofFile) => signed.checkpoint.origin === origin
  const files = [...bundle.proofs, ...bundle.keys.map(({ file }) => file)].filter(isHere)
  const links = bundle.consistency.filter(({ from }) => from.checkpoint.origin === origin)
  const inBundle = [...files.map(({ signed }) => signed), ...links.flatMap(({ from, to }) => [from, to])]
  const all = [...inBundle, ...earlier]
  const faults = new Set<HeadFault>()
  const heads = new Map<string, SignedCheckpoint>()
  for (const head of all) {
    if (head.checkpoint.origin !== origin) continue
    const verified = verifyCheckpoint(primitives, head, logKey)
    if (verified.ok) heads.set(head.note.text, joined(heads.get(head.note.text), head))
    else faults.add(verified.fault)
  }
  const newest = newestOf([...heads.values()])
  const linked = newest === undefined ? new Map() : below(primitives, heads, links, newest, faults)
  const isSigned = ({ signed }: ProofFile) => heads.has(signed.note.text)
  if (isSplit([...heads.values()]) || hasTwoEntries(primitives, files.filter(isSigned)))
    faults.add('audit-split-view')
  else if (linked.size < heads.size) faults.add('bundle-unlinked')
  return { newest: newest?.checkpoint, linked, faults: [...faults] }
}

function joined(known: SignedCheckpoint | undefined, head: SignedCheckpoint): SignedCheckpoint {
  if (known === undefined) return head
  const signatures = [...known.note.signatures]
  for (const line of head.note.signatures) {
    const isSame = (other: NoteSignature) =>
      other.name === line.name && equal(other.keyId, line.keyId) && equal(other.bytes, line.bytes)
    if (!signatures.some(isSame)) signatures.push(line)
  }
  return { ...known, note: { ...known.note, signatures } }
}

function newestOf(heads: readonly SignedCheckpoint[]): SignedCheckpoint | undefined {
  return heads.toSorted((a, b) => b.checkpoint.size - a.checkpoint.size)[0]
}

/** Two signed heads of one size with two roots: both histories are in the bundle. */
function isSplit(heads: readonly SignedCheckpoint[]): boolean {
  return new Set(heads.map(({ checkpoint }) => checkpoint.size)).size < heads.length
}

/** Two entries at one index, each proven under a signed head. */
function hasTwoEntries(primitives: Primitives, files: readonly ProofFile[]): boolean {
  const twice = files.filter((file) => files.some((other) => isOther(file, other)))
  return twice
    .filter(({ entry, index, proof, signed: { checkpoint } }) => {
      const { size, root } = checkpoint
      return verifyInclusion(primitives, { leaf: leafHash(primitives, entry), index, size, root, proof }).ok
    })
    .some((file, _, proven) => proven.some((other) => isOther(file, other)))
}

function isOther(one: ProofFile, other: ProofFile): boolean {
  return one.index === other.index && !equal(one.entry, other.entry)
}

/** Down from the newest head, over the proofs that hold. */
function below(
  primitives: Primitives,
  heads: ReadonlyMap<string, SignedCheckpoint>,
  links: readonly BundleConsistency[],
  newest: SignedCheckpoint,
  faults: Set<HeadFault>,
): ReadonlyMap<string, SignedCheckpoint> {
  const good = links.filter((link) => {
    const found = faultOfLink(primitives, heads, link)
    if (found !== undefined) faults.add(found)
    return found === undefined
  })
  const linked = new Map([[newest.note.text, newest]])
  // Sizes fall with every step, so this ends.
  for (const { note } of linked.values()) {
    for (const { from, to } of good) {
      const older = heads.get(from.note.text)
      if (to.note.text === note.text && older !== undefined) linked.set(from.note.text, older)
    }
  }
  return linked
}

/** A proof that leads to the newer of two signed heads from another tree than that of the older proves two histories. */
function faultOfLink(
  primitives: Primitives,
  heads: ReadonlyMap<string, SignedCheckpoint>,
  { from, to, proof }: BundleConsistency,
): HeadFault | undefined {
  const [older, newer] = [from.checkpoint, to.checkpoint]
  const claim = { oldSize: older.size, oldRoot: older.root, size: newer.size, root: newer.root, proof }
  const roots = rootsOfConsistency(primitives, claim)
  if (!roots.ok) return roots.fault
  if (!equal(roots.value[1], newer.root)) return 'root-mismatch'
  if (equal(roots.value[0], older.root)) return undefined
  const areSigned = heads.has(from.note.text) && heads.has(to.note.text)
  return areSigned ? 'audit-split-view' : 'root-mismatch'
}
