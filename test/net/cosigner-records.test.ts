import assert from 'node:assert/strict'
import { Level } from 'level'
import { after as above, keyOf, numberAt } from '../../node/store/prefixes.ts'
import { bytesOfText } from '../../protocol/bytes.ts'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

type Bytes = Uint8Array
type Store = Level<Bytes, Bytes>

const DAMAGES: readonly (readonly [string, (store: Store, key: Bytes) => Promise<void>, RegExp])[] = [
  [
    'was cut short',
    async (store, key) => store.put(key, ((await store.get(key)) ?? new Uint8Array(0)).slice(0, -9)),
    /what our witness stated last of this log cannot be read/,
  ],
]

describe('a record of what was cosigned', function () {
  this.timeout(180_000)
  let coalition: Coalition
  let nodes: NodeProcess[] = []

  const start = async (at: number) => {
    const home = coalition.members[at]?.home
    assert.ok(home)
    const node = await startNode(home, coalition.charterFile)
    nodes.push(node)
    return node
  }
  const doctor = async (...words: readonly string[]) => {
    const { out } = await candor(['--home', homeOf(1), '--json', 'doctor', ...words])
    return JSON.parse(out).data
  }
  const homeOf = (at: number) => coalition.members[at]?.home.directory ?? ''
  const isOk = async ({ client }: NodeProcess) => (await client.status()).state === 'ok'
  /** Witnesses on the newest head of A, as A knows them. */
  const confirmedAt = async ({ client }: NodeProcess, size: number) => {
    const { log } = await client.status()
    return log.size === size && log.confirmed.witnesses === 1 && log.confirmed.mirrors === 1
  }
  const publish = async ({ client }: NodeProcess) => {
    const content = { kind: 'incident', public: { ...INCIDENT, title: 'x' } }
    await client.publishDraft((await client.addDraft(content)).id, 0)
  }

  beforeEach(async () => {
    coalition = await makeCoalition(2)
    nodes = []
  })

  afterEach(async () => {
    for (const node of nodes) await node.kill()
    coalition.remove()
  })

  for (const [what, damage, why] of DAMAGES) {
    it(`that ${what} is named with its cure: the old key states nothing again, and a new one goes on`, async () => {
      const [a, b] = [await start(0), await start(1)]
      await until('both may sign', async () => (await isOk(a)) && (await isOk(b)))
      await publish(a)
      await until('B cosigned', () => confirmedAt(a, 2))
      await b.stop()
      await damageRecord(`${homeOf(1)}/db`, damage)
      const again = await start(1)
      await until('B may sign', () => isOk(again))
      const [damaged, ...others] = (await doctor()).damaged
      assert.deepEqual([damaged?.what, damaged?.origin.split('/')[0], others], ['cosigner', 'a.example', []])
      assert.match(damaged.why, why)
      assert.match(damaged.why, /candor doctor --repair .*candor key rotate witness/)
      const { mended } = await doctor('--repair')
      assert.deepEqual(mended, [{ event: 'given-up', role: 'witness', fix: 'candor key rotate witness' }])
      assert.deepEqual((await doctor()).damaged, [])

      await again.stop()
      const last = await start(1)
      await until('B may sign', () => isOk(last))
      const problems = await until('it says what is to be done', async () => {
        const found = (await last.client.status()).problems
        return found.length > 0 && found
      })
      assert.deepEqual(
        problems.map(({ code, fix }) => [code, fix]),
        [['COSIGNING_STOPPED', 'candor key rotate witness']],
      )
      const rotated = await candor(['--home', homeOf(1), 'key', 'rotate', 'witness', '--yes'])
      assert.equal(rotated.exit, 0, rotated.err)
      await publish(a)
      await until('B cosigns again', () => confirmedAt(a, 3))
      assert.deepEqual((await last.client.status()).problems, [])
      for (const { client } of [a, last]) assert.deepEqual(await client.evidenceList(), [])
    })
  }
})

/** Damages what the witness stated of the log of A. */
async function damageRecord(
  path: string,
  damage: (store: Store, key: Bytes) => Promise<void>,
): Promise<void> {
  const store: Store = new Level<Bytes, Bytes>(path, { keyEncoding: 'view', valueEncoding: 'view' })
  await store.open()
  const prefix = keyOf('log', bytesOfText('a.example/'))
  for await (const [, value] of store.iterator({ gte: prefix, lt: above(prefix) }))
    await damage(store, keyOf('cosigner', { log: numberAt(value, 0, 4) }, { byte: 0 }))
  await store.close()
}
