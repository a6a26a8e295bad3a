import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import { homeAt, type Home } from '../../node/home.ts'
import { keyOf } from '../../node/store/prefixes.ts'
import { tileKey } from '../../node/store/tiles.ts'
import type { Client } from '../../node/api/client.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { Heads } from '../support/history.ts'
import { failToStart, startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { inMemory } from '../support/uploads.ts'

type Bytes = Uint8Array
type Store = Level<Bytes, Bytes>

/** Entries besides the first: one full tile and a growing one. */
const ROWS = 400

/** Our own log is the first that a database numbers. */
const OWN = { log: 1 } as const

const DRAFT = { kind: 'incident', public: { ...INCIDENT, title: 'A title' } }

describe('a damaged store', function () {
  this.timeout(180_000)
  let coalition: Coalition
  let node: NodeProcess | undefined
  let head: Uint8Array
  let copies = 0

  before(async () => {
    coalition = await makeCoalition(1)
    const { client } = await start(own())
    await importRows(client, ROWS)
    head = await client.head(undefined)
    await node?.stop()
  })

  afterEach(async () => {
    await node?.kill()
    node = undefined
  })

  after(() => coalition.remove())

  const own = () => {
    const home = coalition.members[0]?.home
    assert.ok(home)
    return home
  }
  const start = async (home: Home) => {
    node = await startNode(home, coalition.charterFile)
    const { client } = node
    await until('it has settled', async () => (await client.status()).state !== 'recovering')
    return { client, status: await client.status() }
  }
  /** A home like the first, with its database changed. */
  const damagedHome = async (damage: (store: Store) => Promise<void>) => {
    copies += 1
    const home = homeAt(join(coalition.directory, `copy-${copies}`))
    cpSync(own().directory, home.directory, { recursive: true })
    const store: Store = new Level<Bytes, Bytes>(home.database, {
      keyEncoding: 'view',
      valueEncoding: 'view',
    })
    await store.open()
    await damage(store)
    await store.close()
    return home
  }

  it('without its newest signed head signs the same one again', async () => {
    const home = await damagedHome((store) => store.del(keyOf('complete', OWN)))
    const { client } = await start(home)
    await until('it is signed', async () => (await client.status()).state === 'ok')
    assert.deepEqual(await client.head(undefined), head)
  })

  const table: readonly [string, (store: Store) => Promise<void>][] = [
    ['its stored root altered', (store) => alter(store, keyOf('state', OWN))],
    ['its size gone', (store) => store.del(keyOf('state', OWN))],
    ['the hashes above its tiles gone', (store) => store.del(tileKey(OWN.log, 1, 0))],
    ['the hashes above its tiles altered', (store) => alter(store, tileKey(OWN.log, 1, 0))],
    ['its first entries gone', (store) => store.del(keyOf('bundle', OWN, { index: 0 }))],
    ['an entry of its end gone', (store) => store.del(keyOf('tail', OWN, { index: ROWS - 10 }))],
    ['an entry of its end altered', (store) => alter(store, keyOf('tail', OWN, { index: ROWS - 10 }))],
    ['its newest signed head altered', (store) => alter(store, keyOf('complete', OWN))],
  ]
  for (const [what, damage] of table) {
    it(`with ${what} is named, not served and never signed on`, async () => {
      const home = await damagedHome(damage)
      // A second start finds what the first left behind.
      for (const _ of what.includes('root') ? ['first', 'second'] : ['first']) {
        const { client, status } = await start(home)
        if (what.includes('signed head')) {
          // The head can be made again from what it covers: that is the repair.
          await until('it is signed', async () => (await client.status()).state === 'ok')
          assert.deepEqual(await client.head(undefined), head)
        } else {
          assert.deepEqual(
            status.problems.map(({ code }) => code),
            ['STORE_DAMAGED'],
          )
          assert.equal(status.state, 'read-only')
          assert.match(status.readOnly?.why ?? '', /is damaged/)
          await assert.rejects(client.head(undefined), { code: 'NOT_FOUND' })
          await assert.rejects(importRows(client, 1), { code: 'STORE_DAMAGED' })
          const { id } = await client.addDraft(DRAFT)
          await assert.rejects(client.publishDraft(id, 0), { code: 'STORE_DAMAGED' })
          assert.deepEqual((await client.records({ limit: 10 })).items, [])
        }
        await node?.stop()
      }
    })
  }

  it('with a full hash tile gone proves nothing with other hashes', async () => {
    const home = await damagedHome((store) => store.del(tileKey(OWN.log, 0, 0)))
    const { client } = await start(home)
    await assert.rejects(client.inclusion(undefined, 5, undefined), { code: 'STORE_DAMAGED' })
    // Short trees: their hashes have the places that those of the growing tile have in theirs.
    await assert.rejects(client.inclusion(undefined, 5, 100), { code: 'STORE_DAMAGED' })
    await assert.rejects(client.consistency(undefined, 5, 100), { code: 'STORE_DAMAGED' })
    await assert.rejects(client.consistency(undefined, 5, ROWS), { code: 'STORE_DAMAGED' })
    assert.equal((await client.inclusion(undefined, 300, undefined)).index, 300)
  })

  for (const [what, spoil] of [
    ['cut in half', (file: string) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
    ['emptied', (file: string) => truncateSync(file, 0)],
    ['overwritten', (file: string) => writeFileSync(file, readFileSync(file).fill(0x5a))],
  ] as const) {
    it(`with its tables ${what} is not opened`, async () => {
      const home = await damagedHome(async () => {})
      const tables = readdirSync(home.database).filter((name) => name.endsWith('.ldb'))
      assert.ok(tables.length > 0)
      for (const name of tables) spoil(join(home.database, name))
      const { code, said } = await failToStart(home, ['--charter', coalition.charterFile])
      assert.match(said, /"code":"STORE_DAMAGED"/)
      assert.equal(code, 1)
    })
  }
})

describe('a store whose write-ahead log was cut short', function () {
  this.timeout(180_000)
  const nodes: NodeProcess[] = []
  let coalition: Coalition

  before(async () => {
    coalition = await makeCoalition(2)
  })

  after(async () => {
    for (const node of nodes) await node.kill()
    coalition.remove()
  })

  it('gets its own entries back from another member before it signs', async () => {
    const homes = coalition.members.map(({ home }) => home)
    const [first, second] = homes
    assert.ok(first && second)
    const heads = new Heads()
    const a = await startNode(first, coalition.charterFile)
    const b = await startNode(second, coalition.charterFile)
    nodes.push(a, b)
    await until('both may sign', async () =>
      (await Promise.all([a, b].map(({ client }) => client.status()))).every(({ state }) => state === 'ok'),
    )
    await importRows(a.client, ROWS)
    heads.add(await a.client.head(undefined))
    await until('the other holds all', async () =>
      (await b.client.logs()).some(({ domain, size }) => domain === 'a.example' && size === ROWS + 1),
    )
    await a.stop()
    for (const name of readdirSync(first.database).filter((one) => one.endsWith('.log'))) {
      const file = join(first.database, name)
      truncateSync(file, Math.floor(readFileSync(file).length / 2))
    }
    const again = await startNode(first, coalition.charterFile)
    nodes.push(again)
    await until('it may sign', async () => (await again.client.status()).state === 'ok')
    await heads.check(again.client)
    await importRows(again.client, ROWS + 5)
    heads.add(await again.client.head(undefined))
    await heads.check(again.client)
    assert.ok(heads.newest > ROWS + 1)
    // Lost with the entries is what it cosigned last, so its old keys cosign nothing again.
    const { problems } = await again.client.status()
    assert.ok(problems.every(({ code }) => code === 'COSIGNING_STOPPED'))
  })
})

async function alter(store: Store, key: Uint8Array): Promise<void> {
  const value = await store.get(key)
  assert.ok(value)
  const altered = value.slice()
  const last = altered.length - 1
  altered[last] = (altered[last] ?? 0) ^ 1
  await store.put(key, altered)
}

async function importRows(client: Client, count: number): Promise<void> {
  await until('the node has settled', async () => (await client.status()).state !== 'recovering')
  const rows = Array.from({ length: count }, (_, i) => `${i + 1},2026-01-02,What happened.,Case ${i}`)
  const files = { 'incidents.csv': ['incident_id,date,description,title', ...rows].join('\n') }
  const options = { format: 'aiid', publish: true, dryRun: false }
  for await (const event of client.importFiles(inMemory(files), options)) assert.ok(event.event !== 'skipped')
}
