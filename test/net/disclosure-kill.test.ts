import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../node/api/client.ts'
import type { StoreCheck } from '../../node/api/store-service.ts'
import type { Home } from '../../node/home.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { agreedTrails, ASK, assertNoSecrets, publishDraft } from '../support/restricted.ts'
import { until } from '../support/until.ts'

const KILLS = 6

/** An owner answers one peer eight messages a second, and each request takes three. */
const REQUESTS_MAX = 60

const POLICY = `v: 1
rules:
  - { name: partners, tiers: [partner], audience: [member], outcome: allow }
rate: { requests: 1000, seconds: 86400 }
longest: { partner: 365, research: 90 }
retention: 1826
`

describe('kill -9 in the middle of disclosures', function () {
  this.timeout(240_000)
  let coalition: Coalition
  const nodes: NodeProcess[] = []

  before(async () => {
    coalition = await makeCoalition(3)
    for (const at of [0, 1, 2]) nodes[at] = await start(at)
  })

  after(async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    coalition.remove()
  })

  const start = (at: number): Promise<NodeProcess> => {
    return startNode(homeOf(at), coalition.charterFile, ['--account-seconds', '1'])
  }
  const homeOf = (at: number): Home => {
    const home = coalition.members[at]?.home
    assert.ok(home)
    return home
  }
  const client = (at: number): Client => {
    const node = nodes[at]
    assert.ok(node)
    return node.client
  }

  it(`${KILLS} times discloses nothing without an entry, and both trails agree`, async () => {
    const { random, seed } = seededRandom()
    await until('all may sign', async () =>
      (await Promise.all([0, 1, 2].map((at) => client(at).status()))).every(({ state }) => state === 'ok'),
    )
    await client(0).putDisclosurePolicy(POLICY)
    const record = await publishDraft(client(0))
    await until('b holds it', async () => (await client(1).records({ limit: 1 })).items.length === 1)

    const asked = new Set<string>()
    for (let round = 0; round < KILLS; round++) {
      const victim = random() < 0.5 ? 0 : 1
      const asking = askUntilKilled(() => client(1), record, asked)
      const before = asked.size
      await until('some are acknowledged', () => asked.size > before || asked.size >= REQUESTS_MAX)
      await sleep(random() * 900)
      await nodes[victim]?.kill()
      asking.isOver = true
      await asking.done
      nodes[victim] = await start(victim)
    }
    assert.ok(asked.size > KILLS, `only ${asked.size} requests were acknowledged (seed ${seed})`)

    await until(
      'every request that was acknowledged comes to its end',
      async () => {
        const [requests, cases] = await Promise.all([client(1).requests(), client(0).cases(undefined)])
        const isOver = requests.every(({ state }) => state === 'opened')
        const isTold = cases.every(({ state }) => state === 'confirmed')
        return isOver && isTold && requests.length >= asked.size && cases.length >= requests.length
      },
      120_000,
    )
    const ids = new Set((await client(1).requests()).map(({ id }) => id))
    for (const id of asked) assert.ok(ids.has(id), `${id} is forgotten (seed ${seed})`)
    const cases = await client(0).cases(undefined)
    assert.deepEqual(new Set(cases.map(({ id }) => id)), ids)
    assert.ok(cases.every(({ state }) => state === 'confirmed'))
    const entries = await agreedTrails(client(2), [client(0), client(1)])
    assert.deepEqual(entries, [4 * ids.size, 3 * ids.size], `seed ${seed}`)
    process.stdout.write(
      `      ${KILLS} kills, seed ${seed}: ${ids.size} requests, all opened and confirmed\n`,
    )
  })

  it('both trails and every part are there under another vault key, and the one before is gone', async () => {
    const before = await agreedTrails(client(2), [client(0), client(1)])
    const [request] = await client(1).requests()
    assert.ok(request)
    for (const at of [0, 1]) {
      const vault = join(homeOf(at).keys, 'vault.key')
      const old = readFileSync(vault)
      assert.deepEqual(await client(at).prepareVaultKey(), { made: true })
      await nodes[at]?.kill()
      nodes[at] = await start(at)
      assert.notDeepEqual(readFileSync(vault), old)
      assert.deepEqual(
        readdirSync(homeOf(at).keys).filter((name) => name.startsWith('vault')),
        ['vault.key'],
      )
    }
    const checks: StoreCheck[] = []
    for await (const one of client(0).checkStore()) checks.push(one)
    assert.deepEqual(
      checks.filter(({ event }) => event === 'damaged'),
      [],
    )
    assert.deepEqual(await agreedTrails(client(2), [client(0), client(1)]), before)
    const { document } = await client(1).fetchDetail(request.id)
    assert.match(JSON.stringify(document), /was misread/)
    await Promise.all(nodes.map((node) => node.kill()))
    for (const { home } of coalition.members) await assertNoSecrets(home)
  })
})

/** Makes one request after the other, and keeps the ids of those that were acknowledged. */
function askUntilKilled(client: () => Client, record: string, asked: Set<string>) {
  const asking = { isOver: false, done: Promise.resolve() }
  const ask = async () => {
    while (!asking.isOver && asked.size < REQUESTS_MAX) {
      try {
        asked.add((await client().requestDetail({ record, ...ASK })).id)
        await sleep(80)
      } catch {
        // The node was killed in the middle of its answer, or is not back yet.
        await sleep(20)
      }
    }
  }
  asking.done = Promise.all([ask(), ask(), ask()]).then(() => undefined)
  return asking
}
