import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAJOR, printHead, readHead } from '../../../protocol/codec/heads.ts'
import { bytes, hex } from '../../support/notation.ts'

const EDGES: readonly (readonly [argument: number, printed: string])[] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [255, '18ff'],
  [256, '190100'],
  [65_535, '19ffff'],
  [65_536, '1a00010000'],
  [2 ** 32 - 1, '1affffffff'],
  [2 ** 32, '1b0000000100000000'],
  [2 ** 53 - 1, '1b001fffffffffffff'],
]

describe('printHead and readHead', () => {
  for (const [argument, printed] of EDGES) {
    it(`write and read ${argument} as ${printed}`, () => {
      assert.equal(hex(printHead(MAJOR.unsigned, argument)), printed)
      const next = printed.length / 2
      assert.deepEqual(readHead(bytes(printed), 0), { major: MAJOR.unsigned, argument, next })
    })
  }

  it('are inverses for every major type and argument', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.maxSafeNat(), fc.nat(3), (major, argument, before) => {
        const printed = printHead(major, argument)
        const read = readHead(Uint8Array.from([...new Uint8Array(before), ...printed]), before)
        assert.deepEqual(read, { major, argument, next: before + printed.length })
      }),
    )
  })

  it('have one encoding: what reads prints back to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 9 }), (input) => {
        const head = readHead(input, 0)
        if (typeof head === 'string') return
        assert.equal(hex(printHead(head.major, head.argument)), hex(input.subarray(0, head.next)))
      }),
      { numRuns: 2_000 },
    )
  })

  it('refuse arguments that are no exact count', () => {
    for (const argument of [-1, 0.5, 2 ** 53, Number.NaN])
      assert.throws(() => printHead(MAJOR.bytes, argument), /^Error: bug: /)
  })
})
