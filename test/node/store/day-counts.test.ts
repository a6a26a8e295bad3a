import assert from 'node:assert/strict'
import { DayCounts } from '../../../node/store/day-counts.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'

const CAPS = { entriesPerDay: 3, bytesPerDay: 100 }
const NOON = Date.UTC(2026, 10, 28, 12)
const MIDNIGHT = Date.UTC(2026, 10, 29)

describe('what a member added today', () => {
  it('is read again after a restart, as far as it was written', async () => {
    const store = new MemoryKeyValue()
    const first = new DayCounts(store, CAPS)
    const { rows } = first.take('a.example', NOON, [10, 10])
    await store.batch(rows)
    first.take('a.example', NOON, [10])
    const second = new DayCounts(store, CAPS)
    assert.equal(second.take('a.example', NOON, [10, 10]).fits, 1)
    assert.equal(new DayCounts(store, CAPS).take('b.example', NOON, [10, 10]).fits, 2)
  })

  it('shares one day among batches that are being written', () => {
    const counts = new DayCounts(new MemoryKeyValue(), CAPS)
    assert.deepEqual(
      [1, 2, 3].map(() => counts.take('a.example', NOON, [10, 10]).fits),
      [2, 1, 0],
    )
  })

  it('says since when nothing more is taken, until midnight', () => {
    const counts = new DayCounts(new MemoryKeyValue(), CAPS)
    assert.equal(counts.stopOf('a.example', NOON), undefined)
    counts.take('a.example', NOON, [60, 60])
    counts.take('a.example', NOON + 5, [60])
    const stop = { fault: 'cap-bytes', since: NOON, until: MIDNIGHT }
    assert.deepEqual(counts.stopOf('a.example', MIDNIGHT - 1), stop)
    assert.equal(counts.stopOf('a.example', MIDNIGHT), undefined)
    assert.equal(counts.take('a.example', MIDNIGHT, [60]).fits, 1)
    assert.equal(counts.stopOf('b.example', NOON), undefined)
  })

  it('takes all or nothing where that is asked', () => {
    const counts = new DayCounts(new MemoryKeyValue(), CAPS)
    const { fits, rows, fault } = counts.takeAll('a.example', NOON, [1, 1, 1, 1])
    assert.deepEqual([fits, rows, fault], [0, [], 'cap-entries'])
    assert.equal(counts.takeAll('a.example', NOON, [1, 1, 1]).fits, 3)
  })
})
