import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../node/api/client.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { checkAcknowledged, Heads, type Acknowledged } from '../support/history.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { until } from '../support/until.ts'
import { inMemory } from '../support/uploads.ts'

const KILLS = 20

/** Rows of an import that is long enough to be killed in. */
const ROWS = 6_000

describe('kill -9 during an import', function () {
  this.timeout(300_000)
  let coalition: Coalition
  let node: NodeProcess | undefined

  before(async () => {
    coalition = await makeCoalition(1)
  })

  after(async () => {
    await node?.kill()
    coalition.remove()
  })

  it(`${KILLS} times loses nothing acknowledged and contradicts no signed head`, async () => {
    const home = coalition.members[0]?.home
    assert.ok(home)
    const { random, seed } = seededRandom()
    const acknowledged: Acknowledged = new Map()
    const heads = new Heads()
    for (let round = 0; round < KILLS; round++) {
      node = await startNode(home, coalition.charterFile)
      const { client } = node
      await until('the node may sign', async () => (await client.status()).state === 'ok')
      await heads.check(client)
      await checkAcknowledged(client, acknowledged)
      const killed = { yet: false }
      const importing = importUntilKilled(client, rows(round), acknowledged)
      const watching = watchHeads(client, heads, killed)
      const before = heads.newest
      await until('the log grows', () => heads.newest > before, 20_000).catch(() => undefined)
      await sleep(random() * 200)
      await node.kill()
      killed.yet = true
      await Promise.all([importing, watching])
    }
    node = await startNode(home, coalition.charterFile)
    const { client } = node
    await until('the node may sign', async () => (await client.status()).state === 'ok')
    await heads.check(client)
    await checkAcknowledged(client, acknowledged)
    const { imported, present } = await finishImport(client, acknowledged)
    assert.ok(acknowledged.size >= ROWS, `acknowledged ${acknowledged.size} (seed ${seed})`)
    assert.ok(heads.count > KILLS / 2 && heads.newest > ROWS / 2, `saw ${heads.count} heads (seed ${seed})`)
    process.stdout.write(
      `      ${KILLS} kills, seed ${seed}: ${heads.count} heads seen; last import ${imported} new, ${present} present\n`,
    )
  })
})

/** The same rows each round, and some of its own, so that idempotence is tried as well. */
function rows(round: number): Record<string, string> {
  const lines = Array.from({ length: ROWS }, (_, i) => row(i))
  const own = Array.from({ length: 50 }, (_, i) => row(ROWS + round * 50 + i))
  return { 'incidents.csv': [HEADER, ...lines, ...own].join('\n') }
}

const HEADER =
  '_id,incident_id,date,reports,Alleged deployer of AI system,Alleged developer of AI system,Alleged harmed or nearly harmed parties,description,title'

function row(number: number): string {
  return `ObjectId(${number}),${number + 1},2026-01-02,[1],"[""someone""]","[""someone""]","[""others""]",What happened in case ${number}.,Case ${number}`
}

async function importUntilKilled(
  client: Client,
  files: Record<string, string>,
  acknowledged: Acknowledged,
): Promise<void> {
  try {
    for await (const event of client.importFiles(inMemory(files), {
      format: 'aiid',
      publish: true,
      dryRun: false,
    })) {
      if (event.event !== 'imported' || event.index === undefined) continue
      acknowledged.set(event.externalId, { record: event.record, index: event.index })
    }
  } catch {
    // The node was killed in the middle of its answer: what it had acknowledged until then must be there.
  }
}

async function finishImport(client: Client, acknowledged: Acknowledged) {
  for await (const event of client.importFiles(inMemory(rows(0)), {
    format: 'aiid',
    publish: true,
    dryRun: false,
  })) {
    if (event.event === 'imported' && event.index !== undefined) {
      assert.ok(
        !acknowledged.has(event.externalId),
        `${event.externalId} was acknowledged before and imported again`,
      )
      acknowledged.set(event.externalId, { record: event.record, index: event.index })
    }
    if (event.event === 'present') acknowledged.set(event.externalId, { record: event.record, index: -1 })
    if (event.event === 'done') return event
  }
  throw new Error('the import did not end')
}

async function watchHeads(client: Client, heads: Heads, killed: { yet: boolean }): Promise<void> {
  while (!killed.yet) {
    const note = await client.head(undefined).catch(() => undefined)
    if (note !== undefined) heads.add(note)
    await sleep(2)
  }
}
