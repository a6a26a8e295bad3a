import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { leafHash } from '../../../protocol/log/merkle.ts'
import {
  foldProof,
  planConsistency,
  planInclusion,
  verifyConsistency,
  verifyInclusion,
  type ConsistencyClaim,
  type Coordinate,
  type InclusionClaim,
} from '../../../protocol/log/proof.ts'
import type { Result } from '../../../protocol/result.ts'
import { consistencyOf, pathOf, primitives, rootOf, treeOf, type ReferenceTree } from '../../support/tree.ts'

const MAX = Number.MAX_SAFE_INTEGER
const LEAVES = Array.from({ length: 300 }, (_, i) => leafHash(primitives, Uint8Array.of(i >> 8, i & 255)))
const TREE = treeOf(LEAVES)
const HASH = new Uint8Array(32)

describe('an inclusion proof', () => {
  it('is the path of RFC 6962 and verifies, for every leaf of every tree up to 48', () => {
    for (let size = 1; size <= 48; size++) {
      for (let index = 0; index < size; index++) checkInclusion(TREE, index, size)
    }
  })

  it('is the path of RFC 6962 and verifies, for trees up to 300', () => {
    fc.assert(fc.property(placeIn(300), ({ index, size }) => void checkInclusion(TREE, index, size)))
  })

  it('is the path of RFC 6962 and verifies near 2^53', () => {
    fc.assert(
      fc.property(hugeSize, fc.bigInt({ min: 0n, max: 2n ** 60n }), (size, at) => {
        const index = Number(at % BigInt(size))
        checkInclusion(sparse([0, index, size - 1]), index, size)
      }),
      { numRuns: 60 },
    )
    for (const index of [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 52 - 1, 2 ** 52, MAX - 2, MAX - 1]) {
      checkInclusion(sparse([index, 7]), index, MAX)
    }
  })

  it('is refused after a change of any one bit of leaf, root or hashes', () => {
    fc.assert(
      fc.property(placeIn(300), fc.nat(), ({ index, size }, at) => {
        const claim = inclusionClaim(TREE, index, size)
        const [leaf, root, ...proof] = withBit([claim.leaf, claim.root, ...claim.proof], at)
        refused(verifyInclusion(primitives, { ...claim, leaf, root, proof }), 'root-mismatch')
      }),
    )
  })

  it('is refused for any other index of the same tree', () => {
    fc.assert(
      fc.property(placeIn(300), fc.nat(299), ({ index, size }, other) => {
        fc.pre(other !== index)
        assert.ok(!verifyInclusion(primitives, { ...inclusionClaim(TREE, index, size), index: other }).ok)
      }),
    )
  })

  it('does not bind the size: only a signed head does', () => {
    const [h0, h1, h2] = LEAVES
    const three = inclusionClaim(TREE, 0, 3)
    assert.ok(h0 && h1 && h2 && three.proof.length === 2)
    assert.ok(verifyInclusion(primitives, { ...three, size: 4 }).ok)
  })

  it('is refused with a hash too many, too few or of another length', () => {
    const claim = inclusionClaim(TREE, 5, 9)
    const short = claim.proof.slice(1)
    refused(verifyInclusion(primitives, { ...claim, proof: short }), 'proof-length')
    refused(verifyInclusion(primitives, { ...claim, proof: [...claim.proof, HASH] }), 'proof-length')
    refused(verifyInclusion(primitives, { ...claim, proof: [HASH.slice(1), ...short] }), 'proof-hash')
    refused(verifyInclusion(primitives, { ...claim, leaf: HASH.slice(1) }), 'proof-hash')
    refused(verifyInclusion(primitives, { ...claim, root: new Uint8Array(33) }), 'proof-hash')
  })

  it('is refused and not planned outside the tree', () => {
    const outside = [
      [0, 0],
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [0, MAX + 1],
      [Number.NaN, 5],
      [0, Infinity],
    ] as const
    for (const [index, size] of outside) {
      const claim = { leaf: HASH, index, size, root: HASH, proof: [] }
      refused(verifyInclusion(primitives, claim), 'index-outside')
      refused(planInclusion(index, size), 'index-outside')
    }
  })
})

