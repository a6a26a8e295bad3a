/** Keys change while a member publishes: nothing acknowledged is lost, and every other node follows. */
import assert from 'node:assert/strict'
import type { Client, EpochView, KeysView } from '../../node/api/client.ts'
import { ERRORS, NodeError } from '../../node/api/client.ts'
import { contentOf } from '../../cli/report-content.ts'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

type Acknowledged = { readonly record: string; readonly origin: string; readonly index: number }

/** Records published at least while a key is rotated and retired. */
const EACH = 5

const INCIDENT = contentOf({ title: 'A record under load', summary: 'What happened.' })

/** Publishes one record after the other until it is told to stop; what the node refuses for the moment is tried again. */
function load(client: Client): {
  count: () => number
  stop: () => Promise<readonly Acknowledged[]>
} {
  const done: Acknowledged[] = []
  const stopping = new AbortController()
  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const { id } = await client.addDraft(INCIDENT)
        const published = await client.publishDraft(id, 0)
        assert.equal(published.state, 'logged')
        if (published.state === 'logged') done.push(published)
      } catch (error) {
        const isPassing = error instanceof NodeError && [3, 14, 75].includes(ERRORS[error.code].exit)
        if (!isPassing) throw error
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  })()
  return {
    count: () => done.length,
    stop: async () => {
      stopping.abort()
      await running
      return done
    },
  }
}

