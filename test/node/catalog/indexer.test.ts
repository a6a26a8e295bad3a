import assert from 'node:assert/strict'
import { openCatalog } from '../../../node/catalog/catalog.ts'
import { Indexer } from '../../../node/catalog/indexer.ts'
import type { Grown } from '../../../node/log/appender.ts'
import type { NewEntry } from '../../../node/store/extension.ts'
import { Logs } from '../../../node/store/logs.ts'
import { encode } from '../../../protocol/codec/cbor.ts'
import { DOCUMENT_MEDIA_TYPE } from '../../../protocol/codec/part.ts'
import { parseEntry, prepareEntry, sealEntry } from '../../../protocol/codec/statement.ts'
import { branded } from '../../../protocol/brand.ts'
import type { KeyId } from '../../../protocol/identity/key.ts'
import { appendLeaves, leafHash } from '../../../protocol/log/merkle.ts'
import { printBase32 } from '../../../protocol/bytes.ts'
import { portable } from '../../../protocol/primitives.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'

const PREFIX = Uint8Array.of(0x66)
const ORIGIN = `northgrid.example/candor/${'a'.repeat(52)}/1`

/** An entry as the store holds it; nothing here looks at its signature. */
function entryAt(number: number, kind: string): NewEntry {
  const record = new Uint8Array(16).fill(number)
  const empty = new Uint8Array(32)
  const statement = { kind, record, version: 1, on: null, parts: [empty, empty, empty] as const }
  const header = {
    algorithm: -8 as const,
    keyId: branded<KeyId>(empty),
    issuer: ORIGIN,
    subject: printBase32(record),
    issuedAt: 3_600,
  }
  const entry = parseEntry(sealEntry(prepareEntry(statement, header), new Uint8Array(64)))
  assert.ok(entry.ok)
  const bytes = encode({ kind: 'near_miss', title: `Event ${number}`, sectors: ['health'] })
  return {
    entry: entry.value,
    leaf: leafHash(portable, entry.value.bytes),
    part: { opening: empty, mediaType: DOCUMENT_MEDIA_TYPE, bytes },
  }
}

async function grow(logs: Logs, ...added: NewEntry[]): Promise<Grown> {
  const log = await logs.ensure(ORIGIN)
  const leaves = added.map(({ leaf }) => leaf)
  const edge = appendLeaves(portable, log.edge, leaves)
  return { log: await logs.extend(log, added, { edge, keys: undefined }), from: log.edge.size, added }
}

async function setUp(store = new MemoryKeyValue(), errors: unknown[] = []) {
  const logs = new Logs(portable, store)
  await logs.open(() => undefined)
  const catalog = await openCatalog(store, PREFIX, { segmentDocuments: 2 })
  const indexer = new Indexer({ catalog, logs, onError: (error) => errors.push(error) })
  return { store, logs, catalog, indexer, errors }
}

const titlesOf = async (indexer: Indexer) =>
  (await indexer.query({ limit: 99 })).items.map(({ title }) => title).toSorted()

describe('node/catalog/indexer', () => {
  it('answers from every entry that the logs hold when it is asked', async () => {
    const { logs, indexer } = await setUp()
    indexer.grown(await grow(logs, entryAt(0, 'epoch'), entryAt(1, 'incident')))
    indexer.grown(await grow(logs, entryAt(2, 'incident'), entryAt(3, 'sighting')))
    assert.deepEqual(await titlesOf(indexer), ['Event 1', 'Event 2'])
  })

  it('reads from the store what it was not told', async () => {
    const { logs, catalog, indexer } = await setUp()
    await grow(logs, entryAt(0, 'epoch'), entryAt(1, 'incident'))
    indexer.grown(await grow(logs, entryAt(2, 'incident')))
    assert.deepEqual(await titlesOf(indexer), ['Event 1', 'Event 2'])
    assert.equal(catalog.next(1), 3)
  })

  it('goes on after a restart where its last segment ended', async () => {
    const { store, logs, indexer } = await setUp()
    for (const number of [1, 2, 3, 4, 5]) indexer.grown(await grow(logs, entryAt(number, 'incident')))
    await indexer.catchUp()
    const again = await setUp(store.copy())
    assert.equal(again.catalog.next(1), 4)
    await again.indexer.catchUp()
    assert.deepEqual(await titlesOf(again.indexer), ['Event 1', 'Event 2', 'Event 3', 'Event 4', 'Event 5'])
    assert.equal(again.catalog.size, 5)
  })

  it('reports a failed write, and fills the gap with the next growth', async () => {
    const { store, logs, indexer, errors } = await setUp()
    const first = await grow(logs, entryAt(1, 'incident'), entryAt(2, 'incident'), entryAt(3, 'incident'))
    store.onBatch = () => {
      throw new Error('disk')
    }
    indexer.grown(first)
    await indexer.catchUp()
    assert.ok(errors.length > 0)
    store.onBatch = () => {}
    indexer.grown(await grow(logs, entryAt(4, 'incident')))
    assert.deepEqual(await titlesOf(indexer), ['Event 1', 'Event 2', 'Event 3', 'Event 4'])
  })

  it('reads again what could not wait in memory', async () => {
    const { logs, catalog, indexer } = await setUp()
    const grown = await grow(logs, entryAt(0, 'epoch'), entryAt(1, 'incident'))
    // As many as are told at once at most, and more: only the log itself is remembered of those.
    const many = Array.from({ length: 5_000 }, () => grown.added).flat()
    indexer.grown({ ...grown, added: many })
    assert.deepEqual(await titlesOf(indexer), ['Event 1'])
    assert.equal(catalog.next(1), 2)
  })

  it('takes nothing more once it was stopped', async () => {
    const { logs, catalog, indexer } = await setUp()
    await indexer.stop()
    indexer.grown(await grow(logs, entryAt(1, 'incident')))
    await indexer.catchUp()
    assert.equal(catalog.size, 0)
  })
})