describe('a consistency proof', () => {
  it('is the proof of RFC 6962 and verifies, for every two sizes up to 48', () => {
    for (let size = 1; size <= 48; size++) {
      for (let oldSize = 1; oldSize <= size; oldSize++) checkConsistency(TREE, oldSize, size)
    }
  })

  it('is the proof of RFC 6962 and verifies, for trees up to 300', () => {
    fc.assert(fc.property(sizesUpTo(300), ({ oldSize, size }) => void checkConsistency(TREE, oldSize, size)))
  })

  it('is the proof of RFC 6962 and verifies near 2^53', () => {
    fc.assert(
      fc.property(hugeSize, fc.bigInt({ min: 0n, max: 2n ** 60n }), (size, at) => {
        const oldSize = 1 + Number(at % BigInt(size))
        checkConsistency(sparse([0, oldSize - 1, oldSize, size - 1]), oldSize, size)
      }),
      { numRuns: 60 },
    )
    for (const oldSize of [1, 2 ** 31, 2 ** 32 + 1, 2 ** 52, 2 ** 52 + 1, MAX - 1, MAX]) {
      checkConsistency(sparse([0, oldSize - 1, oldSize]), oldSize, MAX)
    }
  })

  it('is refused after a change of any one bit of roots or hashes', () => {
    fc.assert(
      fc.property(sizesUpTo(300), fc.nat(), ({ oldSize, size }, at) => {
        const claim = consistencyClaim(TREE, oldSize, size)
        const [oldRoot, root, ...proof] = withBit([claim.oldRoot, claim.root, ...claim.proof], at)
        refused(verifyConsistency(primitives, { ...claim, oldRoot, root, proof }), 'root-mismatch')
      }),
    )
  })

  it('is refused for a tree that was rewritten below its old size', () => {
    fc.assert(
      fc.property(sizesUpTo(300), fc.nat(), ({ oldSize, size }, at) => {
        const rewritten = treeOf(LEAVES.with(at % oldSize, HASH))
        const claim = { ...consistencyClaim(rewritten, oldSize, size), oldRoot: root(TREE, oldSize) }
        refused(verifyConsistency(primitives, claim), 'root-mismatch')
      }),
    )
  })

  it('is refused with a hash too many, too few or of another length', () => {
    const claim = consistencyClaim(TREE, 5, 9)
    const short = claim.proof.slice(1)
    refused(verifyConsistency(primitives, { ...claim, proof: [] }), 'proof-length')
    refused(verifyConsistency(primitives, { ...claim, proof: short }), 'proof-length')
    refused(verifyConsistency(primitives, { ...claim, proof: [...claim.proof, HASH] }), 'proof-length')
    refused(verifyConsistency(primitives, { ...claim, proof: [HASH.slice(1), ...short] }), 'proof-hash')
    refused(verifyConsistency(primitives, { ...claim, oldRoot: HASH.slice(1) }), 'proof-hash')
    const same = consistencyClaim(TREE, 5, 5)
    refused(verifyConsistency(primitives, { ...same, proof: [HASH] }), 'proof-length')
    refused(verifyConsistency(primitives, { ...same, oldRoot: HASH }), 'root-mismatch')
  })

  it('is refused and not planned from size 0, backwards or beyond 2^53 − 1', () => {
    const wrong = [
      [0, 0],
      [0, 5],
      [6, 5],
      [-1, 5],
      [1.5, 5],
      [1, MAX + 1],
      [Number.NaN, 5],
    ] as const
    for (const [oldSize, size] of wrong) {
      const claim = { oldSize, oldRoot: HASH, size, root: HASH, proof: [] }
      refused(verifyConsistency(primitives, claim), 'size-order')
      refused(planConsistency(oldSize, size), 'size-order')
    }
  })
})

