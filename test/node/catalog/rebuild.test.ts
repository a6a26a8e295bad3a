import assert from 'node:assert/strict'
import fc from 'fast-check'
import { openCatalog } from '../../../node/catalog/catalog.ts'
import { NodeError } from '../../../node/errors.ts'
import { addAll, assertLike, documentAt, documents, queries } from '../../support/catalog.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'

const PREFIX = Uint8Array.of(0x66, 0x01)
const open = (store: MemoryKeyValue) => openCatalog(store, PREFIX, { segmentDocuments: 8 })

describe('node/catalog: derived', () => {
  it('is the same rebuilt at once as grown bit by bit', async () => {
    await fc.assert(
      fc.asyncProperty(documents(), fc.array(queries, { minLength: 3, maxLength: 5 }), async (all, asked) => {
        const grown = await open(new MemoryKeyValue())
        await addAll(grown, all, 1)
        const rebuilt = await openCatalog(new MemoryKeyValue(), PREFIX, { segmentDocuments: 13 })
        // Log by log, as a node reads them when it starts.
        await rebuilt.add(all)
        for (const query of asked) {
          const limited = { ...query, limit: 7 }
          assert.deepEqual(await rebuilt.query(limited), await grown.query(limited))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('indexes every document exactly once after a crash at any batch', async () => {
    await fc.assert(
      fc.asyncProperty(documents(), queries, fc.nat(8), async (all, query, crashAt) => {
        const store = new MemoryKeyValue()
        let left = crashAt
        store.onBatch = () => {
          if (left === 0) throw new Error('killed')
          left -= 1
        }
        try {
          await addAll(await open(store), all)
        } catch (error) {
          assert.match(String(error), /killed/)
        }
        const survived = store.copy()
        const catalog = await open(survived)
        const missing = all.filter(({ log, index }) => index >= catalog.next(log))
        assert.equal(catalog.size + missing.length, all.length)
        // Offered again from the beginning: what is there already is passed over.
        await addAll(catalog, all, 7)
        assert.equal(catalog.size, all.length)
        await assertLike(catalog, all, query)
      }),
      { numRuns: 80 },
    )
  })

  it('takes what is offered twice only once', async () => {
    const catalog = await open(new MemoryKeyValue())
    const all = Array.from({ length: 20 }, (_, index) => documentAt(index))
    await Promise.all([catalog.add(all), catalog.add(all), catalog.add(all.slice(3))])
    assert.equal(catalog.size, 20)
    assert.equal((await catalog.query({ limit: 5 })).total, 20)
  })

  it('remembers how far a log was looked at when its last entries are no documents', async () => {
    const store = new MemoryKeyValue()
    const catalog = await openCatalog(store, PREFIX, { segmentDocuments: 2 })
    await catalog.add(
      [documentAt(4)],
      [
        { log: 1, next: 9 },
        { log: 2, next: 3 },
      ],
    )
    assert.deepEqual([catalog.next(1), catalog.next(2), catalog.next(3)], [9, 3, 0])
    await catalog.add([documentAt(9)])
    const again = await openCatalog(store, PREFIX)
    assert.deepEqual([again.next(1), again.next(2)], [10, 3])
  })

  it('is empty after it was cleared, and leaves nothing behind', async () => {
    const store = new MemoryKeyValue()
    const other = Uint8Array.of(0x66, 0x02, 0x6d)
    await store.batch([{ type: 'put', key: other, value: other }])
    const catalog = await openCatalog(store, PREFIX, { segmentDocuments: 2 })
    await catalog.add([0, 1, 2, 3, 4].map((index) => documentAt(index)))
    await catalog.clear()
    assert.equal((await catalog.query({ limit: 5 })).total, 0)
    assert.equal(catalog.next(1), 0)
    assert.equal(store.size, 1)
    await catalog.add([documentAt(0)])
    assert.equal((await catalog.query({ limit: 5 })).total, 1)
  })

  it('begins anew where what is stored has another layout, is damaged or is incomplete', async () => {
    const whole = new MemoryKeyValue()
    const catalog = await openCatalog(whole, PREFIX, { segmentDocuments: 2 })
    await catalog.add([0, 1, 2, 3].map((index) => documentAt(index)))
    const space = (letter: string, ...rest: number[]) =>
      Uint8Array.of(...PREFIX, letter.charCodeAt(0), ...rest)
    const zero = [0, 0, 0, 0]
    const damages: readonly (readonly [Uint8Array, Uint8Array | undefined])[] = [
      [space('m'), Buffer.from('{"layout":0,"segments":2,"next":[]}')],
      [space('m'), Buffer.from('{"lay')],
      [space('m'), undefined],
      [space('s', ...zero), undefined],
      [space('s', ...zero), Buffer.from('x')],
      [space('c', ...zero), undefined],
      [space('c', ...zero), new Uint8Array(48)],
    ]
    for (const [key, value] of damages) {
      const store = whole.copy()
      await store.batch([value === undefined ? { type: 'del', key } : { type: 'put', key, value }])
      const opened = await openCatalog(store, PREFIX)
      assert.equal(opened.size, 0)
      assert.equal(opened.next(1), 0)
      assert.equal(store.size, 0)
    }
    const store = whole.copy()
    await store.batch([{ type: 'put', key: space('r', ...zero, ...zero), value: Uint8Array.of(1) }])
    const opened = await openCatalog(store, PREFIX)
    await assert.rejects(
      opened.query({ limit: 9 }),
      (error) => error instanceof NodeError && error.code === 'STORE_DAMAGED',
    )
  })
})
