import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import {
  blockCount,
  blockLength,
  checkBlock,
  makeBlockTree,
  type BlockFault,
} from '../../../protocol/dataset/blocks.ts'
import { BLOCK_BYTES, BLOCK_PROOF_HASHES_MAX, FILE_BYTES_MAX } from '../../../protocol/limits.ts'
import { appendLeaves, edgeRoot, EMPTY_EDGE } from '../../../protocol/log/merkle.ts'
import { native } from '../../../node/keys/native.ts'
import { datasetVectors } from '../../support/dataset-vectors.ts'
import { counting } from '../../support/statements.ts'

const leaves = (count: number) => Array.from({ length: count }, (_, i) => native.sha256(counting(8, i)))

describe('the vectors of spec 11', () => {
  it('are what this code makes, byte for byte', () => {
    assert.equal(readFileSync('test/vectors/dataset.json', 'utf8'), datasetVectors())
  }).timeout(60_000)
})

describe('the tree over blocks', () => {
  it('has the root of the tree over a log', () => {
    for (let count = 0; count <= 70; count++) {
      const root = edgeRoot(native, appendLeaves(native, EMPTY_EDGE, leaves(count)))
      assert.deepEqual(makeBlockTree(native, leaves(count)).root, root, `${count} blocks`)
    }
  })

  it('proves each block at its place and at no other', () => {
    const sizes = fc.integer({ min: 1, max: 200 })
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (count, a, b) => {
        const [index, other] = [a % count, b % count]
        const all = leaves(count)
        const tree = makeBlockTree(native, all)
        const file = { root: tree.root, bytes: count * BLOCK_BYTES }
        const claim = {
          index,
          length: BLOCK_BYTES,
          leaf: all[index] ?? counting(32, 0),
          proof: tree.prove(index),
        }
        assert.ok(checkBlock(native, file, claim).ok)
        assert.ok(claim.proof.length <= BLOCK_PROOF_HASHES_MAX)
        if (other !== index) assert.equal(checkBlock(native, file, { ...claim, index: other }).ok, false)
        assert.equal(checkBlock(native, file, { ...claim, leaf: counting(32, 7) }).ok, false)
      }),
    )
  })

  it('refuses a block for what is wrong with it', () => {
    const all = leaves(5)
    const tree = makeBlockTree(native, all)
    const file = { root: tree.root, bytes: 4 * BLOCK_BYTES + 9 }
    const good = { index: 4, length: 9, leaf: all[4] ?? counting(32, 0), proof: tree.prove(4) }
    assert.ok(checkBlock(native, file, good).ok)
    const cases: readonly (readonly [BlockFault, Partial<typeof good>])[] = [
      ['block-index', { index: 5 }],
      ['block-index', { index: -1 }],
      ['block-index', { index: 0.5 }],
      ['block-length', { length: 10 }],
      ['block-length', { length: BLOCK_BYTES }],
      ['block-proof', { proof: [] }],
      ['block-proof', { proof: [...good.proof, counting(32, 0)] }],
      ['block-proof', { proof: good.proof.map(() => counting(31, 0)) }],
    ]
    for (const [fault, change] of cases)
      assert.deepEqual(checkBlock(native, file, { ...good, ...change }), { ok: false, fault })
    // The number of bytes is part of the file: with another number of blocks no proof holds.
    const longer = { ...file, bytes: 5 * BLOCK_BYTES + 9 }
    assert.deepEqual(checkBlock(native, longer, { ...good, length: BLOCK_BYTES }), {
      ok: false,
      fault: 'block-proof',
    })
  })

  it('cuts a file into blocks without rest', () => {
    for (const bytes of [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, FILE_BYTES_MAX]) {
      const count = blockCount(bytes)
      const last = blockLength(bytes, count - 1)
      assert.equal(count === 0 ? 0 : (count - 1) * BLOCK_BYTES + last, bytes)
      assert.equal(blockLength(bytes, count), 0)
    }
    assert.throws(() => blockCount(FILE_BYTES_MAX + 1))
  })
})
