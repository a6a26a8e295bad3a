/**
 * A whole home that came back from a backup, keystore and database alike, when its own log did not grow since: nothing in it
 * says that its cosigners stated more than it knows. What others remember of them does.
 */
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

describe('a cosigner restored from a backup of the whole home', function () {
  this.timeout(300_000)
  const elsewhere = temporaryDirectory()
  let coalition: Coalition
  const nodes: NodeProcess[] = []

  const homeOf = (at: number) => {
    const found = coalition.members[at]?.home
    assert.ok(found)
    return found
  }
  const start = async (at: number) => {
    const node = await startNode(homeOf(at), coalition.charterFile)
    nodes[at] = node
    return node
  }
  const isOk = async ({ client }: NodeProcess) => (await client.status()).state === 'ok'
  const publish = async ({ client }: NodeProcess) => {
    const content = { kind: 'incident', public: { ...INCIDENT, title: 'x' } }
    await client.publishDraft((await client.addDraft(content)).id, 0)
  }
  const mirrorsAt = async ({ client }: NodeProcess, size: number) => {
    const { log } = await client.status()
    return log.size === size ? log.confirmed.mirrors : undefined
  }
  const stopped = async ({ client }: NodeProcess) =>
    (await client.status()).problems.filter(({ code }) => code === 'COSIGNING_STOPPED').length

  before(async () => {
    coalition = await makeCoalition(3)
  })

  after(async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    coalition.remove()
    elsewhere.remove()
  })

  it('learns from the others that it forgot what it stated, and cosigns with new keys alone', async () => {
    const [a, b, c] = [await start(0), await start(1), await start(2)]
    await until('all may sign', async () => (await isOk(a)) && (await isOk(b)) && (await isOk(c)))
    await publish(a)
    await until('both confirm', async () => (await mirrorsAt(a, 2)) === 2)
    await b.stop()
    cpSync(homeOf(1).directory, join(elsewhere.path, 'b'), { recursive: true })

    const again = await start(1)
    await until('B may sign', () => isOk(again))
    assert.equal(await stopped(again), 0)
    await publish(a)
    await until('both confirm', async () => (await mirrorsAt(a, 3)) === 2)
    const before = (await again.client.status()).log
    await again.kill()
    // Those who could tell start anew, too: what they know of B stands on their disks.
    for (const node of [a, c]) await node.stop()
    rmSync(homeOf(1).directory, { recursive: true })
    cpSync(join(elsewhere.path, 'b'), homeOf(1).directory, { recursive: true })

    const [author, restored, other] = [await start(0), await start(1), await start(2)]
    await until('all may sign', async () => {
      const states = await Promise.all([author, restored, other].map(isOk))
      return states.every(Boolean)
    })
    const { log } = await restored.client.status()
    assert.deepEqual([log.size, log.root], [before.size, before.root])
    assert.equal(await stopped(restored), 2)
    await publish(author)
    await until('the other confirms', async () => (await mirrorsAt(author, 4)) === 1)
    for (const role of ['witness', 'mirror']) {
      const rotated = await candor(['--home', homeOf(1).directory, 'key', 'rotate', role, '--yes'])
      assert.equal(rotated.exit, 0, rotated.err)
    }
    await until('both confirm', async () => (await mirrorsAt(author, 4)) === 2)
    assert.equal(await stopped(restored), 0)
    for (const { client } of [author, restored, other]) assert.deepEqual(await client.evidenceList(), [])
  })
})
