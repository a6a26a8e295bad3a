import assert from 'node:assert/strict'
import type { Client } from '../../node/api/client.ts'
import { printBase32 } from '../../protocol/bytes.ts'
import { parseEntry } from '../../protocol/codec/statement.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { holdAlike } from '../support/held.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { shiftedClock } from '../support/shifted-clock.ts'
import { until } from '../support/until.ts'

const YEAR_MS = 365.25 * 86_400_000

/** Two nodes whose clocks are twenty years apart. */
const YEARS = [10, -10] as const

describe('clocks that are ten years off', function () {
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

  it('hinder neither signing nor verifying nor replication, restarts with other clocks included', async () => {
    const records = new Map<string, string>()
    // In the second round each has the other's clock: what was written before lies 20 years ahead or behind.
    for (const years of [YEARS, YEARS.toReversed()]) {
      const running = await Promise.all(
        coalition.members.map(({ home }, i) =>
          startNode(
            home,
            coalition.charterFile,
            [],
            shiftedClock(coalition.directory, (years[i] ?? 0) * YEAR_MS),
          ),
        ),
      )
      nodes.push(...running)
      for (const [i, { client }] of running.entries()) {
        await until('it may sign', async () => (await client.status()).state === 'ok')
        const title = `Case ${records.size} of ${i}`
        const { id } = await client.addDraft({ kind: 'incident', public: { ...INCIDENT, title } })
        const published = await client.publishDraft(id, 0)
        assert.equal(published.state, 'logged')
        records.set(published.record, title)
      }
      const clients = running.map(({ client }) => client)
      await until('both hold both logs', () => holdAlike(clients, 2))
      for (const { client } of running) {
        const { items } = await client.records({ limit: 10 })
        assert.deepEqual(new Map(items.map(({ record, title }) => [record, title])), records)
        const { problems } = await client.status()
        assert.deepEqual(problems, [])
        for (const { state, size, domain } of await client.logs()) {
          // Cosignatures of a clock that far off are old, or refused as going back in time.
          assert.ok(state === 'ok' || state === 'stale', `${domain} is ${state}`)
          assert.equal(size, 1 + records.size / 2)
        }
        await checkEvidence(client, records)
      }
      for (const node of running) await node.stop()
    }
  })

  it('leave the times as they were stated', async () => {
    const [home] = coalition.members.map((member) => member.home)
    assert.ok(home)
    const node = await startNode(home, coalition.charterFile)
    nodes.push(node)
    const { entries } = await node.client.entries(undefined, 0, 10)
    const years = entries.slice(1).map((bytes) => {
      const entry = parseEntry(bytes)
      assert.ok(entry.ok)
      return Math.round((entry.value.header.issuedAt * 1_000 - Date.now()) / YEAR_MS)
    })
    assert.deepEqual(years, YEARS)
  })
})

/** Both logs answer with proofs for what is in them. */
async function checkEvidence(client: Client, records: ReadonlyMap<string, string>): Promise<void> {
  for (const record of records.keys()) {
    const [evidence] = await client.evidence(record, undefined)
    assert.ok(evidence)
    const entry = parseEntry(evidence.entry)
    assert.ok(entry.ok)
    assert.equal(printBase32(entry.value.statement.record), record)
  }
}