describe('a proof plan', () => {
  it('asks for perfect subtrees inside the tree only', () => {
    fc.assert(
      fc.property(sizesUpTo(MAX), ({ oldSize, size }) => {
        for (const plan of [planInclusion(oldSize - 1, size), planConsistency(oldSize, size)]) {
          assert.ok(plan.ok)
          assert.equal(
            plan.value.joined.reduce((sum, count) => sum + count, 0),
            plan.value.coordinates.length,
          )
          for (const { level, index } of plan.value.coordinates) {
            assert.ok(Number.isSafeInteger(index) && index >= 0)
            assert.ok((BigInt(index) + 1n) * 2n ** BigInt(level) <= BigInt(size))
          }
        }
      }),
    )
  })

  it('is not folded from another number of hashes', () => {
    const plan = planInclusion(2, 7)
    assert.ok(plan.ok)
    assert.throws(() => foldProof(primitives, plan.value, []), /bug: a hash for each coordinate/)
  })
})

const hugeSize = fc.oneof(
  fc.integer({ min: MAX - 1000, max: MAX }),
  fc.integer({ min: 2 ** 31 - 3, max: 2 ** 33 + 3 }),
  fc.integer({ min: 1, max: MAX }),
)

function placeIn(max: number) {
  return fc
    .integer({ min: 1, max })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }))
}

function sizesUpTo(max: number) {
  return fc
    .integer({ min: 1, max })
    .chain((size) => fc.record({ size: fc.constant(size), oldSize: fc.integer({ min: 1, max: size }) }))
}

/** A tree too large to hold, with a leaf of its own at each of these places. */
function sparse(places: readonly number[]): ReferenceTree {
  const usual = HASH.slice().fill(7)
  return { usual, special: new Map(places.map((place, i) => [BigInt(place), HASH.slice().fill(100 + i)])) }
}

function root(tree: ReferenceTree, size: number): Uint8Array {
  return rootOf(tree, 0n, BigInt(size))
}

function hashesAt(tree: ReferenceTree, coordinates: readonly Coordinate[]): Uint8Array[] {
  return coordinates.map(({ level, index }) => {
    const width = 2n ** BigInt(level)
    return rootOf(tree, BigInt(index) * width, (BigInt(index) + 1n) * width)
  })
}

/** A claim with a proof of our making. */
function inclusionClaim(tree: ReferenceTree, index: number, size: number): InclusionClaim {
  const plan = planInclusion(index, size)
  assert.ok(plan.ok)
  const proof = foldProof(primitives, plan.value, hashesAt(tree, plan.value.coordinates))
  return { leaf: rootOf(tree, BigInt(index), BigInt(index) + 1n), index, size, root: root(tree, size), proof }
}

function consistencyClaim(tree: ReferenceTree, oldSize: number, size: number): ConsistencyClaim {
  const plan = planConsistency(oldSize, size)
  assert.ok(plan.ok)
  const proof = foldProof(primitives, plan.value, hashesAt(tree, plan.value.coordinates))
  return { oldSize, oldRoot: root(tree, oldSize), size, root: root(tree, size), proof }
}

function checkInclusion(tree: ReferenceTree, index: number, size: number): void {
  const claim = inclusionClaim(tree, index, size)
  assert.deepEqual(claim.proof, pathOf(tree, BigInt(index), 0n, BigInt(size)), `leaf ${index} of ${size}`)
  assert.deepEqual(verifyInclusion(primitives, claim), { ok: true, value: true }, `leaf ${index} of ${size}`)
}

function checkConsistency(tree: ReferenceTree, oldSize: number, size: number): void {
  const claim = consistencyClaim(tree, oldSize, size)
  assert.deepEqual(claim.proof, consistencyOf(tree, BigInt(oldSize), BigInt(size)), `${oldSize} to ${size}`)
  assert.deepEqual(verifyConsistency(primitives, claim), { ok: true, value: true }, `${oldSize} to ${size}`)
}

/** The same hashes but for one bit. */
function withBit(
  hashes: readonly Uint8Array[],
  at: number,
): [Uint8Array, Uint8Array, ...(readonly Uint8Array[])] {
  const changed = hashes.map((hash) => hash.slice())
  const hash = changed[Math.floor(at / 256) % changed.length]
  const [first, second, ...rest] = changed
  assert.ok(hash && first && second)
  const byte = Math.floor((at % 256) / 8)
  hash[byte] = (hash[byte] ?? 0) ^ (1 << (at % 8))
  return [first, second, ...rest]
}

function refused(result: Result<unknown, string>, fault: string): void {
  assert.deepEqual(result, { ok: false, fault })
}
