import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../../node/api/client.ts'
import { homeAt } from '../../node/home.ts'
import { contentOf } from '../../cli/report-content.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { hasCode, temporaryDirectory } from '../support/directory.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

async function publish(client: Client, title: string): Promise<unknown> {
  const draft = await client.addDraft(contentOf({ title, summary: 'What happened.' }))
  return client.publishDraft(draft.id, 0)
}

describe('a backup of a stopped node', function () {
  this.timeout(180_000)
  const elsewhere = temporaryDirectory()
  const running: NodeProcess[] = []
  let coalition: Coalition

  before(async () => {
    coalition = await makeCoalition(2)
  })

  after(async () => {
    await Promise.all(running.map((node) => node.kill()))
    coalition.remove()
    elsewhere.remove()
  })

  it('comes up elsewhere, signs nothing alone, and recovers what was published after it', async () => {
    const [a, b] = coalition.members.map(({ home }) => home)
    assert.ok(a && b)
    const start = async (home: typeof a) => {
      const node = await startNode(home, coalition.charterFile)
      running.push(node)
      return node
    }
    const restored = homeAt(join(elsewhere.path, 'restored'))
    const first = await start(a)
    const other = await start(b)
    await until('A may sign', async () => (await first.client.status()).state === 'ok')
    await publish(first.client, 'Before the backup')
    await first.stop()
    cpSync(a.directory, restored.directory, { recursive: true })

    const again = await start(a)
    await until('A may sign again', async () => (await again.client.status()).state === 'ok')
    await publish(again.client, 'After the backup')
    const { size, origin, root } = (await again.client.status()).log
    const held = async () => (await other.client.logs()).find((log) => log.origin === origin)?.root === root
    await until('B holds all of it', held)
    await again.stop()
    await other.stop()

    const { client } = await start(restored)
    await assert.rejects(publish(client, 'Too early'), hasCode('READ_ONLY'))
    await start(b)
    await until('the restored node may sign', async () => (await client.status()).state === 'ok')
    assert.deepEqual([(await client.status()).log.size, (await client.status()).log.root], [size, root])
    await publish(client, 'After the restore')
    assert.equal((await client.status()).log.size, size + 1)
    // What its old keys cosigned after the backup it does not know, so they cosign nothing again.
    const notices = await until('it says what is to be done', async () => {
      const found = (await client.status()).problems.filter(({ code }) => code === 'COSIGNING_STOPPED')
      return found.length === 2 ? found : undefined
    })
    assert.deepEqual(
      notices.map(({ fix }) => fix),
      ['candor key rotate witness', 'candor key rotate mirror'],
    )
  })
})
