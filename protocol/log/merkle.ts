/**
 * The RFC 6962 tree: leaf and node hashes, and the right edge that a growing log keeps. Spec 03 §2.
 *
 * The prefixes 0x00 and 0x01 keep a leaf from passing for a node.
 */
import { assert } from '../assert.ts'
import { INTEGER_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'

/**
 * The right edge of a tree: the roots of its perfect subtrees, largest first. Their sizes are the powers of
 * two in `size`, so a tree of n leaves has an edge of at most 53 hashes.
 */
export type Edge = { readonly size: number; readonly hashes: readonly Uint8Array[] }

/**
 * The hashes of consecutive leaves and, where they are a perfect subtree that begins at a multiple of its width, the root
 * over them if whoever hashed them has it already.
 */
export type HashedLeaves = { readonly hashes: readonly Uint8Array[]; readonly root?: Uint8Array }

export const EMPTY_EDGE: Edge = { size: 0, hashes: [] }

export const HASH_BYTES = 32

// What is hashed, built in the same two buffers again and again: making one for each hash costs as much as hashing it.
let leafMessage = new Uint8Array(1_024)
const nodeMessage = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES))

/** SHA-256(0x00 ‖ entry). */
export function leafHash(primitives: Primitives, entry: Uint8Array): Uint8Array {
  if (leafMessage.length <= entry.length) leafMessage = new Uint8Array(2 * entry.length)
  leafMessage.set(entry, 1)
  return primitives.sha256(leafMessage.subarray(0, entry.length + 1))
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(primitives: Primitives, left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeMessage.set(left, 1)
  nodeMessage.set(right, 1 + HASH_BYTES)
  return primitives.sha256(nodeMessage)
}

/** The root of no leaves: SHA-256 of nothing. */
export function emptyRoot(primitives: Primitives): Uint8Array {
  return primitives.sha256(new Uint8Array(0))
}

/** The edge with one more leaf: as many joins as the old size has trailing one-bits. */
export function appendLeaf(primitives: Primitives, edge: Edge, leaf: Uint8Array): Edge {
  return appendLeaves(primitives, edge, [leaf])
}

/** The edge with these leaves, in order; about one join for each. */
export function appendLeaves(primitives: Primitives, edge: Edge, leaves: readonly Uint8Array[]): Edge {
  assert(edge.size <= INTEGER_MAX - leaves.length, 'a log has at most 2^53 − 1 entries')
  const hashes = [...edge.hashes]
  let size = edge.size
  for (const leaf of leaves) {
    let carried = leaf
    for (let width = size; width % 2 === 1; width = Math.floor(width / 2)) {
      const left = hashes.pop()
      assert(left !== undefined, 'an edge has a hash for each one-bit of its size')
      carried = nodeHash(primitives, left, carried)
    }
    hashes.push(carried)
    size += 1
  }
  return { size, hashes }
}

/**
 * The edge with a perfect subtree of `width` leaves, a power of two, whose root is known. Its size is a multiple of `width`:
 * subtrees stand nowhere else.
 */
export function appendSubtree(primitives: Primitives, edge: Edge, width: number, root: Uint8Array): Edge {
  assert(edge.size <= INTEGER_MAX - width, 'a log has at most 2^53 − 1 entries')
  assert(edge.size % width === 0, 'a perfect subtree stands at a multiple of its width')
  const above = appendLeaf(primitives, { size: edge.size / width, hashes: edge.hashes }, root)
  return { size: edge.size + width, hashes: above.hashes }
}

/** The root over an edge: its subtrees joined from the right. */
export function edgeRoot(primitives: Primitives, edge: Edge): Uint8Array {
  let root: Uint8Array | undefined
  for (const hash of edge.hashes.toReversed()) {
    root = root === undefined ? hash : nodeHash(primitives, hash, root)
  }
  return root ?? emptyRoot(primitives)
}
