import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { leafHash } from '../../../protocol/log/merkle.ts'
import { verifyConsistency } from '../../../protocol/log/proof.ts'
import { isSubtree, verifySubtreeConsistency, verifySubtreeInclusion } from '../../../protocol/log/subtree.ts'
import { consistencyOf, pathOf, primitives, rootOf, treeOf, type ReferenceTree } from '../../support/tree.ts'

const LEAVES = Array.from({ length: 300 }, (_, i) => leafHash(primitives, Uint8Array.of(i >> 8, i & 255)))
const TREE = treeOf(LEAVES)
const HASH = new Uint8Array(32)
const ROOT = rootOf(TREE, 0n, 300n)

describe('a subtree', () => {
  it('starts at a multiple of the smallest power of two that holds it', () => {
    for (const [start, end] of [
      [0, 1],
      [0, 300],
      [4, 7],
      [8, 16],
      [5, 6],
    ] as const)
      assert.ok(isSubtree({ start, end }))
    for (const [start, end] of [
      [0, 0],
      [5, 4],
      [2, 5],
      [4, 9],
      [-4, 0],
      [0, 0.5],
      [0, 2 ** 53],
    ] as const) {
      assert.ok(!isSubtree({ start, end }), `${start} to ${end}`)
    }
  })

  it('from the start is consistent exactly when RFC 9162 says so', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
        fc.nat(5000),
        (a, b, at) => {
          const [end, size] = [Math.min(a, b), Math.max(a, b)]
          const [subtreeRoot, root] = [rootOf(TREE, 0n, BigInt(end)), rootOf(TREE, 0n, BigInt(size))]
          const proof = consistencyOf(TREE, BigInt(end), BigInt(size))
          const broken = proof.map((hash, i) => (i === at % 20 ? HASH : hash))
          for (const candidate of [proof, broken, proof.slice(1), [...proof, HASH]]) {
            const oldClaim = { oldSize: end, oldRoot: subtreeRoot, size, root, proof: candidate }
            const claim = { start: 0, end, subtreeRoot, size, root, proof: candidate }
            assert.deepEqual(
              verifySubtreeConsistency(primitives, claim),
              verifyConsistency(primitives, oldClaim),
            )
          }
        },
      ),
    )
  })

  it('of a whole bundle is shown to lie in the log by the path of its root', () => {
    for (const [start, end] of [
      [0, 256],
      [256, 264],
      [64, 128],
      [299, 300],
    ] as const) {
      const subtreeRoot = rootOf(TREE, BigInt(start), BigInt(end))
      const path = pathOf(TREE, BigInt(start), 0n, 300n)
      const proof = path.slice(Math.log2(end - start))
      const claim = { start, end, subtreeRoot, size: 300, root: ROOT, proof }
      assert.deepEqual(verifySubtreeConsistency(primitives, claim), { ok: true, value: true })
      const other = verifySubtreeConsistency(primitives, { ...claim, subtreeRoot: HASH })
      assert.deepEqual(other, { ok: false, fault: 'root-mismatch' })
    }
  })

  it('is shown to lie in trees near 2^53, and refused there after a change', () => {
    const MAX = 2n ** 53n - 1n
    for (const [start, end] of [
      [0n, 2n ** 52n + 1n],
      [2n ** 52n, 2n ** 52n + 2n ** 40n],
      [2n ** 33n, 2n ** 33n + 256n],
      [MAX - 1n, MAX],
    ] as const) {
      const special = new Map([start, end - 1n, MAX - 1n].map((at, i) => [at, HASH.slice().fill(9 + i)]))
      const tree: ReferenceTree = { usual: HASH.slice().fill(7), special }
      const path = pathOf(tree, start, 0n, MAX)
      // A perfect subtree is proven by the path of its root; one from the start by RFC 6962's own proof.
      const proof = start === 0n ? consistencyOf(tree, end, MAX) : path.slice(Math.log2(Number(end - start)))
      const claim = {
        start: Number(start),
        end: Number(end),
        subtreeRoot: rootOf(tree, start, end),
        size: Number(MAX),
        root: rootOf(tree, 0n, MAX),
        proof,
      }
      assert.deepEqual(verifySubtreeConsistency(primitives, claim), { ok: true, value: true })
      const other = { ...claim, subtreeRoot: HASH }
      assert.deepEqual(verifySubtreeConsistency(primitives, other), { ok: false, fault: 'root-mismatch' })
    }
  })

  it('is refused with a fault that says why', () => {
    const base = { start: 0, end: 5, subtreeRoot: HASH, size: 9, root: HASH, proof: [HASH] }
    const faultOf = (change: Partial<typeof base>) =>
      verifySubtreeConsistency(primitives, { ...base, ...change })
    assert.deepEqual(faultOf({ start: 3 }), { ok: false, fault: 'subtree-place' })
    assert.deepEqual(faultOf({ size: 4 }), { ok: false, fault: 'size-order' })
    assert.deepEqual(faultOf({ size: 2 ** 53 }), { ok: false, fault: 'size-order' })
    assert.deepEqual(faultOf({ proof: [] }), { ok: false, fault: 'proof-length' })
    assert.deepEqual(faultOf({ proof: [HASH.slice(1)] }), { ok: false, fault: 'proof-hash' })
    const leaf = { start: 1, end: 3, leaf: HASH, index: 1, root: HASH, proof: [] }
    assert.deepEqual(verifySubtreeInclusion(primitives, leaf), { ok: false, fault: 'subtree-place' })
    assert.deepEqual(verifySubtreeInclusion(primitives, { ...leaf, start: 2 }), {
      ok: false,
      fault: 'index-outside',
    })
  })
})
