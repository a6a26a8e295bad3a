/**
 * Bundles (`.candor-bundle`): one file with everything that shows what became of some statements, for a reader without
 * a network. It is not signed and nothing in it is trusted: the reader brings the charter or the policy. DESIGN §2, spec 08 §5.
 */
import { assert } from '../assert.ts'
import { encode, parse, type Value } from '../codec/cbor.ts'
import { TIERS, type PublicPart, type Tier } from '../codec/part.ts'
import { hasKeys, isBytes, isCount, isList, isMap } from '../codec/value.ts'
import { BUNDLE_BYTES_MAX, BUNDLE_ITEMS_MAX, POLICY_BYTES_MAX, PROOF_HASHES_MAX } from '../limits.ts'
import {
  parseSignedCheckpoint,
  type CheckpointFault,
  type Checkpoint,
  type SignedCheckpoint,
} from '../log/checkpoint.ts'
import { printNote, type NoteFault } from '../log/note.ts'
import { parseProofFile, printProofFile, type ProofFile, type ProofFileFault } from '../log/proof-file.ts'
import { fault, ok, type Result } from '../result.ts'

/** A part with what opens its commitment. Of a restricted part `bytes` is a disclosure (spec 01 §6). */
export type BundleOpening = {
  /** Which of the proofs it belongs to. */
  readonly proof: number
  readonly tier: Tier
  readonly part: PublicPart
}

/** Two heads of one log and the proof that the second continues the first. */
export type BundleConsistency = {
  readonly from: SignedCheckpoint
  readonly to: SignedCheckpoint
  readonly proof: readonly Uint8Array[]
}

/** A statement that declares keys, with its public part: leaf 0 or a key event. */
export type KeyProof = { readonly file: ProofFile; readonly part: PublicPart }

export type Bundle = {
  /** The trust policy as its maker knows it: of use to a reader who brings its hash. */
  readonly policy: Uint8Array | null
  /** In the order of their logs and indices, each place once; so are the keys. */
  readonly proofs: readonly ProofFile[]
  /** In the order of their proofs and tiers. */
  readonly openings: readonly BundleOpening[]
  readonly consistency: readonly BundleConsistency[]
  /** Proof files of equivocation (spec 03 §9), read where they are judged. */
  readonly equivocations: readonly Uint8Array[]
  readonly keys: readonly KeyProof[]
}

export type BundleFault =
  | 'bundle-too-long'
  | 'bundle-cbor'
  | 'bundle-shape'
  | 'bundle-format'
  | 'bundle-empty'
  | 'bundle-too-many'
  | 'bundle-order'
  | 'bundle-opening'
  | 'bundle-heads'
  | ProofFileFault
  | NoteFault
  | CheckpointFault

export const BUNDLE_FORMAT = 'candor/bundle@v1'

export function printBundleFile(bundle: Bundle): Uint8Array {
  const { policy, proofs, openings, consistency, equivocations, keys } = bundle
  const bytes = encode({
    format: BUNDLE_FORMAT,
    policy,
    proofs: proofs.map(printProofFile),
    openings: openings.map(({ proof, tier, part }) => [proof, tier, ...partValue(part)]),
    consistency: consistency.map(({ from, to, proof }) => [printNote(from.note), printNote(to.note), proof]),
    equivocations,
    keys: keys.map(({ file, part }) => [printProofFile(file), ...partValue(part)]),
  })
  assert(parseBundleFile(bytes).ok, 'a bundle of ours can be read')
  return bytes
}

/** Reads a bundle. What parses prints back to the same bytes; what it shows is for `checkBundle` to say. */
export function parseBundleFile(bytes: Uint8Array): Result<Bundle, BundleFault> {
  if (bytes.length > BUNDLE_BYTES_MAX) return fault('bundle-too-long')
  const read = parse(bytes)
  if (!read.ok) return fault('bundle-cbor')
  if (!isMap(read.value) || !hasKeys(read.value, ...KEYS)) return fault('bundle-shape')
  const { format, policy = null } = read.value
  if (format !== BUNDLE_FORMAT) return fault('bundle-format')
  if (policy !== null && !(policy instanceof Uint8Array && policy.length <= POLICY_BYTES_MAX))
    return fault('bundle-shape')
  const proofs = listOf(read.value['proofs'], proofOf)
  if (!proofs.ok) return proofs
  const keys = listOf(read.value['keys'], keyOf)
  if (!keys.ok) return keys
  const openings = listOf(read.value['openings'], openingOf)
  if (!openings.ok) return openings
  const consistency = listOf(read.value['consistency'], consistencyOf)
  if (!consistency.ok) return consistency
  const equivocations = listOf(read.value['equivocations'], fileOf)
  if (!equivocations.ok) return equivocations
  if (proofs.value.length === 0 && equivocations.value.length === 0) return fault('bundle-empty')
  if (!isOrdered(proofs.value) || !isOrdered(keys.value.map(({ file }) => file))) return fault('bundle-order')
  const misplaced = openingFault(openings.value, proofs.value.length)
  if (misplaced !== undefined) return fault(misplaced)
  const lists = { proofs: proofs.value, openings: openings.value, consistency: consistency.value }
  return ok({ policy, ...lists, equivocations: equivocations.value, keys: keys.value })
}

