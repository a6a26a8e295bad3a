import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { daysOf, isDate, isDateOf, type DatePrecision } from '../../../protocol/record/date.ts'

describe('daysOf', () => {
  const table: readonly [string, DatePrecision, string, string][] = [
    ['2024', 'year', '2024-01-01', '2024-12-31'],
    ['2024-04', 'quarter', '2024-04-01', '2024-06-30'],
    ['2024-10', 'quarter', '2024-10-01', '2024-12-31'],
    ['2024-02', 'month', '2024-02-01', '2024-02-29'],
    ['2100-02', 'month', '2100-02-01', '2100-02-28'],
    ['2000-02-29', 'day', '2000-02-29', '2000-02-29'],
    ['2024-04-09T23Z', 'hour', '2024-04-09', '2024-04-09'],
  ]
  for (const [text, precision, first, last] of table)
    it(`${text} as a ${precision} is ${first} to ${last}`, () =>
      assert.deepEqual(daysOf(text, precision), { first, last }))

  it('knows no days of what is no date', () => {
    assert.equal(daysOf('2023-02-29', 'day'), undefined)
    assert.equal(daysOf('2024', 'unknown'), undefined)
    assert.equal(daysOf('2024-05', 'quarter'), undefined)
  })
})

describe('isDate', () => {
  it('agrees with the calendar of the platform on every day', () => {
    const days = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    fc.assert(fc.property(days, (day) => isDateOf(day.toISOString().slice(0, 10), 'day')))
  })

  it('refuses days the calendar does not have, and other spellings', () => {
    for (const text of [
      '',
      '24',
      '2024-00',
      '2024-13',
      '2024-04-31',
      '2024-2-3',
      '2024-04-09T13',
      '2024-04-09T24Z',
      '2024-04-09T13:00Z',
      '2024-04-09 ',
      '+2024',
      '２０２４',
      'yesterday',
    ])
      assert.equal(isDate(text), false, text)
  })
})
