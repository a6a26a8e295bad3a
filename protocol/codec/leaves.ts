/**
 * The tree over a part's leaves, and proofs for some of them: a full binary tree whose length is a power of two, so
 * that its shape tells nothing. Spec 01 §6.
 */
import { assert } from '../assert.ts'
import { ITEMS_MAX } from '../limits.ts'
import { nodeHash } from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'

/** A leaf whose hash is known, at its place. */
export type KnownLeaf = { readonly index: number; readonly hash: Uint8Array }

const LEAVES_MIN = 16

/** The leaves of a tree that holds so many items. */
export function paddedLength(count: number): number {
  let length = LEAVES_MIN
  while (length < count) length *= 2
  return length
}

export function isTreeLength(length: number): boolean {
  return (
    Number.isSafeInteger(length) &&
    length >= LEAVES_MIN &&
    length <= ITEMS_MAX &&
    paddedLength(length) === length
  )
}

/** The root over hashes whose number is a power of two. */
export function rootOfHashes(primitives: Primitives, hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes
  while (level.length > 1) {
    const next: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) next.push(nodeHash(primitives, at(level, i), at(level, i + 1)))
    level = next
  }
  return at(level, 0)
}

/** Roots of the largest subtrees without a known leaf, left to right, as a depth-first walk meets them. */
export function siblingsOf(
  primitives: Primitives,
  hashes: readonly Uint8Array[],
  known: ReadonlySet<number>,
): readonly Uint8Array[] {
  const siblings: Uint8Array[] = []
  collectSiblings(primitives, hashes, { start: 0, end: hashes.length }, known, siblings)
  return siblings
}

/** The root that known leaves, in increasing order of index, and siblings lead to; each has to be of use. */
export function rootOfLeaves(
  primitives: Primitives,
  length: number,
  known: readonly KnownLeaf[],
  siblings: readonly Uint8Array[],
): Uint8Array | undefined {
  const walk = { known, siblings, nextLeaf: 0, nextSibling: 0 }
  const root = walkRoot(primitives, walk, 0, length)
  return walk.nextSibling === siblings.length ? root : undefined
}

type Span = { readonly start: number; readonly end: number }

function collectSiblings(
  primitives: Primitives,
  hashes: readonly Uint8Array[],
  { start, end }: Span,
  known: ReadonlySet<number>,
  siblings: Uint8Array[],
): void {
  let some = false
  for (let i = start; i < end && !some; i++) some = known.has(i)
  if (!some) {
    siblings.push(rootOfHashes(primitives, hashes.slice(start, end)))
    return
  }
  if (end - start === 1) return
  const middle = (start + end) / 2
  collectSiblings(primitives, hashes, { start, end: middle }, known, siblings)
  collectSiblings(primitives, hashes, { start: middle, end }, known, siblings)
}

type Walk = {
  readonly known: readonly KnownLeaf[]
  readonly siblings: readonly Uint8Array[]
  nextLeaf: number
  nextSibling: number
}

function walkRoot(primitives: Primitives, walk: Walk, start: number, end: number): Uint8Array | undefined {
  const leaf = walk.known[walk.nextLeaf]
  if (leaf === undefined || leaf.index >= end) {
    const sibling = walk.siblings[walk.nextSibling++]
    return sibling?.length === 32 ? sibling : undefined
  }
  if (end - start === 1) {
    walk.nextLeaf += 1
    return leaf.hash
  }
  const middle = (start + end) / 2
  const left = walkRoot(primitives, walk, start, middle)
  const right = left && walkRoot(primitives, walk, middle, end)
  return left && right && nodeHash(primitives, left, right)
}

function at(hashes: readonly Uint8Array[], index: number): Uint8Array {
  const hash = hashes[index]
  assert(hash !== undefined, 'a hash inside the tree')
  return hash
}
