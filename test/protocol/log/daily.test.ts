import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  beginOfDay,
  capsForWords,
  countDay,
  dayOf,
  isProtective,
  type Caps,
} from '../../../protocol/log/daily.ts'

const CAPS: Caps = { entriesPerDay: 3, bytesPerDay: 100 }

describe('the caps of a day', () => {
  it('take entries up to the last that fits, and name what was reached', () => {
    const taken = (...sizes: number[]) => {
      const { fits, fault, count } = countDay({ day: 7, entries: 1, bytes: 40 }, CAPS, 7, sizes)
      return [fits, fault, count.entries, count.bytes]
    }
    assert.deepEqual(taken(), [0, undefined, 1, 40])
    assert.deepEqual(taken(30, 30), [2, undefined, 3, 100])
    assert.deepEqual(taken(30, 30, 0), [2, 'cap-entries', 3, 100])
    assert.deepEqual(taken(30, 31), [1, 'cap-bytes', 2, 70])
    assert.deepEqual(taken(61, 1), [0, 'cap-bytes', 1, 40])
  })

  it('begin anew with another day, an earlier one too', () => {
    const full = { day: 7, entries: 3, bytes: 100 }
    for (const day of [6, 8, 7_000]) {
      assert.deepEqual(countDay(full, CAPS, day, [5]).count, { day, entries: 1, bytes: 5 })
    }
    assert.equal(countDay(full, CAPS, 7, [5]).fits, 0)
    assert.equal(countDay(undefined, CAPS, 7, [5]).fits, 1)
  })

  it('change at midnight UTC', () => {
    const midnight = Date.UTC(2026, 10, 28)
    assert.equal(dayOf(midnight - 1) + 1, dayOf(midnight))
    assert.equal(beginOfDay(dayOf(midnight + 86_399_999)), midnight)
  })

  it('never let more through than they say, however the entries come', () => {
    const sizes = fc.array(fc.nat(60), { maxLength: 8 })
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 8 }), (batches) => {
        let before = undefined as ReturnType<typeof countDay>['count'] | undefined
        let bytes = 0
        let entries = 0
        for (const batch of batches) {
          const { count, fits } = countDay(before, CAPS, 7, batch)
          before = count
          entries += fits
          bytes += batch.slice(0, fits).reduce((sum, size) => sum + size, 0)
        }
        assert.ok(entries <= CAPS.entriesPerDay && bytes <= CAPS.bytesPerDay)
        if (before !== undefined) assert.deepEqual([before.entries, before.bytes], [entries, bytes])
      }),
    )
  })

  it('keep room for what protects somebody', () => {
    assert.deepEqual(capsForWords({ entriesPerDay: 1_000_000, bytesPerDay: 1_000 }), {
      entriesPerDay: 999_744,
      bytesPerDay: 900,
    })
    assert.deepEqual(capsForWords({ entriesPerDay: 100, bytesPerDay: 1_000 }).entriesPerDay, 90)
    assert.deepEqual(capsForWords({ entriesPerDay: 1, bytesPerDay: 1 }), { entriesPerDay: 1, bytesPerDay: 1 })
    assert.deepEqual(['key', 'epoch', 'erase', 'incident', 'access'].map(isProtective), [
      true,
      true,
      true,
      false,
      false,
    ])
  })
})