/** The order in which a bundle holds its proofs. */
export function comparePlaces(a: ProofFile, b: ProofFile): number {
  const [one, other] = [a.signed.checkpoint.origin, b.signed.checkpoint.origin]
  // Origins are ASCII, so the order of their texts is that of their bytes.
  return one === other ? a.index - b.index : one < other ? -1 : 1
}

const KEYS = ['format', 'policy', 'proofs', 'openings', 'consistency', 'equivocations', 'keys'] as const

function partValue({ opening, mediaType, bytes }: PublicPart): readonly Value[] {
  return [opening, mediaType, bytes]
}

function listOf<T>(
  value: Value | undefined,
  read: (item: Value) => Result<T, BundleFault>,
): Result<readonly T[], BundleFault> {
  if (!isList(value)) return fault('bundle-shape')
  if (value.length > BUNDLE_ITEMS_MAX) return fault('bundle-too-many')
  const items: T[] = []
  for (const item of value) {
    const one = read(item)
    if (!one.ok) return one
    items.push(one.value)
  }
  return ok(items)
}

function fileOf(value: Value | undefined): Result<Uint8Array, BundleFault> {
  return value instanceof Uint8Array ? ok(value) : fault('bundle-shape')
}

function proofOf(value: Value | undefined): Result<ProofFile, BundleFault> {
  const bytes = fileOf(value)
  return bytes.ok ? parseProofFile(bytes.value) : bytes
}

function keyOf(value: Value): Result<KeyProof, BundleFault> {
  if (!isList(value) || value.length !== 4) return fault('bundle-shape')
  const [bytes, ...rest] = value
  const file = proofOf(bytes)
  if (!file.ok) return file
  const part = partOf(rest)
  return part === undefined ? fault('bundle-opening') : ok({ file: file.value, part })
}

function openingOf(value: Value): Result<BundleOpening, BundleFault> {
  if (!isList(value) || value.length !== 5) return fault('bundle-shape')
  const [proof, name, ...rest] = value
  const tier = TIERS.find((one) => one === name)
  const part = partOf(rest)
  return isCount(proof) && tier !== undefined && part !== undefined
    ? ok({ proof, tier, part })
    : fault('bundle-opening')
}

function partOf([opening, mediaType, bytes]: readonly Value[]): PublicPart | undefined {
  if (!(opening instanceof Uint8Array) || typeof mediaType !== 'string' || !(bytes instanceof Uint8Array))
    return undefined
  return { opening, mediaType, bytes }
}

function consistencyOf(value: Value): Result<BundleConsistency, BundleFault> {
  if (!isList(value) || value.length !== 3) return fault('bundle-shape')
  const [older, newer, hashes] = value
  if (!(older instanceof Uint8Array) || !(newer instanceof Uint8Array)) return fault('bundle-shape')
  if (!isList(hashes) || hashes.length > PROOF_HASHES_MAX) return fault('bundle-shape')
  const proof = hashes.filter((hash): hash is Uint8Array => isBytes(hash, 32))
  if (proof.length !== hashes.length) return fault('bundle-shape')
  const from = parseSignedCheckpoint(older)
  if (!from.ok) return from
  const to = parseSignedCheckpoint(newer)
  if (!to.ok) return to
  const isUpwards = continues(from.value.checkpoint, to.value.checkpoint)
  return isUpwards ? ok({ from: from.value, to: to.value, proof }) : fault('bundle-heads')
}

/** Of size 0 nothing can be proven, and of equal sizes nothing needs to be. */
function continues(from: Checkpoint, to: Checkpoint): boolean {
  return from.origin === to.origin && from.size > 0 && from.size < to.size
}

function isOrdered(files: readonly ProofFile[]): boolean {
  return files.every((file, at) => {
    const before = files[at - 1]
    return before === undefined || comparePlaces(before, file) < 0
  })
}

function openingFault(openings: readonly BundleOpening[], proofs: number): BundleFault | undefined {
  let last = -1
  for (const { proof, tier } of openings) {
    if (proof >= proofs) return 'bundle-opening'
    const place = proof * TIERS.length + TIERS.indexOf(tier)
    if (place <= last) return 'bundle-order'
    last = place
  }
  return undefined
}
