import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { printHex } from '../../../protocol/bytes.ts'
import {
  appendLeaf,
  appendLeaves,
  appendSubtree,
  edgeRoot,
  EMPTY_EDGE,
  emptyRoot,
  leafHash,
  nodeHash,
  type Edge,
} from '../../../protocol/log/merkle.ts'
import { portable } from '../../../protocol/primitives.ts'
import { primitives, rootOf, treeOf, type ReferenceTree } from '../../support/tree.ts'

const someLeaves = fc
  .array(fc.uint8Array({ maxLength: 40 }), { maxLength: 200 })
  .map((entries) => entries.map((entry) => leafHash(primitives, entry)))

describe('the tree', () => {
  it('hashes leaves behind 0x00 and nodes behind 0x01, so that neither passes for the other', () => {
    const [left, right] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    const pair = Uint8Array.of(...left, ...right)
    assert.deepEqual(leafHash(portable, pair), portable.sha256(Uint8Array.of(0, ...pair)))
    assert.deepEqual(nodeHash(portable, left, right), portable.sha256(Uint8Array.of(1, ...pair)))
    assert.notDeepEqual(leafHash(portable, pair), nodeHash(portable, left, right))
  })

  it('has the SHA-256 of nothing as its root when empty', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    assert.equal(printHex(emptyRoot(portable)), empty)
    assert.equal(printHex(edgeRoot(portable, EMPTY_EDGE)), empty)
  })

  it('grows leaf by leaf to the root that RFC 6962 defines', () => {
    fc.assert(
      fc.property(someLeaves, (leaves) => {
        const tree = treeOf(leaves)
        let edge: Edge = EMPTY_EDGE
        for (const leaf of leaves) edge = appendLeaf(primitives, edge, leaf)
        assert.equal(edge.size, leaves.length)
        assert.deepEqual(edgeRoot(primitives, edge), rootOf(tree, 0n, BigInt(leaves.length)))
      }),
      { numRuns: 40 },
    )
  })

  it('grows to one edge, whether leaves come one by one or in runs', () => {
    fc.assert(
      fc.property(someLeaves, fc.nat(200), (leaves, cut) => {
        const single = leaves.reduce<Edge>((edge, leaf) => appendLeaf(primitives, edge, leaf), EMPTY_EDGE)
        const first = appendLeaves(primitives, EMPTY_EDGE, leaves.slice(0, cut))
        assert.deepEqual(appendLeaves(primitives, first, leaves.slice(cut)), single)
      }),
      { numRuns: 40 },
    )
  })

  it('grows by a perfect subtree to the edge that its leaves lead to', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.nat(6), (runs, height) => {
        const width = 2 ** height
        const hashes = Array.from({ length: width }, (_, i) => leafHash(primitives, Uint8Array.of(i)))
        const root = edgeRoot(primitives, appendLeaves(primitives, EMPTY_EDGE, hashes))
        const [single, joined] = Array.from({ length: runs }).reduce<[Edge, Edge]>(
          ([one, other]) => [
            appendLeaves(primitives, one, hashes),
            appendSubtree(primitives, other, width, root),
          ],
          [EMPTY_EDGE, EMPTY_EDGE],
        )
        assert.deepEqual(joined, single)
      }),
    )
    const odd = appendLeaf(primitives, EMPTY_EDGE, new Uint8Array(32))
    assert.throws(() => appendSubtree(primitives, odd, 2, new Uint8Array(32)), /multiple of its width/)
  })

  it('leaves the edge it grew from as it was', () => {
    const leaf = leafHash(primitives, new Uint8Array(1))
    const edge = appendLeaves(primitives, EMPTY_EDGE, [leaf, leaf, leaf])
    const before = edge.hashes.map(printHex)
    appendLeaf(primitives, edge, leaf)
    assert.deepEqual(edge.hashes.map(printHex), before)
  })

  it('grows right up to 2^53 − 1 leaves and refuses one more', () => {
    const last = Number.MAX_SAFE_INTEGER
    const usual = leafHash(primitives, new Uint8Array(0))
    const leaf = leafHash(primitives, Uint8Array.of(1))
    const tree: ReferenceTree = { usual, special: new Map([[BigInt(last) - 1n, leaf]]) }
    const edge: Edge = { size: last - 1, hashes: edgeHashes(tree, BigInt(last) - 1n) }
    const full = appendLeaf(primitives, edge, leaf)
    assert.equal(full.size, last)
    assert.equal(full.hashes.length, 53)
    assert.deepEqual(edgeRoot(primitives, full), rootOf(tree, 0n, BigInt(last)))
    assert.throws(() => appendLeaf(primitives, full, leaf), /bug: a log has at most 2\^53 − 1 entries/)
  })
})

/** The roots of the perfect subtrees of a size, largest first. */
function edgeHashes(tree: ReferenceTree, size: bigint): Uint8Array[] {
  const hashes: Uint8Array[] = []
  let start = 0n
  for (let width = 1n << 60n; width > 0n; width /= 2n) {
    if ((size & width) === 0n) continue
    hashes.push(rootOf(tree, start, start + width))
    start += width
  }
  return hashes
}
