/** A disclosure whose two sides are never there on the same days, and what is left of it when its time is over. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { NodeError, type Client } from '../../node/api/client.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

const POLICY = `v: 1
rules:
  - { name: by-hand, tiers: [research], audience: [researcher], purposes: [audit], outcome: ask }
rate: { requests: 50, seconds: 86400 }
longest: { partner: 365, research: 90 }
retention: 1826
`
const FILE = randomBytes(2_500_000)
const INCIDENT = {
  kind: 'harm_event',
  verification: 'confirmed',
  status: 'closed',
  title: 'A dose that was ten times too high',
  summary: 'Noticed by a nurse.',
  occurred: { start: '2026-10', precision: 'month', basis: 'occurred' },
  sectors: ['health'],
  policy: { tlp: 'CLEAR' },
  made_by: { role: 'deployer' },
}
const RESEARCH = { samples: [{ prompt: 'dose for a child', output: '12 mg' }] }

/** a owns the record, b is there for a to be fresh, c is an affiliate that was accredited and asks. */
type Name = 'a' | 'b' | 'c'

describe('owner and reader that are days apart', function () {
  this.timeout(300_000)
  let coalition: Coalition
  const nodes = new Map<Name, NodeProcess>()
  let request = ''

  before(async () => {
    coalition = await makeCoalition(3, { affiliates: 1 })
  })

  after(async () => {
    for (const node of nodes.values()) await node.kill()
    coalition.remove()
  })

  const client = (name: Name): Client => {
    const node = nodes.get(name)
    assert.ok(node, `${name} runs`)
    return node.client
  }
  const stop = async (...names: readonly Name[]) => {
    await Promise.all(names.map((name) => nodes.get(name)?.stop()))
    for (const name of names) nodes.delete(name)
  }
  /** Exactly these run on that day, by their clocks; whoever ran before was stopped and started anew. */
  const onDay = async (day: number, ...names: readonly Name[]) => {
    await stop(...nodes.keys())
    const clock = join(coalition.directory, `day${day}.mjs`)
    writeFileSync(clock, `const now = Date.now; Date.now = () => now() + ${day * 86_400_000}\n`)
    await Promise.all(
      names.map(async (name) => {
        const home = coalition.members.find(({ domain }) => domain.startsWith(name))?.home
        assert.ok(home)
        nodes.set(name, await startNode(home, coalition.charterFile, [], ['--import', clock]))
      }),
    )
  }
  const stateAt = async (name: Name) => (await client(name).request(request)).state

  it('asks while the owner is off', async () => {
    await onDay(0, 'a', 'b', 'c')
    const everybody = (['a', 'b', 'c'] as const).map(client)
    await until('all may sign', async () =>
      (await Promise.all(everybody.map((one) => one.status()))).every(({ state }) => state === 'ok'),
    )
    await client('a').putDisclosurePolicy(POLICY)
    const draft = await client('a').addDraft({ kind: 'incident', public: INCIDENT, research: RESEARCH })
    await client('a').addFile(draft.id, { path: 'doses.bin', bytes: FILE.length }, Readable.from([FILE]))
    const { record } = await client('a').publishDraft(draft.id, 0)
    const application = await client('c').application('University of C')
    const scope = { tiers: ['research'], purposes: ['audit'], days: 60 }
    const made = await client('a').accredit(application, scope)
    await until('b holds it', async () => (await client('b').accreditations()).length === 1)
    await client('b').endorse(made.id)
    for (const name of ['a', 'c'] as const)
      await until(
        `${name} holds it`,
        async () => (await client(name).accreditations())[0]?.state === 'in-force',
      )
    await until(
      'c holds the record',
      async () => (await client('c').records({ limit: 5 })).items.length === 1,
    )
    await stop('a')
    const asked = await client('c').requestDetail({
      record,
      tier: 'research',
      purpose: 'audit',
      justification: 'The yearly audit.',
      recipients: ['University of C'],
      days: 20,
    })
    assert.equal(asked.state, 'open')
    request = asked.id
  })

  it('is heard days later, and the owner decides when the reader is off for days', async () => {
    await onDay(3, 'a', 'b', 'c')
    await until('it waits for a person', async () => (await stateAt('c')) === 'pending')
    await onDay(6, 'a', 'b')
    await until('a may decide', async () => {
      try {
        return await client('a').rule(request, { outcome: 'allow', by: 'the duty officer' })
      } catch (error) {
        // It has not heard enough of the others yet.
        if (error instanceof NodeError && error.code === 'NOT_ALLOWED') return undefined
        throw error
      }
    })
    assert.equal((await client('a').case(request)).state, 'offered')
  })

  it('gets the part and its files days after that', async () => {
    await onDay(9, 'a', 'b', 'c')
    await until('it is opened', async () => (await stateAt('c')) === 'opened')
    const { document, request: shown } = await client('c').fetchDetail(request)
    assert.deepEqual(shown.over, false)
    assert.ok(typeof document === 'object' && document !== null && 'samples' in document)
    assert.deepEqual(document.samples, RESEARCH.samples)
    const [file] = await until('the owner is fresh', async () => {
      const files = await client('c').fetchFiles(request)
      return files.every(({ state }) => state === 'whole') ? files : undefined
    })
    assert.equal(file?.path, 'doses.bin')
    assert.ok((await bytesOf(await client('c').exportFile(request, 'doses.bin'))).equals(FILE))
    await until('it is confirmed', async () => (await client('a').case(request)).state === 'confirmed')
  })

  it('has nothing to show when the time is over, though nobody is there to tell it and it may not publish', async () => {
    await onDay(40, 'c')
    assert.notEqual((await client('c').status()).state, 'ok')
    const isGone = (error: unknown) => error instanceof NodeError && error.code === 'NOT_FOUND'
    await assert.rejects(client('c').exportFile(request, 'doses.bin'), isGone)
    await assert.rejects(client('c').fetchFiles(request), isGone)
    await assert.rejects(client('c').fetchDetail(request), isGone)
    assert.equal(await stateAt('c'), 'ended')
    await until('its files are deleted', async () => (await client('c').files()).length === 0)
  })
})

async function bytesOf(stream: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  const got: Buffer[] = []
  for await (const chunk of stream) got.push(Buffer.from(chunk))
  return Buffer.concat(got)
}
