import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { handBack, sealedIn, takeCell } from '../../../node/dataset/cell.ts'
import { BLOCK_BYTES } from '../../../protocol/limits.ts'

const NOISE = randomBytes(200_000)

describe('a cell', () => {
  it('holds what was put into it, in whatever pieces and from wherever in memory it came', () => {
    const piece = fc.record({ offset: fc.nat(40), length: fc.nat(70_000) })
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const cell = takeCell()
        const put = pieces.map(({ offset, length }) => NOISE.subarray(offset, offset + length))
        let at = 0
        for (const bytes of put) {
          cell.put(bytes, at)
          at += bytes.length
        }
        const all = Buffer.concat(put)
        assert.ok(all.equals(cell.sealed(all.length)))
        const sealed = { nonce: randomBytes(12), tag: randomBytes(16), bytes: cell.sealed(all.length) }
        const laid = cell.laid(sealed)
        assert.equal(laid.byteOffset % 4_096, 0, 'it begins on a page')
        assert.equal(laid.length % 4_096, 0, 'and ends on one')
        assert.equal(cell.room(all.length).length, laid.length)
        const read = sealedIn(laid, all.length)
        assert.deepEqual([Buffer.from(read.nonce), Buffer.from(read.tag)], [sealed.nonce, sealed.tag])
        assert.ok(all.equals(read.bytes))
        handBack(cell)
      }),
      { numRuns: 60 },
    )
  })

  it('has room for the longest block, and is used again when it was handed back', () => {
    const cell = takeCell()
    cell.put(new Uint8Array(BLOCK_BYTES).fill(1), 0)
    assert.throws(() => cell.put(Uint8Array.of(1), BLOCK_BYTES), RangeError)
    const other = takeCell()
    assert.notEqual(other, cell)
    handBack(cell)
    assert.equal(takeCell(), cell)
    handBack(cell)
    handBack(other)
  })
})
