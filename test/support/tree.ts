/**
 * RFC 6962 §2.1 written down literally over BigInt, as a reference that shares no arithmetic with `protocol/log`:
 * MTH, PATH and PROOF by recursion, without a right edge, coordinates or floating point.
 *
 * A tree may be larger than any memory: all leaves are `usual` but those named in `special`.
 */
import { createHash } from 'node:crypto'
import { portable, type Primitives } from '../../protocol/primitives.ts'

/** The portable primitives with a faster SHA-256. */
export const primitives: Primitives = {
  ...portable,
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
}

export type ReferenceTree = { readonly usual: Uint8Array; readonly special: ReadonlyMap<bigint, Uint8Array> }

/** A tree of these leaf hashes. */
export function treeOf(leaves: readonly Uint8Array[]): ReferenceTree {
  return { usual: sha256(), special: new Map(leaves.map((leaf, index) => [BigInt(index), leaf])) }
}

/** MTH(D[start:end]), remembered for each tree. */
export function rootOf(tree: ReferenceTree, start: bigint, end: bigint): Uint8Array {
  const roots = known.get(tree) ?? new Map<string, Uint8Array>()
  known.set(tree, roots)
  const place = hasSpecial(tree, start, end) ? `${start}:${end}` : `usual ${end - start}`
  const root = roots.get(place) ?? computeRoot(tree, start, end)
  roots.set(place, root)
  return root
}

const known = new WeakMap<ReferenceTree, Map<string, Uint8Array>>()

function computeRoot(tree: ReferenceTree, start: bigint, end: bigint): Uint8Array {
  const n = end - start
  if (n === 0n) return sha256()
  if (n === 1n) return tree.special.get(start) ?? tree.usual
  const k = split(n)
  return join(rootOf(tree, start, start + k), rootOf(tree, start + k, end))
}

function hasSpecial(tree: ReferenceTree, start: bigint, end: bigint): boolean {
  for (const index of tree.special.keys()) if (index >= start && index < end) return true
  return false
}

/** PATH(m, D[start:end]), where m counts from start. */
export function pathOf(tree: ReferenceTree, m: bigint, start: bigint, end: bigint): Uint8Array[] {
  const n = end - start
  if (n === 1n) return []
  const k = split(n)
  return m < k
    ? [...pathOf(tree, m, start, start + k), rootOf(tree, start + k, end)]
    : [...pathOf(tree, m - k, start + k, end), rootOf(tree, start, start + k)]
}

/** PROOF(m, D[0:n]). */
export function consistencyOf(tree: ReferenceTree, m: bigint, n: bigint): Uint8Array[] {
  return subproof(tree, m, 0n, n, true)
}

function subproof(tree: ReferenceTree, m: bigint, start: bigint, end: bigint, whole: boolean): Uint8Array[] {
  const n = end - start
  if (m === n) return whole ? [] : [rootOf(tree, start, end)]
  const k = split(n)
  return m <= k
    ? [...subproof(tree, m, start, start + k, whole), rootOf(tree, start + k, end)]
    : [...subproof(tree, m - k, start + k, end, false), rootOf(tree, start, start + k)]
}

/** The largest power of two below n. */
function split(n: bigint): bigint {
  return 1n << BigInt((n - 1n).toString(2).length - 1)
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(1), left, right)
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
