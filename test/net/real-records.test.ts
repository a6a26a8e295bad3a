import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { Level } from 'level'
import { portable } from '../../protocol/primitives.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { verifyInclusion } from '../../protocol/log/proof.ts'
import type { Client, ImportProgress } from '../../node/api/client.ts'
import { PREFIX } from '../../node/store/prefixes.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { sharedOrSkip, sharedPath } from '../support/shared.ts'
import { until } from '../support/until.ts'
import { onDisk } from '../support/uploads.ts'

type Counts = Extract<ImportProgress, { event: 'done' }>

async function importSet(client: Client, format: string, path: string): Promise<Counts> {
  let done: Counts | undefined
  for await (const event of client.importFiles(onDisk(path), { format, publish: true, dryRun: false })) {
    if (event.event === 'done') done = event
  }
  assert.ok(done !== undefined, 'an import ends with its counts')
  return done
}

/** The head of a member's log as a node holds it: origin, size and root. */
async function headAt(client: Client, domain: string): Promise<string> {
  const log = (await client.logs()).find((one) => one.domain === domain)
  return log === undefined ? 'none' : `${log.origin} ${log.size} ${log.root}`
}

describe('three real processes with real records', function () {
  this.timeout(300_000)
  let coalition: Coalition
  const running: NodeProcess[] = []
  const start = async (number: number, args: string[] = []) => {
    const member = coalition.members[number]
    assert.ok(member)
    const node = await startNode(member.home, coalition.charterFile, args)
    running.push(node)
    return node
  }

  before(async function () {
    sharedOrSkip(this, 'data')
    coalition = await makeCoalition(3)
  })

  after(async () => {
    await Promise.all(running.map((node) => node.kill()))
    coalition?.remove()
  })

  it('imports the three sets at A, and B and C come to hold the same log', async () => {
    const [a, b] = [await start(0), await start(1)]
    await until('A may sign', async () => (await a.client.status()).state === 'ok')
    const [avid, atlas, aiid] = ['avid', 'atlas', 'aiid/incidents.csv'].map((one) => sharedPath('data', one))
    assert.ok(avid && atlas && aiid)
    const counts = [
      await importSet(a.client, 'avid', avid),
      await importSet(a.client, 'atlas', atlas),
      await importSet(a.client, 'aiid', aiid),
    ]
    const published = counts.reduce((sum, { imported, kept }) => sum + imported - kept, 0)
    // Eight have addresses of mail or of machines in them: they stay as drafts until somebody looks at them.
    assert.deepEqual(
      counts.map(({ imported, skipped, kept, asked }) => [imported, skipped, kept, asked]),
      [
        [1_417, 0, 7, 17],
        [45, 0, 0, 1],
        [1_294, 0, 1, 33],
      ],
    )
    const again = await importSet(a.client, 'atlas', atlas)
    assert.equal(again.imported, 0, 'an import is idempotent')
    const head = await headAt(a.client, 'a.example')
    assert.match(head, new RegExp(` ${published + 1} `))
    await until('B holds the log of A', async () => (await headAt(b.client, 'a.example')) === head)
    const c = await start(2)
    await until(
      'C, started late, holds the log of A',
      async () => (await headAt(c.client, 'a.example')) === head,
    )
  })

  it('shows and verifies a record of A on C, with portable primitives', async () => {
    const c = running[2]
    assert.ok(c)
    const { items } = await c.client.records({ text: 'autonomous vehicle', author: 'a.example', limit: 1 })
    const [row] = items
    assert.ok(row)
    const detail = await c.client.record(row.record.slice(0, 10), undefined)
    assert.equal(detail.author, 'a.example')
    const [evidence] = await c.client.evidence(row.record, undefined)
    assert.ok(evidence)
    const head = parseSignedCheckpoint(evidence.note)
    assert.ok(head.ok)
    const { size, root } = head.value.checkpoint
    const leaf = leafHash(portable, evidence.entry)
    const { index, proof } = evidence
    assert.deepEqual(verifyInclusion(portable, { leaf, index, size, root, proof }), { ok: true, value: true })
  })

  it('brings C back after its database was deleted, without a second history', async () => {
    const [, b, c] = running
    const home = coalition.members[2]?.home
    assert.ok(b && c && home)
    await until(
      'B holds the log of C',
      async () => (await headAt(b.client, 'c.example')) === (await headAt(c.client, 'c.example')),
    )
    const before = await headAt(c.client, 'c.example')
    await c.stop()
    rmSync(home.database, { recursive: true })
    const again = await start(2)
    await until('C holds its own log again', async () => (await headAt(again.client, 'c.example')) === before)
    await until('C may sign again', async () => (await again.client.status()).state === 'ok')
    const draft = await again.client.addDraft({ kind: 'incident', public: publicPart('After the restore') })
    const published = await again.client.publishDraft(draft.id, 0)
    assert.equal(published.state, 'logged')
    const after = await headAt(again.client, 'c.example')
    assert.match(after, / 2 /)
    await until('B follows the restored log', async () => (await headAt(b.client, 'c.example')) === after)
    assert.deepEqual((await b.client.status()).problems, [])
  })

  it('refuses and names the log of A after one byte of its disk was altered', async () => {
    const [a, b] = running
    const [home, homeOfB] = [coalition.members[0]?.home, coalition.members[1]?.home]
    assert.ok(a && b && home && homeOfB)
    await Promise.all(running.map((node) => node.stop()))
    await alterOneEntry(home.database)
    rmSync(homeOfB.database, { recursive: true })
    const [a2, b2] = [await start(0), await start(1)]
    // A gives nothing away that it cannot prove; that a node which gives it is refused and named, `lies.test.ts` shows.
    const problem = await until('A names its damage', async () => {
      const { problems } = await a2.client.status()
      return problems.find(({ code }) => code === 'STORE_DAMAGED')
    })
    assert.match(problem.message, /a\.example.*damaged|damaged.*a\.example/)
    assert.doesNotMatch(await headAt(b2.client, 'a.example'), / 2749 /)
  })
})

/** Flips one bit in the middle of the first full entry bundle that a database holds. */
async function alterOneEntry(directory: string): Promise<void> {
  const level = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' })
  const bounds = { gte: Uint8Array.of(PREFIX.bundle), lt: Uint8Array.of(PREFIX.bundle + 1), limit: 1 }
  for await (const [key, value] of level.iterator(bounds)) {
    const altered = Uint8Array.from(value)
    altered[50_000] = (altered[50_000] ?? 0) ^ 1
    await level.put(key, altered)
  }
  await level.close()
}

function publicPart(title: string) {
  return {
    kind: 'near_miss',
    verification: 'confirmed',
    status: 'closed',
    title,
    summary: 'A test of coming back with an empty database.',
    occurred: { start: '2026-11', precision: 'month', basis: 'occurred' },
    policy: { tlp: 'CLEAR' },
    made_by: { role: 'deployer' },
  }
}
