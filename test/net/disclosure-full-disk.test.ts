import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { AskedView, Client } from '../../node/api/client.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { agreedTrails, ASK, publishDraft } from '../support/restricted.ts'
import { until } from '../support/until.ts'

/** Requests after which a disk without a free page has refused a write. */
const REQUESTS_MAX = 40

const POLICY = `v: 1
rules:
  - { name: partners, tiers: [partner], audience: [member], outcome: allow }
rate: { requests: 1000, seconds: 86400 }
longest: { partner: 365, research: 90 }
retention: 1826
`

describe('an owner whose disk is full', function () {
  this.timeout(180_000)
  let coalition: Coalition
  let mount: string | undefined
  const nodes: NodeProcess[] = []

  before(async function () {
    coalition = await makeCoalition(3)
    const database = coalition.members[0]?.home.database
    assert.ok(database)
    mkdirSync(database, { recursive: true })
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', database]).status !== 0) {
      process.stdout.write('      SKIPPED: this user may not mount a tmpfs, so no disk can be filled\n')
      return this.skip()
    }
    mount = database
    for (const at of [0, 1, 2]) nodes[at] = await start(at)
  })

  after(async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    if (mount !== undefined) assert.equal(spawnSync('umount', [mount]).status, 0)
    coalition.remove()
  })

  const start = (at: number): Promise<NodeProcess> => {
    const home = coalition.members[at]?.home
    assert.ok(home)
    return startNode(home, coalition.charterFile)
  }
  const node = (at: number): NodeProcess => {
    const found = nodes[at]
    assert.ok(found)
    return found
  }
  const client = (at: number): Client => node(at).client

  it('discloses nothing from the first entry that cannot be written, says so, and goes on when there is space', async () => {
    assert.ok(mount !== undefined)
    await until('all may sign', async () =>
      (await Promise.all([0, 1, 2].map((at) => client(at).status()))).every(({ state }) => state === 'ok'),
    )
    await client(0).putDisclosurePolicy(POLICY)
    const record = await publishDraft(client(0))
    await until('b holds it', async () => (await client(1).records({ limit: 1 })).items.length === 1)
    const first = await client(1).requestDetail({ record, ...ASK })
    await until('one is opened', async () => (await client(1).request(first.id)).state === 'opened')

    spawnSync('dd', ['if=/dev/zero', `of=${join(mount, 'ballast')}`, 'bs=4k'])
    assert.equal(statfsSync(mount).bfree, 0)
    const refused = await askUntilNothingComes(record)
    // Whatever is asked from now on: nothing is given, and nothing is said to have been.
    for (let i = 0; i < 3; i++) {
      const { id } = await client(1).requestDetail({ record, ...ASK })
      assert.equal((await client(1).request(id)).state, 'open')
    }
    const cases = await client(0).cases(undefined)
    assert.ok(cases.every(({ id }) => id !== refused.id))
    assert.equal(node(0).child.exitCode, null)
    await until('it says so', () => node(0).log().includes('"code":"AUDIT_WRITE_FAILED"'))
    await agreedTrails(client(2), [client(0), client(1)])

    await node(0).kill()
    assert.equal(spawnSync('mount', ['-o', 'remount,size=64m', mount]).status, 0)
    nodes[0] = await start(0)
    await until(
      'every request is answered',
      async () => (await client(1).requests()).every(({ state, owed }) => state === 'opened' && owed === 0),
      120_000,
    )
    const { length } = await client(1).requests()
    assert.deepEqual(await agreedTrails(client(2), [client(0), client(1)]), [4 * length, 3 * length])
  })

  /** The first request to which no answer came. */
  const askUntilNothingComes = async (record: string): Promise<AskedView> => {
    for (let i = 0; i < REQUESTS_MAX; i++) {
      const asked = await client(1).requestDetail({ record, ...ASK })
      if (asked.state === 'open') return asked
    }
    throw new Error('the disk never was full')
  }
})
