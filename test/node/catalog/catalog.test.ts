import assert from 'node:assert/strict'
import fc from 'fast-check'
import { openCatalog } from '../../../node/catalog/catalog.ts'
import {
  addAll,
  assertLike,
  documentAt,
  documents,
  naively,
  placesOf,
  queries,
} from '../../support/catalog.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'

const PREFIX = Uint8Array.of(0x66, 0x01)
/** Small segments, so that sixty documents fill several and leave some in memory. */
const open = (store: MemoryKeyValue) => openCatalog(store, PREFIX, { segmentDocuments: 8 })

describe('node/catalog', () => {
  it('finds what a filter over all documents finds, in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(documents(), fc.array(queries, { minLength: 4, maxLength: 8 }), async (all, asked) => {
        const catalog = await open(new MemoryKeyValue())
        await addAll(catalog, all)
        for (const query of asked) await assertLike(catalog, all, query)
      }),
      { numRuns: 150 },
    )
  })

  it('gives back each row as it was added, written or not', async () => {
    await fc.assert(
      fc.asyncProperty(documents(20), async (all) => {
        const catalog = await open(new MemoryKeyValue())
        await addAll(catalog, all)
        const { items } = await catalog.query({ limit: 100, versions: 'all' })
        const rows = new Map(items.map((row) => [`${row.log}/${row.index}`, row]))
        for (const { text: _, ...row } of all) assert.deepEqual(rows.get(`${row.log}/${row.index}`), row)
      }),
      { numRuns: 40 },
    )
  })

  it('keeps the target of a statement about another one', async () => {
    const target = { record: new Uint8Array(16).fill(9), kind: 'incident' }
    const catalog = await openCatalog(new MemoryKeyValue(), PREFIX, { segmentDocuments: 1 })
    await catalog.add([documentAt(3, { statementKind: 'review', target })])
    assert.deepEqual((await catalog.query({ limit: 1 })).items[0]?.target, target)
  })

  it('pages through everything once, in order, whatever the size of a page', async () => {
    await fc.assert(
      fc.asyncProperty(documents(), queries, fc.integer({ min: 1, max: 9 }), async (all, query, limit) => {
        const catalog = await open(new MemoryKeyValue())
        await addAll(catalog, all)
        const found: string[] = []
        let cursor: string | undefined
        do {
          const page = await catalog.query({ ...query, limit, ...(cursor === undefined ? {} : { cursor }) })
          assert.ok(page.items.length <= limit)
          found.push(...placesOf(page.items))
          cursor = page.next
        } while (cursor !== undefined)
        assert.deepEqual(found, placesOf(naively(all, query)))
      }),
      { numRuns: 60 },
    )
  })

  it('neither repeats nor skips in later pages when documents arrive between them', async () => {
    await fc.assert(
      fc.asyncProperty(documents(), fc.nat(60), fc.integer({ min: 1, max: 5 }), async (all, cut, limit) => {
        const catalog = await open(new MemoryKeyValue())
        const early = all.slice(0, cut)
        await addAll(catalog, early)
        const found: string[] = []
        let rest = all.slice(cut)
        let cursor: string | undefined
        do {
          const page = await catalog.query({
            versions: 'all',
            limit,
            ...(cursor === undefined ? {} : { cursor }),
          })
          found.push(...placesOf(page.items))
          cursor = page.next
          await catalog.add(rest.slice(0, 3))
          rest = rest.slice(3)
        } while (cursor !== undefined)
        assert.equal(new Set(found).size, found.length)
        for (const place of placesOf(early)) assert.ok(found.includes(place), `${place} was skipped`)
      }),
      { numRuns: 60 },
    )
  })

  it('answers a query as of its beginning while a segment is being written', async () => {
    const catalog = await openCatalog(new MemoryKeyValue(), PREFIX, { segmentDocuments: 4 })
    await catalog.add([0, 1, 2].map((index) => documentAt(index)))
    const asked = catalog.query({ text: 'event', limit: 10 })
    const adding = catalog.add([3, 4, 5, 6, 7, 8].map((index) => documentAt(index)))
    assert.deepEqual(placesOf((await asked).items), ['1/2', '1/1', '1/0'])
    await adding
    assert.equal((await catalog.query({ text: 'event', limit: 10 })).total, 9)
  })
})

describe('node/catalog: versions', () => {
  const record = new Uint8Array(16).fill(5)
  const versions = (...numbers: number[]) =>
    numbers.map((version, index) => documentAt(index, { record, version }))

  it('lists the newest version alone, whichever came first', async () => {
    for (const order of [
      [1, 2, 3],
      [3, 2, 1],
      [2, 3, 1],
    ]) {
      const catalog = await open(new MemoryKeyValue())
      await catalog.add(versions(...order))
      const { items, total } = await catalog.query({ limit: 9 })
      assert.equal(total, 1)
      assert.equal(items[0]?.version, 3)
    }
  })

  it('lists the newest visible version where a newer one must not be shown', async () => {
    const catalog = await open(new MemoryKeyValue())
    await catalog.add(versions(1, 2, 3))
    const { items } = await catalog.query({ limit: 9, visible: (_, index) => index < 2 })
    assert.deepEqual(
      items.map(({ version }) => version),
      [2],
    )
  })

  it('does not find a record by the words of an older version', async () => {
    const catalog = await open(new MemoryKeyValue())
    await catalog.add([
      documentAt(0, { record, title: 'wrong dose' }),
      documentAt(1, { record, version: 2, title: 'right dose' }),
    ])
    assert.equal((await catalog.query({ text: 'wrong', limit: 9 })).total, 0)
    assert.equal((await catalog.query({ text: 'wrong', limit: 9, versions: 'all' })).total, 1)
  })

  it('counts the first of two equal versions, and keeps records of other authors apart', async () => {
    const catalog = await open(new MemoryKeyValue())
    await catalog.add([...versions(2, 2), documentAt(0, { log: 2, record, author: 'st-brigid.example' })])
    const { items } = await catalog.query({ limit: 9 })
    assert.deepEqual(placesOf(items).toSorted(), ['1/0', '2/0'])
  })

  it('looks at each of ten thousand versions of a record a bounded number of times', async () => {
    const catalog = await openCatalog(new MemoryKeyValue(), PREFIX)
    await catalog.add(versions(...Array.from({ length: 10_000 }, (_, at) => at + 1)))
    let looks = 0
    const visible = (_: number, index: number) => {
      looks += 1
      return index < 5
    }
    assert.equal((await catalog.query({ limit: 1, visible })).total, 1)
    assert.ok(looks <= 20_000, `${looks} looks`)
  })
})
