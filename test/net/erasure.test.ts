/** A public part is erased at every member: three processes that hold it, and one that comes later. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { INCIDENT } from '../support/fake-service.ts'
import { holdAlike } from '../support/held.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { inMemory } from '../support/uploads.ts'
import { until } from '../support/until.ts'

const HEADER =
  '_id,incident_id,date,reports,Alleged deployer of AI system,Alleged developer of AI system,Alleged harmed or nearly harmed parties,description,title'

/** Two heartbeats of gossip are two seconds; the files are written anew meanwhile. */
const SPREAD_MS = 6_000

describe('erasing a public part', function () {
  this.timeout(180_000)
  const words = `secret ${randomBytes(24).toString('hex')}`
  const later = `secret ${randomBytes(24).toString('hex')}`
  let coalition: Coalition
  const nodes: NodeProcess[] = []
  let record = ''

  const homeOf = (at: number) => coalition.members[at]?.home.directory ?? ''
  const start = async (at: number) => {
    const home = coalition.members[at]?.home
    assert.ok(home)
    const node = await startNode(home, coalition.charterFile)
    nodes[at] = node
    await until('it may sign', async () => (await node.client.status()).state === 'ok')
    return node
  }
  const publish = async ({ client }: NodeProcess, title: string) => {
    const content = { kind: 'incident', public: { ...INCIDENT, title, summary: title } }
    const made = await client.publishDraft((await client.addDraft(content)).id, 0)
    assert.equal(made.state, 'logged')
  }
  const holds = async ({ client }: NodeProcess, size: number) =>
    (await client.logs()).some(({ domain, size: held }) => domain === 'a.example' && held >= size)
  /** Whether any file below a home holds the words. */
  const isIn = (at: number, text = words) => filesOf(homeOf(at)).some((file) => readOr(file).includes(text))
  const ran = async (at: number, ...command: readonly string[]) => {
    const { exit, out, err } = await candor(['--home', homeOf(at), ...command])
    return { exit, out, err }
  }

  before(async () => {
    coalition = await makeCoalition(4)
    const [a, b, c] = await Promise.all([start(0), start(1), start(2)])
    await publish(a, 'before')
    await publish(a, words)
    for (let i = 0; i < 20; i++) await publish(a, `after ${i}`)
    await until('B and C hold it', async () => (await holds(b, 23)) && (await holds(c, 23)))
    const { items } = await a.client.records({ limit: 50 })
    record = items.find(({ title }) => title === words)?.record ?? ''
    assert.ok(isIn(0) && isIn(1) && isIn(2), 'what is searched for is found where it is')
  })

  after(async () => {
    for (const node of nodes) await node.kill()
    coalition.remove()
  })

  it('leaves no byte of it in any file of those who held it', async () => {
    const begun = Date.now()
    const basis = ['--basis', 'published_by_mistake', '--yes']
    const erased = await ran(0, 'erase', record, '--tier', 'public', ...basis)
    assert.equal(erased.exit, 0, erased.err)
    await until('it is gone everywhere', () => ![0, 1, 2].some((at) => isIn(at)), SPREAD_MS)
    process.stdout.write(`      gone from three homes after ${Date.now() - begun} ms\n`)
  })

  it('is for its author to do, and once', async () => {
    const basis = ['--basis', 'safety', '--yes']
    const others = await ran(1, 'erase', record, '--tier', 'public', ...basis)
    assert.match(others.err, /no record of ours/)
    const again = await ran(0, 'erase', record, '--tier', 'public', ...basis)
    assert.match(again.err, /was erased before/)
  })

  it('does not come back by an import', async () => {
    const [a] = nodes
    assert.ok(a)
    const imported = async (title: string) => {
      const events: string[] = []
      const csv = [
        HEADER,
        `ObjectId(1),1,2026-01-02,[1],"[""x""]","[""y""]","[""z""]",What happened.,${title}`,
      ]
      const files = inMemory({ 'incidents.csv': csv.join('\n') })
      const options = { format: 'aiid', publish: true, dryRun: false }
      for await (const { event } of a.client.importFiles(files, options)) events.push(event)
      return events[0]
    }
    assert.equal(await imported('Case 1'), 'imported')
    const { items } = await a.client.records({ limit: 50 })
    const id = items.find(({ title }) => title === 'Case 1')?.record ?? ''
    const erased = await ran(0, 'erase', id, '--tier', 'public', '--basis', 'safety', '--yes')
    assert.equal(erased.exit, 0, erased.err)
    assert.equal(await imported('Case 1'), 'present')
    assert.equal(await imported('Case 1, told anew'), 'skipped')
  })

  it('is shown as erased, by every member, and found no more', async () => {
    for (const at of [0, 1, 2]) {
      const shown = await ran(at, 'show', record)
      assert.match(shown.out, /was erased \(published by mistake, by entry 23\)/)
      const found = await nodes[at]?.client.records({ text: 'secret', limit: 5 })
      assert.equal(found?.total, 0)
      const listed = await nodes[at]?.client.records({ limit: 50 })
      const row = listed?.items.find((one) => one.record === record)
      assert.match(row?.marks.join() ?? '', /was erased/)
    }
  })

  it('is counted at every member whose mirror stands above it', async () => {
    const shown = await until('B and C confirmed', async () => {
      const { out } = await ran(0, 'reach', record)
      return /2 of 3 other members/.test(out) ? out : undefined
    })
    assert.match(shown, /not yet: d\.example/)
  })

  it('comes to whoever joins later, who verifies everything and says so', async () => {
    await start(3)
    // Somebody of whom a node holds no log is somebody of whom it verified nothing: then the verdict is not 0.
    const clients = nodes.map(({ client }) => client)
    await until('everybody holds the log of everybody', () => holdAlike(clients, 4))
    for (const at of [0, 1, 2, 3]) {
      const { exit, out } = await ran(at, 'verify', '--all')
      assert.equal(exit, 0, out)
      assert.match(out, /entry 2: the public part was erased by entry 23/)
      const one = await ran(at, 'verify', record)
      assert.equal(one.exit, 0, one.out)
    }
    assert.equal(isIn(3), false)
    for (const node of nodes) assert.deepEqual((await node.client.status()).problems, [])
  })

  it('is said in bundles that hold what erased it', async () => {
    const file = join(coalition.directory, 'erased.candor-bundle')
    const made = await ran(1, 'bundle', 'create', record, '-o', file)
    assert.equal(made.exit, 0, made.err)
    assert.equal(readOr(file).includes(words), false)
    const { out } = await ran(1, 'verify', '--bundle', file, '--trust', coalition.charterFile)
    assert.match(out, /entry 2: the public part was erased by entry 23/)
    assert.doesNotMatch(out, /part-missing/)
  })

  it('is finished at the next start when a kill comes right after it', async () => {
    const [a] = nodes
    assert.ok(a)
    await publish(a, later)
    const { items } = await a.client.records({ limit: 50 })
    const id = items.find(({ title }) => title === later)?.record ?? ''
    const options = { tiers: ['public'], basis: 'safety' } as const
    await a.client.erase(id, options)
    await a.kill()
    await start(0)
    await until('nothing of it is left', () => ![0, 1, 2, 3].some((at) => isIn(at, later)), SPREAD_MS)
  })

  it('survives a kill and is not repaired away', async () => {
    await nodes[1]?.kill()
    const b = await start(1)
    const doctor = await ran(1, '--json', 'doctor')
    assert.deepEqual(JSON.parse(doctor.out).data.damaged, [])
    assert.equal(isIn(1), false)
    assert.ok(await holds(b, 24))
  })

  it('is not in published trees, which verify', async () => {
    const tree = join(coalition.directory, 'tree')
    const mirrored = await ran(2, 'mirror', tree)
    assert.equal(mirrored.exit, 0, mirrored.err)
    assert.equal(
      filesOf(tree).some((file) => readOr(file).includes(words)),
      false,
    )
    const verified = await ran(2, 'verify', '--tiles', tree, '--charter', coalition.charterFile)
    assert.match(verified.out, /entry 2: the public part was erased by entry 23/)
    assert.equal(verified.exit, 0, verified.out)
  })
})

function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )
}

/** Files of the database come and go. */
function readOr(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
