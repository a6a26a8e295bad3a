/**
 * Inclusion and consistency proofs of RFC 6962 §2.1, made from perfect subtrees and checked as RFC 9162 §2.1.3
 * and §2.1.4 say. Sizes and indices go up to 2^53 − 1: halving is a division, never a shift, which would cut
 * them to 32 bits. Spec 03 §3.
 */
import { assert } from '../assert.ts'
import { equal } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { HASH_BYTES, nodeHash } from './merkle.ts'

/** A perfect subtree: the 2^level leaves from index · 2^level. */
export type Coordinate = { readonly level: number; readonly index: number }

/** What a proof is made of: perfect subtrees in order, and how many of them are joined into each of its hashes. */
export type ProofPlan = { readonly coordinates: readonly Coordinate[]; readonly joined: readonly number[] }

export type PlanFault = 'index-outside' | 'size-order'

export type ProofFault = 'index-outside' | 'size-order' | 'proof-length' | 'proof-hash' | 'root-mismatch'

/** What proves that the leaf at `index` is in the tree of `size`. */
export function planInclusion(index: number, size: number): Result<ProofPlan, PlanFault> {
  if (!isCount(index) || !isCount(size) || index >= size) return fault('index-outside')
  const parts: (readonly Coordinate[])[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    const goLeft = index < middle
    parts.push(goLeft ? cover(middle, end) : cover(start, middle))
    if (goLeft) end = middle
    else start = middle
  }
  return ok(planOf(parts.toReversed()))
}

/** What proves that the tree of `size` continues the tree of `oldSize`. There is no proof from size 0. */
export function planConsistency(oldSize: number, size: number): Result<ProofPlan, PlanFault> {
  if (!isCount(oldSize) || !isCount(size) || oldSize === 0 || oldSize > size) return fault('size-order')
  if (oldSize === size) return ok({ coordinates: [], joined: [] })
  const parts: (readonly Coordinate[])[] = []
  let [start, end] = [0, size]
  let isWhole = true
  while (end !== oldSize) {
    const middle = start + largestPowerBelow(end - start)
    if (oldSize <= middle) {
      parts.push(cover(middle, end))
      end = middle
    } else {
      parts.push(cover(start, middle))
      start = middle
      isWhole = false
    }
  }
  if (!isWhole) parts.push(cover(start, end))
  return ok(planOf(parts.toReversed()))
}

/** The proof, from the hashes at the plan's coordinates. */
export function foldProof(
  primitives: Primitives,
  plan: ProofPlan,
  hashes: readonly Uint8Array[],
): readonly Uint8Array[] {
  assert(hashes.length === plan.coordinates.length, 'a hash for each coordinate')
  let at = 0
  return plan.joined.map((count) => {
    const group = hashes.slice(at, at + count)
    at += count
    const root = group.reduceRight<Uint8Array | undefined>(
      (right, left) => (right === undefined ? left : nodeHash(primitives, left, right)),
      undefined,
    )
    assert(root !== undefined, 'each hash of a proof joins at least one subtree')
    return root
  })
}

export type InclusionClaim = {
  readonly leaf: Uint8Array
  readonly index: number
  readonly size: number
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** RFC 9162 §2.1.3.2. */
export function verifyInclusion(primitives: Primitives, claim: InclusionClaim): Result<true, ProofFault> {
  const { leaf, index, size, root, proof } = claim
  if (!isCount(index) || !isCount(size) || index >= size) return fault('index-outside')
  if (!isHash(leaf) || !isHash(root) || !proof.every(isHash)) return fault('proof-hash')
  let node = index
  let last = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return fault('proof-length')
    if (isOdd(node) || node === last) {
      hash = nodeHash(primitives, sibling, hash)
      while (!isOdd(node) && node !== 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      hash = nodeHash(primitives, hash, sibling)
    }
    node = half(node)
    last = half(last)
  }
  if (last !== 0) return fault('proof-length')
  return equal(hash, root) ? ok(true) : fault('root-mismatch')
}

export type ConsistencyClaim = {
  readonly oldSize: number
  readonly oldRoot: Uint8Array
  readonly size: number
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** RFC 9162 §2.1.4.2. Size 0 proves nothing and is refused: everything continues an empty tree. */
export function verifyConsistency(primitives: Primitives, claim: ConsistencyClaim): Result<true, ProofFault> {
  const roots = rootsOfConsistency(primitives, claim)
  if (!roots.ok) return roots
  const [older, newer] = roots.value
  return equal(older, claim.oldRoot) && equal(newer, claim.root) ? ok(true) : fault('root-mismatch')
}

/**
 * The roots that the hashes of a consistency proof make, of the older size and of the newer one. Where the newer is right
 * and the older is not, the newer tree is proven to continue another one (spec 03 §9, kind tree).
 */
export function rootsOfConsistency(
  primitives: Primitives,
  { oldSize, oldRoot, size, root, proof }: ConsistencyClaim,
): Result<readonly [Uint8Array, Uint8Array], ProofFault> {
  if (!isCount(oldSize) || !isCount(size) || oldSize === 0 || oldSize > size) return fault('size-order')
  if (!isHash(oldRoot) || !isHash(root) || !proof.every(isHash)) return fault('proof-hash')
  if (oldSize === size) return proof.length > 0 ? fault('proof-length') : ok([root, oldRoot])
  let node = oldSize - 1
  let last = size - 1
  while (isOdd(node)) {
    node = half(node)
    last = half(last)
  }
  // A power of two is itself the first subtree, so its proof leaves the old root out.
  const hashes = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof
  const [first, ...rest] = hashes
  if (first === undefined) return fault('proof-length')
  let [oldHash, newHash] = [first, first]
  for (const sibling of rest) {
    if (last === 0) return fault('proof-length')
    if (isOdd(node) || node === last) {
      oldHash = nodeHash(primitives, sibling, oldHash)
      newHash = nodeHash(primitives, sibling, newHash)
      while (!isOdd(node) && node !== 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      newHash = nodeHash(primitives, newHash, sibling)
    }
    node = half(node)
    last = half(last)
  }
  if (last !== 0) return fault('proof-length')
  return ok([oldHash, newHash])
}

/** The perfect subtrees that make up leaves [start, end), where start is aligned as RFC 6962 splits. */
function cover(start: number, end: number): readonly Coordinate[] {
  const coordinates: Coordinate[] = []
  let at = start
  // Powers of two are exact doubles; a logarithm near 2^53 is not.
  let [level, width] = [0, 1]
  for (; 2 * width <= end - start; level++) width *= 2
  for (; level >= 0; level--, width /= 2) {
    if (end - at < width) continue
    coordinates.push({ level, index: at / width })
    at += width
  }
  return coordinates
}

function planOf(parts: readonly (readonly Coordinate[])[]): ProofPlan {
  return { coordinates: parts.flat(), joined: parts.map((part) => part.length) }
}

/** The largest power of two below n, for n ≥ 2: where RFC 6962 splits a tree. */
function largestPowerBelow(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}

function isPowerOfTwo(n: number): boolean {
  return n === 1 || largestPowerBelow(n) * 2 === n
}

function isOdd(n: number): boolean {
  return n % 2 === 1
}

function half(n: number): number {
  return Math.floor(n / 2)
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0
}
