import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeError, type Client } from '../../node/api/client.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { checkAcknowledged, Heads, type Acknowledged } from '../support/history.ts'
import { failToStart, startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { inMemory } from '../support/uploads.ts'

/** Rows of one import: more than two megabytes of log. */
const ROWS = 3_000

const HEADER = 'incident_id,date,description,title'

describe('a full disk', function () {
  this.timeout(180_000)
  let mount: string | undefined
  let coalition: Coalition
  let node: NodeProcess | undefined

  before(async function () {
    mount = mountSmall()
    if (mount === undefined) {
      process.stdout.write('      SKIPPED: this user may not mount a tmpfs, so no disk can be filled\n')
      return this.skip()
    }
    coalition = await coalitionIn(mount)
  })

  after(async () => {
    await node?.kill()
    if (mount === undefined) return
    assert.equal(spawnSync('umount', [mount]).status, 0)
    rmdirSync(mount)
  })

  it('is said, leaves the node answering, and loses nothing acknowledged', async () => {
    const home = coalition.members[0]?.home
    assert.ok(home && mount !== undefined)
    const acknowledged: Acknowledged = new Map()
    const heads = new Heads()
    node = await startNode(home, coalition.charterFile)
    const { client } = node
    await until('the node may sign', async () => (await client.status()).state === 'ok')

    const error = await importUntilRefused(client, acknowledged, heads)
    assert.equal(error.code, 'STORE_FULL')
    assert.match(error.fix ?? '', /free some space/)
    assert.ok(acknowledged.size > 0, 'something fitted')

    // The node lives, says why it does not write, and answers everything that it holds.
    assert.equal(node.child.exitCode, null)
    const status = await client.status()
    assert.equal(status.state, 'read-only')
    assert.match(status.readOnly?.why ?? '', /is full/)
    assert.ok((await client.records({ limit: 5 })).items.length > 0)
    heads.add(await client.head(undefined))
    await heads.check(client)
    await checkAcknowledged(client, acknowledged)

    // Nothing is written any more, whatever asks.
    await assert.rejects(client.addDraft({ kind: 'incident', public: { ...INCIDENT, title: 'A draft' } }), {
      code: 'STORE_FULL',
    })
    await assert.rejects(importUntilRefusedOrDone(client), { code: 'STORE_FULL' })
    assert.equal(node.child.exitCode, null)
    await node.stop()
    assert.doesNotMatch(node.log(), /unexpected error/)

    // Restarted while the disk is still full to the last byte it says so again.
    fillUp(mount)
    const { code, said } = await failToStart(home, ['--charter', coalition.charterFile])
    assert.match(said, /"code":"STORE_FULL"/)
    assert.match(said, /free some space/)
    assert.equal(code, 75)

    assert.equal(spawnSync('mount', ['-o', 'remount,size=64m', mount]).status, 0)
    node = await startNode(home, coalition.charterFile)
    const again = node.client
    await until('the node may sign again', async () => (await again.status()).state === 'ok')
    await heads.check(again)
    await checkAcknowledged(again, acknowledged)
    const published = await importAll(again, acknowledged)
    assert.equal(published.skipped, 0)
    assert.ok(published.present >= acknowledged.size && published.imported > 0)
    heads.add(await again.head(undefined))
    await heads.check(again)
    process.stdout.write(
      `      ${acknowledged.size} entries acknowledged before the disk was full, ${published.imported} after\n`,
    )
  })
})

/** Two megabytes of disk, or undefined where mounting is not allowed. */
function mountSmall(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'candor-full-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory])
  if (status === 0) return directory
  rmdirSync(directory)
  return undefined
}

/** A coalition whose homes lie on that disk. */
async function coalitionIn(directory: string): Promise<Coalition> {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = directory
  try {
    return await makeCoalition(1)
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}

/** Takes every page that is left. */
function fillUp(directory: string): void {
  spawnSync('dd', ['if=/dev/zero', `of=${join(directory, 'ballast')}`, 'bs=4k'])
  assert.equal(statfsSync(directory).bfree, 0)
}

function importing(client: Client) {
  const rows = Array.from(
    { length: ROWS },
    (_, i) => `${i + 1},2026-01-02,What happened in case ${i}. ${'x'.repeat(300)},Case ${i}`,
  )
  const files = { 'incidents.csv': [HEADER, ...rows].join('\n') }
  return client.importFiles(inMemory(files), { format: 'aiid', publish: true, dryRun: false })
}

async function importUntilRefused(
  client: Client,
  acknowledged: Acknowledged,
  heads: Heads,
): Promise<NodeError> {
  try {
    for await (const event of importing(client)) {
      if (event.event !== 'imported' || event.index === undefined) continue
      if (acknowledged.size % 256 === 0) heads.add(await client.head(undefined))
      acknowledged.set(event.externalId, { record: event.record, index: event.index })
    }
  } catch (error) {
    assert.ok(error instanceof NodeError)
    return error
  }
  throw new Error('the disk never was full')
}

async function importUntilRefusedOrDone(client: Client): Promise<void> {
  for await (const event of importing(client)) assert.notEqual(event.event, 'imported')
}

async function importAll(client: Client, acknowledged: Acknowledged) {
  for await (const event of importing(client)) {
    if (event.event === 'done') return event
    if (event.event === 'imported') assert.ok(!acknowledged.has(event.externalId), 'imported twice')
  }
  throw new Error('the import did not end')
}
