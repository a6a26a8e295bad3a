/** More in a day than the charter lets a member add: by its own node, and by one whose clock runs ahead. */
import assert from 'node:assert/strict'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { shiftedClock } from '../support/shifted-clock.ts'
import { until } from '../support/until.ts'

const DAY_MS = 86_400_000
/** All clocks stand at noon when the test begins: no day ends while it counts. */
const TO_NOON_MS = (1.5 * DAY_MS - (Date.now() % DAY_MS)) % DAY_MS
const PER_DAY = 20
/** Of twenty entries a tenth is kept for what protects somebody. */
const WORDS_PER_DAY = 18

describe('a log that grows by more in a day than the charter lets it', function () {
  this.timeout(240_000)
  let coalition: Coalition
  const nodes: NodeProcess[] = []

  const start = async (at: number, days = 0) => {
    const home = coalition.members[at]?.home
    assert.ok(home)
    const clock = shiftedClock(coalition.directory, days * DAY_MS + TO_NOON_MS)
    const node = await startNode(home, coalition.charterFile, [], clock)
    nodes[at] = node
    return node
  }
  const maySign = (node: NodeProcess) =>
    until('it may sign', async () => (await node.client.status()).state === 'ok')
  const publish = async ({ client }: NodeProcess, count: number) => {
    for (let i = 0; i < count; i++) {
      const { id } = await client.addDraft({ kind: 'incident', public: { ...INCIDENT, title: `Case ${i}` } })
      await client.publishDraft(id, 0)
    }
  }
  const logOfA = async ({ client }: NodeProcess) =>
    (await client.logs()).find(({ domain }) => domain === 'a.example')

  before(async () => {
    coalition = await makeCoalition(3, { caps: { entriesPerDay: PER_DAY, bytesPerDay: 10_000_000 } })
    const begun = await Promise.all([start(0), start(1), start(2)])
    for (const node of begun) await maySign(node)
  })

  after(async () => {
    for (const node of nodes) await node.kill()
    coalition.remove()
  })

  it('is not made by a node of its own, which says when it goes on', async () => {
    const [a] = nodes
    assert.ok(a)
    // Leaf 0 counts, too.
    await publish(a, WORDS_PER_DAY - 1)
    await assert.rejects(publish(a, 1), /more than the charter lets a member add in a day \(18 entries/)
    assert.equal((await logOfA(a))?.size, WORDS_PER_DAY)
    const drafts = await a.client.drafts()
    assert.equal(drafts.length, 1)
  })

  it('is taken by its mirrors as far as the day goes, loudly, and nobody confirms the rest', async () => {
    await nodes[0]?.stop()
    const a = await start(0, 1)
    await maySign(a)
    await publish(a, 10)
    const b = nodes[1]
    assert.ok(b)
    const stopped = await until('B stops', async () => {
      const log = await logOfA(b)
      return log?.state === 'stopped' ? log : undefined
    })
    assert.match(
      stopped.why ?? '',
      /more entries than the charter lets it in a day; nothing more is taken before/,
    )
    assert.deepEqual([stopped.held, stopped.since !== undefined], [PER_DAY, true])
    assert.ok((stopped.confirmed.quorum?.size ?? 0) <= PER_DAY)
    const { problems } = await b.client.status()
    assert.ok(problems.some(({ code, message }) => code === 'LOG_CAPPED' && message.includes('a.example')))
    const shown = await candor(['--home', coalition.members[1]?.home.directory ?? '', 'log', 'list'])
    assert.match(shown.out, /a\.example .*stopped/)
    // The logs of others go on.
    await publish(b, 1)
    await until('C holds it', async () =>
      (await nodes[2]?.client.logs())?.some(({ domain, size }) => domain === 'b.example' && size === 2),
    )
  })

  it('is still stopped after a restart on the same day, and taken on the next', async () => {
    await nodes[1]?.stop()
    const same = await start(1)
    await until('B knows of more than it takes', async () => {
      const log = await logOfA(same)
      return log?.state === 'stopped' && log.held === PER_DAY
    })
    await same.stop()
    const next = await start(1, 1)
    await until('B holds all of it', async () => (await logOfA(next))?.size === WORDS_PER_DAY + 10)
  })
})
