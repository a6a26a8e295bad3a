import assert from 'node:assert/strict'
import { openCatalog } from '../../../node/catalog/catalog.ts'
import type { CatalogQuery } from '../../../node/catalog/query.ts'
import { NodeError } from '../../../node/errors.ts'
import { documentAt } from '../../support/catalog.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'

const PREFIX = Uint8Array.of(0x66, 0x01)

describe('node/catalog: what others write', () => {
  it('holds its bounds against hostile texts, and still finds the rest', async () => {
    const hostile = [
      'b'.repeat(60_000),
      Array.from({ length: 20_000 }, (_, at) => `w${at.toString(36)}`).join(' '),
      '\u{fdfa}'.repeat(20_000),
      'é'.normalize('NFD').repeat(10_000),
      'x\u0301\u0302\u0303'.repeat(9_000),
      '\u{1d400}'.repeat(30_000),
      '\u0000\u200b\ufeff\u202e../../%s${}<script>* \\ "',
      'İ'.repeat(16_000),
      '🜁'.repeat(400),
    ]
    const store = new MemoryKeyValue()
    let bytes = 0
    store.onBatch = (operations) => {
      // Everything the catalogue writes about them: rows, columns, terms.
      for (const operation of operations) bytes += operation.type === 'put' ? operation.value.length : 0
    }
    const catalog = await openCatalog(store, PREFIX, { segmentDocuments: hostile.length + 1 })
    const all = hostile.map((text, index) =>
      documentAt(index, {
        title: text,
        summary: text,
        text,
        kind: text.slice(0, 5_000),
        status: text,
        sectors: Array.from({ length: 5_000 }, (_, at) => 's'.repeat(at % 500)),
        harms: [text, text],
        occurred: { start: text },
      }),
    )
    await catalog.add([...all, documentAt(hostile.length, { title: 'Needle' })])
    assert.ok(bytes < hostile.length * 40_000, `${bytes} bytes were written`)
    const { items, total } = await catalog.query({ limit: 100 })
    assert.equal(total, hostile.length + 1)
    for (const row of items) assert.ok(JSON.stringify(row).length < 12_000)
    assert.equal((await catalog.query({ text: 'needle', limit: 1 })).total, 1)
    // Both the word and its question are cut to the same length.
    assert.equal((await catalog.query({ text: 'b'.repeat(300), limit: 1 })).total, 1)
  })

  it('closes a segment early when its texts have too many different words', async () => {
    const store = new MemoryKeyValue()
    let batches = 0
    store.onBatch = () => (batches += 1)
    const catalog = await openCatalog(store, PREFIX)
    const before = batches
    const texts = Array.from({ length: 300 }, (_, at) =>
      Array.from({ length: 500 }, (_, word) => `w${(at * 500 + word).toString(36)}`).join(' '),
    )
    await catalog.add(texts.map((text, index) => documentAt(index, { text })))
    assert.equal(batches - before, 2)
    assert.equal((await catalog.query({ text: 'w0', limit: 1 })).total, 1)
  })

  it('refuses dates, cursors and searches that cannot be meant', async () => {
    const catalog = await openCatalog(new MemoryKeyValue(), PREFIX)
    const refused: readonly Partial<CatalogQuery>[] = [
      { from: 'yesterday' },
      { to: '2025-13' },
      { from: '2025-02-30' },
      { cursor: '' },
      { cursor: '1.2' },
      { cursor: '01.2.3' },
      { cursor: '1.2.-3' },
      { text: 'a'.repeat(1_001) },
      { text: Array.from({ length: 17 }, (_, at) => `w${at}`).join(' ') },
    ]
    for (const query of refused) {
      await assert.rejects(
        catalog.query({ limit: 1, ...query }),
        (error) => error instanceof NodeError && error.code === 'BAD_INPUT',
        JSON.stringify(query),
      )
    }
  })

  it('gives no page longer than a thousand, and none for a limit that is no number', async () => {
    const catalog = await openCatalog(new MemoryKeyValue(), PREFIX)
    await catalog.add(Array.from({ length: 1_100 }, (_, index) => documentAt(index)))
    const sizes = await Promise.all(
      [5_000, 0, -1, Number.NaN].map(async (limit) => (await catalog.query({ limit })).items.length),
    )
    assert.deepEqual(sizes, [1_000, 0, 0, 0])
    assert.equal((await catalog.query({ limit: 0 })).total, 1_100)
  })
})
