/**
 * Files as trees of blocks: RFC 6962 over blocks of 1 MiB, so that each is checked alone, in any order, against one
 * root. Spec 11 §2.
 */
import { assert } from '../assert.ts'
import { BLOCK_BYTES, FILE_BYTES_MAX } from '../limits.ts'
import { emptyRoot, leafHash, nodeHash } from '../log/merkle.ts'
import { foldProof, planInclusion, verifyInclusion } from '../log/proof.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'

/** A file as others know it. */
export type BlockFile = { readonly root: Uint8Array; readonly bytes: number }

export type BlockFault = 'block-index' | 'block-length' | 'block-proof'

export type ProvenBlock = {
  readonly index: number
  readonly length: number
  /** SHA-256(0x00 ‖ block). */
  readonly leaf: Uint8Array
  readonly proof: readonly Uint8Array[]
}

export function blockCount(bytes: number): number {
  assert(Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= FILE_BYTES_MAX, 'a file has at most 256 GiB')
  return Math.ceil(bytes / BLOCK_BYTES)
}

/** Bytes of one block of a file of so many bytes; of a block that there is not, 0. */
export function blockLength(bytes: number, index: number): number {
  return Math.max(0, Math.min(BLOCK_BYTES, bytes - index * BLOCK_BYTES))
}

export function blockLeaf(primitives: Primitives, block: Uint8Array): Uint8Array {
  return leafHash(primitives, block)
}

/** Whether a block is the one of this file at its place. An empty file has no block; its root is checked by `isRootOf`. */
export function checkBlock(
  primitives: Primitives,
  { root, bytes }: BlockFile,
  { index, length, leaf, proof }: ProvenBlock,
): Result<true, BlockFault> {
  const size = blockCount(bytes)
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return fault('block-index')
  if (length !== blockLength(bytes, index)) return fault('block-length')
  return verifyInclusion(primitives, { leaf, index, size, root, proof }).ok ? ok(true) : fault('block-proof')
}

/** The tree over all leaf hashes of a file, kept by whoever serves it. */
export type BlockTree = {
  readonly root: Uint8Array
  readonly prove: (index: number) => readonly Uint8Array[]
}

export function makeBlockTree(primitives: Primitives, leaves: readonly Uint8Array[]): BlockTree {
  const levels = levelsOf(primitives, leaves)
  const hashes = (index: number) => {
    const plan = planInclusion(index, leaves.length)
    assert(plan.ok, 'a proof is of a block that is there')
    const at = plan.value.coordinates.map((one) => levels[one.level]?.[one.index])
    const known = at.filter((hash) => hash !== undefined)
    return foldProof(primitives, plan.value, known)
  }
  const peaks = rootPeaks(levels, leaves.length)
  const root = peaks.reduceRight<Uint8Array | undefined>(
    (right, left) => (right === undefined ? left : nodeHash(primitives, left, right)),
    undefined,
  )
  return { root: root ?? emptyRoot(primitives), prove: hashes }
}

/** Each level holds the perfect subtrees of its height, from the left. */
function levelsOf(primitives: Primitives, leaves: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const levels: (readonly Uint8Array[])[] = [leaves]
  for (let below = leaves; below.length > 1;) {
    const level: Uint8Array[] = []
    for (let i = 0; i + 1 < below.length; i += 2) {
      const [left, right] = [below[i], below[i + 1]]
      if (left !== undefined && right !== undefined) level.push(nodeHash(primitives, left, right))
    }
    levels.push(level)
    below = level
  }
  return levels
}

/** The largest perfect subtrees from the left: one for each one-bit of the size. */
function rootPeaks(levels: readonly (readonly Uint8Array[])[], size: number): readonly Uint8Array[] {
  const peaks: Uint8Array[] = []
  let start = 0
  for (let level = levels.length - 1; level >= 0; level--) {
    const width = 2 ** level
    if (size - start < width) continue
    const peak = levels[level]?.[start / width]
    assert(peak !== undefined, 'each perfect subtree has a hash')
    peaks.push(peak)
    start += width
  }
  return peaks
}
