import assert from 'node:assert/strict'
import type { TrailEntry } from '../../../protocol/access/trail.ts'
import { Trail } from '../../../node/disclosure/trail.ts'
import { NodeError } from '../../../node/errors.ts'
import { native } from '../../../node/keys/native.ts'
import { sealerOf } from '../../../node/keys/vault.ts'
import type { KeyValue } from '../../../node/ports.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { counting } from '../../support/statements.ts'

const sealer = sealerOf(counting(32, 9))

const entry = (at: number): TrailEntry => ({
  side: 'owner',
  step: 'decided',
  at,
  request: counting(32, at % 256),
  statement: null,
  facts: { outcome: 'allow', words: 'quokka' },
})

const trailOver = async (store: KeyValue) => {
  const trail = new Trail({ primitives: native, store, sealer })
  await trail.open()
  return trail
}

describe('the audit trail', () => {
  it('grows by whole batches, in order, and is the same after it is opened again', async () => {
    const store = new MemoryKeyValue()
    const trail = await trailOver(store)
    await Promise.all([trail.append([entry(1), entry(2)]), trail.append([entry(3)])])
    const again = await trailOver(store)
    assert.deepEqual(again.head(), trail.head())
    assert.equal(again.head().size, 3)
    const times: number[] = []
    for await (const one of again.entries(1)) times.push(one.entry.at)
    assert.deepEqual(times, [2, 3])
    assert.ok(await again.isWhole())
  })

  it('writes what belongs to a step with its entry or not at all', async () => {
    const store = new MemoryKeyValue()
    const trail = await trailOver(store)
    store.onBatch = () => {
      throw new Error('full')
    }
    const before = trail.head()
    const row = { type: 'put', key: counting(4, 1), value: counting(4, 2) } as const
    await assert.rejects(
      trail.append([entry(1)], [row]),
      (error) => error instanceof NodeError && error.code === 'AUDIT_WRITE_FAILED',
    )
    assert.deepEqual(trail.head(), before)
    assert.equal(await store.get(row.key), undefined)
  })

  it('rests sealed', async () => {
    const store = new MemoryKeyValue()
    const trail = await trailOver(store)
    await trail.append([entry(1)])
    for await (const [, value] of store.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(255) }))
      assert.ok(!Buffer.from(value).includes('quokka'))
  })

  it('shows when an entry was taken out of it', async () => {
    const store = new MemoryKeyValue()
    const trail = await trailOver(store)
    await trail.append([entry(1), entry(2)])
    let first: Uint8Array | undefined
    for await (const [key] of store.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(255) })) first ??= key
    assert.ok(first)
    await store.batch([{ type: 'del', key: first }])
    assert.equal(await trail.isWhole(), false)
  })
})
