/** What every implementation of the `KeyValue` port does, shown on the one in memory and on `level`. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { KeyValue, Range } from '../../../node/ports.ts'
import { openDatabase, type Database } from '../../../node/store/database.ts'
import { compare } from '../../../protocol/bytes.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'

const bytes = (...values: number[]) => Uint8Array.of(...values)

/** `level` keeps a note of its own layout; the suite writes beside it. */
const SPACE = 0x7a

function suite(open: () => KeyValue): void {
  const put = (store: KeyValue, ...keys: Uint8Array[]) =>
    store.batch(
      keys.map((key) => ({ type: 'put', key, value: key })),
      'buffered',
    )
  const keysOf = async (store: KeyValue, range: Range) => {
    const keys: Uint8Array[] = []
    for await (const [key] of store.iterate(range)) keys.push(Uint8Array.from(key))
    return keys
  }

  it('gives back what was put, in all ways of reading', async () => {
    const store = open()
    await store.batch([{ type: 'put', key: bytes(SPACE, 1), value: bytes(9, 0, 255) }], 'durable')
    const read = [await store.get(bytes(SPACE, 1)), store.getSync(bytes(SPACE, 1))]
    const [many, none] = await store.getMany([bytes(SPACE, 1), bytes(SPACE, 2)])
    for (const value of [...read, many]) assert.deepEqual(Uint8Array.from(value ?? []), bytes(9, 0, 255))
    assert.equal(none, undefined)
    assert.equal(await store.get(bytes(SPACE, 2)), undefined)
    assert.equal(store.getSync(bytes(SPACE, 2)), undefined)
  })

  it('keeps an empty value apart from none', async () => {
    const store = open()
    await store.batch([{ type: 'put', key: bytes(SPACE, 3), value: bytes() }], 'buffered')
    assert.equal((await store.get(bytes(SPACE, 3)))?.length, 0)
  })

  it('carries out the operations of a batch in their order', async () => {
    const store = open()
    const key = bytes(SPACE, 4)
    await store.batch(
      [
        { type: 'put', key, value: bytes(1) },
        { type: 'del', key },
      ],
      'buffered',
    )
    assert.equal(await store.get(key), undefined)
    await store.batch(
      [
        { type: 'del', key },
        { type: 'put', key, value: bytes(2) },
      ],
      'buffered',
    )
    assert.deepEqual(Uint8Array.from((await store.get(key)) ?? []), bytes(2))
  })

  it('does not see what a caller does to its bytes afterwards', async () => {
    const store = open()
    const key = bytes(SPACE, 5)
    const value = bytes(1)
    await store.batch([{ type: 'put', key, value }], 'buffered')
    value[0] = 2
    assert.deepEqual(Uint8Array.from((await store.get(bytes(SPACE, 5))) ?? []), bytes(1))
  })

  it('reads a range from its start, inclusive, to its end, exclusive, both ways and no further than asked', async () => {
    const store = open()
    const keys = [1, 2, 3, 4].map((last) => bytes(SPACE, 6, last))
    await put(store, ...keys)
    const range = { gte: bytes(SPACE, 6, 2), lt: bytes(SPACE, 6, 4) }
    assert.deepEqual(await keysOf(store, range), keys.slice(1, 3))
    assert.deepEqual(await keysOf(store, { ...range, reverse: true }), keys.slice(1, 3).toReversed())
    assert.deepEqual(await keysOf(store, { ...range, limit: 1 }), keys.slice(1, 2))
    assert.deepEqual(await keysOf(store, { ...range, reverse: true, limit: 1 }), keys.slice(2, 3))
    assert.deepEqual(await keysOf(store, { gte: bytes(SPACE, 6, 9), lt: bytes(SPACE, 7) }), [])
  })

  it('reads what was there when the reading began', async () => {
    const store = open()
    await put(store, bytes(SPACE, 7, 1), bytes(SPACE, 7, 2))
    const seen: Uint8Array[] = []
    for await (const [key] of store.iterate({ gte: bytes(SPACE, 7), lt: bytes(SPACE, 8) })) {
      if (seen.length === 0) await put(store, bytes(SPACE, 7, 3))
      seen.push(Uint8Array.from(key))
    }
    assert.equal(seen.length, 2)
  })

  it('orders keys by their bytes, shorter ones first', async () => {
    const store = open()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(255),
        fc.uniqueArray(fc.uint8Array({ maxLength: 4 }), { maxLength: 12, selector: String }),
        async (at, tails) => {
          const prefix = bytes(SPACE, 8, at, tails.length)
          const keys = tails.map((tail) => Uint8Array.of(...prefix, ...tail))
          const range = { gte: prefix, lt: bytes(SPACE, 8, at, tails.length + 1) }
          const before = await keysOf(store, range)
          await store.batch(
            before.map((key) => ({ type: 'del', key })),
            'buffered',
          )
          await put(store, ...keys)
          assert.deepEqual(await keysOf(store, range), keys.toSorted(compare))
        },
      ),
      { numRuns: 25 },
    )
  })
}

describe('node/ports: KeyValue', () => {
  describe('in memory', () => {
    const store = new MemoryKeyValue()
    suite(() => store)

    it('writes nothing of a batch that fails', async () => {
      const failing = new MemoryKeyValue()
      failing.onBatch = () => {
        throw new Error('disk')
      }
      await assert.rejects(failing.batch([{ type: 'put', key: bytes(1), value: bytes(1) }]))
      assert.equal(failing.size, 0)
    })
  })

  describe('level', () => {
    let directory = ''
    let database: Database | undefined
    before(async () => {
      directory = mkdtempSync(join(tmpdir(), 'candor-kv-'))
      database = await openDatabase(join(directory, 'db'))
    })
    after(async () => {
      await database?.close()
      rmSync(directory, { recursive: true, force: true })
    })
    suite(() => database ?? assert.fail('the database is open'))
  })
})
