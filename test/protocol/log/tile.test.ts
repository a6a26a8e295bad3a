import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { leafHash } from '../../../protocol/log/merkle.ts'
import {
  hashInTile,
  parseBundle,
  parseTile,
  parseTilePath,
  printBundle,
  printTile,
  printTilePath,
  TILE_WIDTH,
  tileOf,
} from '../../../protocol/log/tile.ts'
import { primitives, rootOf, treeOf } from '../../support/tree.ts'

const MAX = Number.MAX_SAFE_INTEGER

describe('a tile path', () => {
  it('writes an index in groups of three digits, all but the last behind an x', () => {
    const paths = [
      [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
      [{ level: 1, index: 999, width: 256 }, 'tile/1/999'],
      [{ level: 0, index: 1000, width: 256 }, 'tile/0/x001/000'],
      [{ level: 2, index: 1234067, width: 256 }, 'tile/2/x001/x234/067'],
      [{ level: 0, index: 273, width: 112 }, 'tile/0/273.p/112'],
      [{ level: 63, index: 5, width: 1 }, 'tile/63/005.p/1'],
      [{ level: 'entries', index: 1234067, width: 256 }, 'tile/entries/x001/x234/067'],
      [{ level: 'entries', index: 0, width: 255 }, 'tile/entries/000.p/255'],
      [{ level: 0, index: MAX, width: 256 }, 'tile/0/x009/x007/x199/x254/x740/991'],
    ] as const
    for (const [path, text] of paths) {
      assert.equal(printTilePath(path), text)
      assert.deepEqual(parseTilePath(text), { ok: true, value: path })
    }
  })

  it('prints back to the same text', () => {
    const levels = fc.oneof(fc.nat(63), fc.constant('entries' as const))
    fc.assert(
      fc.property(levels, fc.maxSafeNat(), fc.integer({ min: 1, max: TILE_WIDTH }), (level, index, width) => {
        const path = { level, index, width }
        assert.deepEqual(parseTilePath(printTilePath(path)), { ok: true, value: path })
      }),
    )
  })

  it('is refused in any other spelling', () => {
    const wrong = [
      '',
      'tile/0/0',
      'tile/0/0000',
      'tile/0/x000/000',
      'tile/0/x000/001',
      'tile/0/001/000',
      'tile/0/x001',
      'tile/0/X001/000',
      'tile/00/000',
      'tile/64/000',
      'tile/-1/000',
      'tile/entry/000',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/01',
      'tile/0/000.p',
      'tile/0/000.p/',
      '/tile/0/000',
      'tile/0/000\n',
      'tile/0/../000',
      'tile/0/x009/x007/x199/x254/x740/992',
      `tile/0/${'x999/'.repeat(200)}999`,
    ]
    for (const path of wrong) assert.deepEqual(parseTilePath(path), { ok: false, fault: 'tile-path' }, path)
  })

  it('is never written for what is no tile', () => {
    assert.throws(() => printTilePath({ level: 0, index: -1, width: 256 }), /bug: a tile index is a count/)
    assert.throws(() => printTilePath({ level: 0, index: 0, width: 0 }), /bug: a tile has 1 to 256 hashes/)
  })
})

describe('an entry bundle', () => {
  it('puts the length of each entry before it, big-endian', () => {
    const bundle = printBundle([new Uint8Array(0), Uint8Array.of(7), new Uint8Array(258).fill(1)])
    assert.deepEqual([...bundle.subarray(0, 8)], [0, 0, 0, 1, 7, 1, 2, 1])
    assert.equal(bundle.length, 2 + 3 + 260)
  })

  it('prints back to the same bytes', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: TILE_WIDTH })
    fc.assert(
      fc.property(entries, (entries) => {
        const bundle = printBundle(entries)
        const read = parseBundle(bundle)
        assert.ok(read.ok)
        assert.deepEqual(read.value, entries)
        assert.deepEqual(printBundle(read.value), bundle)
      }),
      { numRuns: 40 },
    )
  })

  it('holds the longest entry a length can say and none longer', () => {
    const read = parseBundle(printBundle([new Uint8Array(0xffff)]))
    assert.ok(read.ok && read.value[0]?.length === 0xffff)
    assert.throws(() => printBundle([new Uint8Array(0x10000)]), /bug: an entry fits/)
  })

  it('is refused when it is cut anywhere inside an entry', () => {
    const bundle = printBundle([Uint8Array.of(1, 2, 3), Uint8Array.of(4)])
    for (let length = 1; length < bundle.length; length++) {
      if (length === 5) continue
      assert.deepEqual(parseBundle(bundle.subarray(0, length)), { ok: false, fault: 'bundle-cut' })
    }
  })

  it('is refused with more than 256 entries', () => {
    const entries = Array.from({ length: TILE_WIDTH + 1 }, () => new Uint8Array(1))
    assert.ok(parseBundle(printBundle(entries.slice(1))).ok)
    assert.deepEqual(parseBundle(printBundle(entries)), { ok: false, fault: 'bundle-too-many' })
  })
})

describe('a hash tile', () => {
  const leaves = Array.from({ length: 256 }, (_, i) => leafHash(primitives, Uint8Array.of(i)))
  const tree = treeOf(leaves)

  it('prints back to the same bytes, and has the width it should', () => {
    const tile = printTile(leaves.slice(0, 112))
    assert.deepEqual(parseTile(tile, 112), { ok: true, value: leaves.slice(0, 112) })
    assert.deepEqual(parseTile(tile, 111), { ok: false, fault: 'tile-length' })
    assert.deepEqual(parseTile(tile.subarray(1), 112), { ok: false, fault: 'tile-length' })
  })

  it('holds the root of each perfect subtree that lies in it', () => {
    const tile = printTile(leaves)
    for (let level = 0; level < 8; level++) {
      for (let index = 0; index < 256 / 2 ** level; index++) {
        const [start, end] = [BigInt(index * 2 ** level), BigInt((index + 1) * 2 ** level)]
        assert.deepEqual(hashInTile(primitives, tile, { level, index }), rootOf(tree, start, end))
      }
    }
  })

  it('gives the subtrees of a partial tile and no others', () => {
    const tile = printTile(leaves.slice(0, 5))
    assert.deepEqual(hashInTile(primitives, tile, { level: 2, index: 0 }), rootOf(tree, 0n, 4n))
    assert.deepEqual(hashInTile(primitives, tile, { level: 0, index: 4 }), leaves[4])
    assert.throws(
      () => hashInTile(primitives, tile, { level: 1, index: 2 }),
      /bug: the tile holds the subtree/,
    )
  })

  it('is found for every perfect subtree up to 2^53 leaves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 52 }), fc.maxSafeNat(), (level, at) => {
        const index = Math.floor(at / 2 ** level)
        const { level: tileLevel, index: tile, start, end } = tileOf({ level, index })
        const leavesPerHash = 256n ** BigInt(tileLevel)
        const first = (BigInt(tile) * 256n + BigInt(start)) * leavesPerHash
        const last = (BigInt(tile) * 256n + BigInt(end)) * leavesPerHash
        assert.ok(start >= 0 && end <= TILE_WIDTH)
        assert.equal(first, BigInt(index) * 2n ** BigInt(level))
        assert.equal(last, (BigInt(index) + 1n) * 2n ** BigInt(level))
      }),
    )
  })
})
