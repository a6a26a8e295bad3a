import assert from 'node:assert/strict'
import { parseSignedCheckpoint, printBare } from '../../protocol/log/checkpoint.ts'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../../node/api/client.ts'
import { homeAt, type Home } from '../../node/home.ts'
import { keyOf } from '../../node/store/prefixes.ts'
import { tileKey } from '../../node/store/tiles.ts'
import type { DamageView } from '../../node/api/store-service.ts'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { alter, changeStore, cut, dropRecord, numberOf, type Store } from '../support/damaging.ts'
import { failToStart, startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { inMemory } from '../support/uploads.ts'

type Damage = (store: Store, log: number) => Promise<void>

/** Entries besides the first: one full tile, a growing one and a group of parts that is not full. */
const ROWS = 299
const SIZE = ROWS + 1

/** What is damaged, what a doctor calls it, and the first entry it concerns. */
const TABLE: readonly [string, string, number | undefined, Damage, boolean?][] = [
  ['one bit of an entry', 'entry', 255, (store, log) => alter(store, keyOf('bundle', { log }, { index: 0 }))],
  [
    'one bit of an entry of the end',
    'entry',
    256,
    (store, log) => alter(store, keyOf('tail', { log }, { index: 290 })),
    true,
  ],
  ['one bit of a hash tile', 'tile', 0, (store, log) => alter(store, tileKey(log, 0, 0))],
  [
    'one bit of an opening',
    'part',
    32,
    (store, log) => alter(store, keyOf('partGroup', { log }, { index: 2 }), 9),
  ],
  [
    'the opening of the last entry',
    'part',
    299,
    (store, log) => store.del(keyOf('part', { log }, { index: 299 })),
  ],
  [
    'a range of entries, gone',
    'entry',
    0,
    (store, log) => store.del(keyOf('bundle', { log }, { index: 0 })),
    true,
  ],
  [
    'a bundle cut short',
    'entry',
    0,
    (store, log) => cut(store, keyOf('bundle', { log }, { index: 0 })),
    true,
  ],
  ['an index row, gone', 'row', undefined, (store, log) => dropRecord(store, log)],
  [
    'an entry and the tile over it',
    'entry',
    255,
    async (store, log) => {
      await alter(store, keyOf('bundle', { log }, { index: 0 }))
      await alter(store, tileKey(log, 0, 0))
    },
  ],
  ['the hashes above the tiles', 'tile', 0, (store, log) => alter(store, tileKey(log, 1, 0)), true],
  ['the stored size', 'entry', 300, (store, log) => alter(store, keyOf('state', { log })), true],
]

describe('a doctor', function () {
  this.timeout(240_000)
  const running = new Set<NodeProcess>()
  let coalition: Coalition
  let copies = 0
  const heads = new Map<string, Uint8Array>()

  const start = async (home: Home, args: readonly string[] = []) => {
    const node = await startNode(home, coalition.charterFile, args)
    running.add(node)
    return node
  }
  const stop = async (node: NodeProcess) => {
    running.delete(node)
    await node.stop()
  }
  const member = (at: number) => {
    const home = coalition.members[at]?.home
    assert.ok(home)
    return home
  }
  const doctor = async (home: Home, ...words: readonly string[]) => {
    const { exit, out, err } = await candor(['--home', home.directory, '--json', 'doctor', ...words])
    assert.equal(err, '')
    return { exit, ...JSON.parse(out).data }
  }
  /** The second member's home with its database changed; its node must not run meanwhile. */
  const damagedHome = async (domain: string, damage: Damage) => {
    copies += 1
    const home = homeAt(join(coalition.directory, `copy-${copies}`))
    cpSync(member(1).directory, home.directory, { recursive: true })
    await changeStore(home, async (store) => damage(store, await numberOf(store, domain)))
    return home
  }
  /** It has settled and is connected with both others: what is damaged is mended from what they hold. */
  const settled = async (client: Client) => {
    await until('it has settled', async () => (await client.status()).state !== 'recovering')
    await until('it is connected', async () =>
      (await client.peers()).every(({ state }) => state === 'connected'),
    )
  }

  before(async () => {
    coalition = await makeCoalition(3)
    const nodes = await Promise.all([0, 1, 2].map((at) => start(member(at))))
    for (const [at, { client }] of nodes.entries()) {
      await until('it publishes', async () => (await client.status()).state === 'ok')
      if (at < 2) await importRows(client)
    }
    for (const domain of ['a.example', 'b.example']) {
      for (const { client } of nodes) {
        await until('all hold it and know that it is confirmed', async () =>
          (await client.logs()).some(
            ({ domain: of, size, confirmed }) =>
              of === domain && size === SIZE && confirmed.quorum?.size === SIZE,
          ),
        )
      }
      const client = nodes[0]?.client
      assert.ok(client)
      heads.set(domain, await bareHead(client, domain))
    }
    const [, b] = nodes
    assert.ok(b)
    await stop(b)
  })

  afterEach(async () => {
    for (const node of [...running].slice(2)) await stop(node)
  })

  after(async () => {
    for (const node of running) await node.kill()
    coalition.remove()
  })

  for (const [what, thing, index, damage, isFoundAtOpening] of TABLE) {
    for (const domain of ['b.example', 'a.example']) {
      const whose = domain === 'b.example' ? 'its own log' : 'its copy of another log'
      // What is found in a copy at the start is fetched again before anybody asks.
      const isMendedAlone = isFoundAtOpening && domain === 'a.example'
      it(`finds and mends ${what}, in ${whose}`, async () => {
        const home = await damagedHome(domain, damage)
        const { client } = await start(home)
        await settled(client)
        if (!isMendedAlone) {
          const found = await doctor(home)
          assert.equal(found.exit, 1)
          const named = found.damaged.map((one: DamageView) => [
            one.origin.split('/')[0],
            one.what,
            one.index,
          ])
          const isNamed = named.some(([whose, name, at]: (typeof named)[number]) => {
            return whose === domain && name === thing && (index === undefined || at === index)
          })
          assert.ok(isNamed, JSON.stringify(found.damaged))
          const { problems, logs } = await client.status()
          assert.ok(
            problems.some(({ code, fix }) => code === 'STORE_DAMAGED' && fix === 'candor doctor --repair'),
          )
          assert.ok(logs.every((log) => log.domain !== domain || log.state === 'damaged'))
          if (isFoundAtOpening !== true && (thing === 'entry' || thing === 'part')) {
            const audited = await candor(['--home', home.directory, 'verify', '--all'])
            assert.ok([10, 12].includes(audited.exit), audited.out)
            assert.match(audited.out, new RegExp(`entry ${index}: `))
          }
          if (domain === 'b.example') await assert.rejects(importRows(client, 1), { code: 'STORE_DAMAGED' })
          const mended = await doctor(home, '--repair')
          assert.deepEqual(
            mended.mended.map(({ event }: { event: string }) => event),
            ['repaired'],
          )
        }
        await until('it publishes', async () => (await client.status()).state === 'ok')
        const again = await until('all is whole', async () => {
          const checked = await doctor(home)
          return checked.exit === 0 ? checked : undefined
        })
        assert.deepEqual(again.damaged, [])
        assert.deepEqual(await bareHead(client, domain), heads.get(domain))
        const verified = await candor(['--home', home.directory, 'verify', '--all'])
        assert.match(verified.out, /3 logs/)
        assert.ok([0, 12].includes(verified.exit), verified.out)
        assert.doesNotMatch(verified.out, /entry \d+:/)
      })
    }
  }

  it('serves nothing damaged to another member, and is not blamed for what its disk did', async () => {
    const home = await damagedHome('a.example', (store, log) =>
      alter(store, keyOf('bundle', { log }, { index: 0 })),
    )
    const [a, c] = [...running]
    assert.ok(a && c)
    await stop(a)
    await stop(c)
    const empty = homeAt(join(coalition.directory, 'empty'))
    cpSync(member(2).directory, empty.directory, { recursive: true })
    rmSync(empty.database, { recursive: true })
    const b = await start(home)
    const asker = await start(empty)
    await until('it names the damage', async () =>
      (await b.client.status()).problems.some(({ code }) => code === 'STORE_DAMAGED'),
    )
    await until('the other has what is whole', async () =>
      (await asker.client.logs()).some(({ domain, size }) => domain === 'b.example' && size === SIZE),
    )
    assert.deepEqual((await asker.client.status()).problems, [])
    assert.ok((await asker.client.peers()).every(({ score }) => score >= 0))
    assert.ok((await asker.client.logs()).every(({ domain, held }) => domain !== 'a.example' || held === 0))
    await stop(b)
    await stop(asker)
    await start(member(0))
    await start(member(2))
  })

  it('brings a database back that cannot be opened at all', async () => {
    const home = await damagedHome('b.example', async () => undefined)
    for (const name of readdirSync(home.database).filter((one) => one.endsWith('.ldb'))) {
      const file = join(home.database, name)
      truncateSync(file, Math.floor(readFileSync(file).length / 2))
    }
    const { said } = await failToStart(home, ['--charter', coalition.charterFile])
    assert.match(said, /STORE_DAMAGED.*candor up --repair/)
    const down = await candor(['--home', home.directory, 'doctor'])
    assert.equal(down.exit, 3)
    assert.match(down.out, /nothing that is stored was checked/)
    const { client } = await start(home, ['--repair'])
    await settled(client)
    const { state, readOnly } = await client.status()
    assert.equal(state, 'read-only')
    assert.match(readOnly?.why ?? '', /damaged/)
    await assert.rejects(importRows(client, 1), { code: 'STORE_DAMAGED' })
    assert.ok(readdirSync(home.directory).some((name) => name.startsWith('db.damaged-')))
    const mended = await until('it is mended', async () => {
      const answer = await doctor(home, '--repair')
      return answer.exit === 0 ? answer : undefined
    })
    assert.ok(mended.mended.length <= 1)
    await until('it publishes', async () => (await client.status()).state === 'ok')
    assert.deepEqual(await bareHead(client, 'b.example'), heads.get('b.example'))
    assert.ok(existsSync(home.database))
  })
})

async function importRows(client: Client, count = ROWS): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => `${i + 1},2026-01-02,What happened.,Case ${i}`)
  const files = { 'incidents.csv': ['incident_id,date,description,title', ...rows].join('\n') }
  const options = { format: 'aiid', publish: true, dryRun: false }
  for await (const event of client.importFiles(inMemory(files), options)) assert.ok(event.event !== 'skipped')
}

/** The head as its log signed it, without the cosignatures that came since. */
async function bareHead(client: Client, domain: string): Promise<Uint8Array> {
  const signed = parseSignedCheckpoint(await client.head(domain))
  assert.ok(signed.ok)
  return printBare(signed.value)
}
