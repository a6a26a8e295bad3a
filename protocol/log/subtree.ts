/**
 * Subtrees: a run of leaves that is a tree of its own, shown to lie in a log's tree. With it a reader checks one
 * bundle of entries against a head without the rest of the log. draft-ietf-plants-merkle-tree-certs §4, spec 03 §3.4.
 */
import { equal } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { HASH_BYTES, nodeHash } from './merkle.ts'
import { verifyInclusion, type ProofFault } from './proof.ts'

/** Leaves [start, end), where start is a multiple of the smallest power of two that holds them all. */
export type Subtree = { readonly start: number; readonly end: number }

export type SubtreeFault = ProofFault | 'subtree-place'

export type SubtreeInclusionClaim = Subtree & {
  readonly leaf: Uint8Array
  /** The leaf's place in the log, not in the subtree. */
  readonly index: number
  /** The root of the subtree. */
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** That a leaf lies in a subtree: inclusion in a tree of its own. */
export function verifySubtreeInclusion(
  primitives: Primitives,
  { start, end, leaf, index, root, proof }: SubtreeInclusionClaim,
): Result<true, SubtreeFault> {
  if (!isSubtree({ start, end })) return fault('subtree-place')
  return verifyInclusion(primitives, { leaf, index: index - start, size: end - start, root, proof })
}

export type SubtreeConsistencyClaim = Subtree & {
  readonly subtreeRoot: Uint8Array
  readonly size: number
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** That a subtree lies in the tree of `size`. With start 0 this is the consistency of RFC 9162 §2.1.4. */
export function verifySubtreeConsistency(
  primitives: Primitives,
  claim: SubtreeConsistencyClaim,
): Result<true, SubtreeFault> {
  const { start, end, subtreeRoot, size, root, proof } = claim
  if (!isSubtree({ start, end })) return fault('subtree-place')
  if (!Number.isSafeInteger(size) || end > size) return fault('size-order')
  if (![subtreeRoot, root, ...proof].every((hash) => hash.length === HASH_BYTES)) return fault('proof-hash')
  let path: Path = { first: start, node: end - 1, last: size - 1 }
  while (path.first !== path.node && (path.node === path.last || path.node % 2 === 1)) path = up(path)
  // A perfect subtree starts the path itself, so its proof leaves its root out.
  const [begin, ...rest] = path.first === path.node ? [subtreeRoot, ...proof] : proof
  if (begin === undefined) return fault('proof-length')
  let [within, whole] = [begin, begin]
  for (const sibling of rest) {
    if (path.last === 0) return fault('proof-length')
    if (path.node % 2 === 1 || path.node === path.last) {
      if (path.first < path.node) within = nodeHash(primitives, sibling, within)
      whole = nodeHash(primitives, sibling, whole)
      while (path.node % 2 === 0 && path.node !== 0) path = up(path)
    } else {
      whole = nodeHash(primitives, whole, sibling)
    }
    path = up(path)
  }
  if (path.last !== 0) return fault('proof-length')
  return equal(within, subtreeRoot) && equal(whole, root) ? ok(true) : fault('root-mismatch')
}

export function isSubtree({ start, end }: Subtree): boolean {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start >= end) return false
  let width = 1
  while (width < end - start) width *= 2
  return start % width === 0
}

/** One node on each of three ways up: the subtree's first leaf, its last leaf, the tree's last leaf. */
type Path = { readonly first: number; readonly node: number; readonly last: number }

function up({ first, node, last }: Path): Path {
  return { first: Math.floor(first / 2), node: Math.floor(node / 2), last: Math.floor(last / 2) }
}
