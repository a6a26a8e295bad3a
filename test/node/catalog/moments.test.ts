import assert from 'node:assert/strict'
import fc from 'fast-check'
import { spanOf, spanOfOccurred } from '../../../node/catalog/moments.ts'

describe('node/catalog/moments', () => {
  it('orders dates of the same precision as their texts', () => {
    const day = fc
      .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString())
    fc.assert(
      fc.property(day, day, fc.constantFrom(4, 7, 10), (a, b, length) => {
        const [x, y] = [a.slice(0, length), b.slice(0, length)]
        const order = (spanOf(x)?.first ?? 0) - (spanOf(y)?.first ?? 0)
        assert.equal(Math.sign(order), x === y ? 0 : x < y ? -1 : 1)
      }),
    )
  })

  it('nests a date in every less precise one that names it', () => {
    const dates = ['2025', '2025-12', '2025-12-31', '2025-12-31T23Z'].map(spanOf)
    for (const [at, inner] of dates.slice(1).entries()) {
      const outer = dates[at]
      assert.ok(inner !== undefined && outer !== undefined)
      assert.ok(outer.first <= inner.first && inner.last <= outer.last)
    }
  })

  it('knows the three months of a quarter and the end of a period', () => {
    assert.deepEqual(
      spanOfOccurred({ start: '2025-04', precision: 'quarter' })?.last,
      spanOf('2025-06')?.last,
    )
    assert.deepEqual(spanOfOccurred({ start: '2025-04', end: '2025-09' })?.last, spanOf('2025-09')?.last)
  })

  it('does not end before it begins, whatever others write', () => {
    const span = spanOfOccurred({ start: '2025-04', end: '1999-01' })
    assert.ok(span !== undefined && span.last >= span.first)
  })

  for (const text of [
    '',
    '25',
    '2025-13',
    '2025-02-30',
    '2025-1',
    ' 2025',
    '2025-04-09T24Z',
    '2025'.repeat(9),
  ]) {
    it(`takes ${JSON.stringify(text)} for no date`, () => assert.equal(spanOf(text), undefined))
  }
})
