/** A member's node that came up alone after the others: it may not sign, and every command says so with exit code 14. */
import assert from 'node:assert/strict'
import type { Client } from '../../node/api/client.ts'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

const DRAFT = { kind: 'incident', public: { ...INCIDENT, title: 'Loans on stale data' } }

describe('a node that nobody has told how far its log reaches', function () {
  this.timeout(120_000)
  let coalition: Coalition
  let node: NodeProcess
  const said = (...words: readonly string[]) =>
    candor(['--home', coalition.members[0]?.home.directory ?? '', ...words])
  const isConfirmed = async (client: Client) => {
    const logs = await client.logs()
    return logs.length === 3 && logs.every(({ size, confirmed }) => confirmed.quorum?.size === size)
  }

  before(async () => {
    coalition = await makeCoalition(3)
    const nodes = await Promise.all(
      coalition.members.map(({ home }) => startNode(home, coalition.charterFile)),
    )
    const [first] = nodes
    assert.ok(first)
    for (const { client } of nodes)
      await until('it publishes', async () => (await client.status()).state === 'ok')
    const { id } = await first.client.addDraft(DRAFT)
    await first.client.publishDraft(id, 0, {})
    for (const { client } of nodes) await until('all is confirmed', () => isConfirmed(client))
    for (const one of nodes) await one.stop()
    const [alone] = coalition.members
    assert.ok(alone)
    node = await startNode(alone.home, coalition.charterFile)
  })
  after(async () => {
    await node.stop()
    coalition.remove()
  })

  it('says in its status that it is read-only', async () => {
    const { exit, out } = await said('status')
    assert.equal(exit, 14)
    assert.match(out, /is running, recovering and read-only until then: .*READ_ONLY/s)
  })

  it('publishes nothing, at once or later, and attests nothing', async () => {
    const { id } = await node.client.addDraft(DRAFT)
    const { items } = await node.client.records({ limit: 1 })
    const record = items[0]?.record ?? ''
    for (const words of [
      ['--yes', 'publish', id],
      ['--yes', 'publish', id, '--hold', '10m'],
      ['attest', record, 'dispute', '--reason', 'We saw it differently.'],
    ]) {
      const { exit, out, err } = await said('--json', ...words)
      assert.deepEqual([exit, out, JSON.parse(err).data.code], [14, '', 'READ_ONLY'])
    }
    assert.equal((await node.client.drafts()).length, 1)
  })

  it('is audited with nothing wrong, and with what it says of itself', async () => {
    const { exit, out } = await said('audit', '--json')
    const { verdict, findings } = JSON.parse(out).data
    assert.deepEqual([exit, verdict], [14, 'read-only'])
    const found = findings.map(({ code, domain, rule }: Record<string, string>) => [code, domain, rule])
    assert.deepEqual(found, [['host-read-only', 'a.example', 'spec 04 §6']])
  })
})