describe('keys that change under load', function () {
  this.timeout(240_000)
  const running = new Map<string, NodeProcess>()
  const acknowledged: Acknowledged[] = []
  let coalition: Coalition

  const nodeOf = (name: string): NodeProcess => {
    const node = running.get(name)
    assert.ok(node !== undefined)
    return node
  }
  const start = async (name: string) => {
    const member = coalition.members.find(({ domain }) => domain === `${name}.example`)
    assert.ok(member !== undefined)
    running.set(name, await startNode(member.home, coalition.charterFile))
  }
  /** A command of A's operator, which must succeed. */
  const operator = async (...words: readonly string[]) => {
    const home = coalition.members[0]?.home.directory ?? ''
    const { exit, out, err } = await candor(['--home', home, '--json', '--yes', ...words])
    assert.equal(exit, 0, `${words.join(' ')}: ${out}${err}`)
    return JSON.parse(out).data
  }
  const isOk = async (name: string) => (await nodeOf(name).client.status()).state === 'ok'
  /** Both other members hold what A holds of this log. */
  const followed = async (origin: string) => {
    const wanted = (await nodeOf('a').client.logs()).find((log) => log.origin === origin)
    for (const name of ['b', 'c']) {
      await until(`${name} holds ${origin}`, async () =>
        (await nodeOf(name).client.logs()).some((log) => log.origin === origin && log.root === wanted?.root),
      )
    }
  }
  const inForce = ({ keys }: KeysView, purpose: string) =>
    keys.filter((key) => key.purpose === purpose && key.inForce).map(({ keyId }) => keyId)

  before(async () => {
    coalition = await makeCoalition(3)
    for (const name of ['a', 'b', 'c']) await start(name)
    await until('all may sign', async () => (await isOk('a')) && (await isOk('b')) && (await isOk('c')))
  })

  after(async () => {
    await Promise.all([...running.values()].map((node) => node.kill()))
    coalition.remove()
  })

  for (const purpose of ['statement', 'witness', 'mirror', 'box'] as const) {
    it(`rotates the ${purpose} key with overlap, then retires the old one`, async () => {
      const { client } = nodeOf('a')
      const [old] = inForce(await client.keys(undefined), purpose)
      const publishing = load(client)
      const { added, origin } = await operator('key', 'rotate', purpose)
      assert.deepEqual(inForce(await client.keys(undefined), purpose), [old, ...added])
      await operator('key', 'retire', old ?? '')
      await until('something is published', () => publishing.count() > EACH)
      acknowledged.push(...(await publishing.stop()))
      await followed(origin)
      for (const name of ['a', 'b', 'c']) {
        assert.deepEqual(inForce(await nodeOf(name).client.keys('a.example'), purpose), added, name)
      }
    })
  }

  it('rotates the statement key at once: what was signed under the old one is signed again', async () => {
    const { client } = nodeOf('a')
    const publishing = [load(client), load(client), load(client)]
    for (let i = 0; i < 3; i++) await operator('key', 'rotate', 'statement', '--at-once')
    for (const one of publishing) acknowledged.push(...(await one.stop()))
    assert.equal(inForce(await client.keys(undefined), 'statement').length, 1)
  })

  it('rotates the node key: others know the node under its new name when it starts again', async () => {
    const before = nodeOf('a')
    const { peerId } = await before.client.whoami()
    const [old] = inForce(await before.client.keys(undefined), 'node')
    await operator('key', 'rotate', 'node')
    await assert.rejects(operator('key', 'retire', old ?? ''), /CONFLICT/)
    await followed((await before.client.whoami()).origin)
    await before.stop()
    await start('a')
    await until('A may sign', () => isOk('a'))
    const { client } = nodeOf('a')
    assert.notEqual((await client.whoami()).peerId, peerId)
    await operator('key', 'retire', old ?? '')
    await until('B and C know the new name', async () => {
      const { peerId: name } = await client.whoami()
      const seen = await Promise.all(['b', 'c'].map((other) => nodeOf(other).client.peers()))
      return seen.every((peers) => peers.some((peer) => peer.peerId === name && peer.state === 'connected'))
    })
  })

  it('opens a new epoch under a new log key', async () => {
    const { client } = nodeOf('a')
    const first = await client.keys(undefined)
    const publishing = load(client)
    await until('something is published', () => publishing.count() > 0)
    const opened = await operator('key', 'rotate', 'log')
    const before = publishing.count()
    await until('more is published', () => publishing.count() > before)
    acknowledged.push(...(await publishing.stop()))
    assert.equal(opened.origin, first.origin.replace(/1$/, '2'))
    assert.deepEqual([opened.state, opened.leftOut, opened.closed.origin], ['ok', 0, first.origin])
    await followed(first.origin)
    await followed(opened.origin)
    const epochs = (name: string) =>
      nodeOf(name)
        .client.keys('a.example')
        .then((keys) => keys.epochs)
    const expected: readonly Partial<EpochView>[] = [
      { origin: first.origin, state: 'closed', closedAt: opened.closed.size, by: opened.origin },
      { origin: opened.origin, state: 'open' },
    ]
    for (const name of ['a', 'b', 'c']) {
      const shown = (await epochs(name)).map(({ origin, state, closedAt, by }) =>
        closedAt === undefined ? { origin, state } : { origin, state, closedAt, by },
      )
      assert.deepEqual(shown, expected, name)
    }
    // Rotated keys were taken along, retired ones were not.
    const second = await client.keys(undefined)
    for (const purpose of ['statement', 'witness', 'mirror', 'box', 'node']) {
      assert.deepEqual(inForce(second, purpose), inForce(first, purpose), purpose)
    }
    assert.notDeepEqual(inForce(second, 'log'), inForce(first, 'log'))
  })

  it('comes up again in the newest epoch and goes on', async () => {
    await nodeOf('a').stop()
    await start('a')
    await until('A may sign', () => isOk('a'))
    const publishing = load(nodeOf('a').client)
    await until('more is published', () => publishing.count() > 0)
    const more = await publishing.stop()
    assert.ok(more.length > 0 && more.every(({ origin }) => origin.endsWith('/2')))
    acknowledged.push(...more)
  })

  it('has lost nothing that was acknowledged, in neither epoch, on no node', async () => {
    assert.ok(acknowledged.length > 4 * EACH, `${acknowledged.length} records`)
    assert.equal(new Set(acknowledged.map(({ origin }) => origin)).size, 2)
    for (const origin of new Set(acknowledged.map((one) => one.origin))) await followed(origin)
    for (const name of ['a', 'b', 'c']) {
      const { client } = nodeOf(name)
      for (const { record, origin, index } of acknowledged) {
        const { versions } = await client.record(record, 'a.example')
        assert.deepEqual(
          versions.map((one) => [one.origin, one.index, one.marks]),
          [[origin, index, []]],
          name,
        )
      }
      const { total } = await client.records({ author: 'a.example', limit: 1 })
      assert.equal(total, acknowledged.length)
    }
  })

  it('is verified whole by another member, both epochs', async () => {
    const home = coalition.members[1]?.home.directory ?? ''
    const { exit, out } = await candor(['--home', home, '--json', 'verify', '--all'])
    const { data } = JSON.parse(out)
    assert.equal(exit, 0, out)
    assert.deepEqual([data.verdict, data.reports.length], ['verified', 4])
  })
})
