import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ByteReader, intersect, lowerBound, pushVarint } from '../../../node/catalog/postings.ts'

const list = fc
  .uniqueArray(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 200 })
  .map((all) => Uint32Array.from(all).sort())
const near = fc.uniqueArray(fc.nat(80), { maxLength: 60 }).map((all) => Uint32Array.from(all).sort())

describe('node/catalog/postings', () => {
  it('reads back the numbers it wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (numbers) => {
        const bytes: number[] = []
        for (const number of numbers) pushVarint(bytes, number)
        const reader = new ByteReader(Uint8Array.from(bytes))
        assert.deepEqual(
          numbers.map(() => reader.varint()),
          numbers,
        )
        assert.ok(reader.isAtEnd())
      }),
    )
  })

  it('finds the numbers that all lists hold', () => {
    fc.assert(
      fc.property(fc.array(near, { minLength: 1, maxLength: 4 }), (lists) => {
        const [first = new Uint32Array(0), ...others] = lists
        const common = [...first].filter((number) => others.every((other) => other.includes(number)))
        assert.deepEqual([...intersect(lists)], common)
      }),
    )
    assert.deepEqual([...intersect([])], [])
  })

  it('finds the first number that is not below another', () => {
    fc.assert(
      fc.property(list, fc.integer({ min: 0, max: 0xffff_ffff }), (numbers, value) => {
        const place = [...numbers].findIndex((number) => number >= value)
        assert.equal(lowerBound(numbers, value, 0), place < 0 ? numbers.length : place)
      }),
    )
  })
})
