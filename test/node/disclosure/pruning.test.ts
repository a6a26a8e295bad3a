import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { judgeTrail } from '../../../protocol/audit/trail.ts'
import { compareTrails } from '../../../protocol/audit/trail-agreement.ts'
import { parseTrailFile, type TrailFile } from '../../../protocol/audit/trail-file.ts'
import { edgeRoot } from '../../../protocol/log/merkle.ts'
import { expire } from '../../../node/disclosure/changes.ts'
import { accessLeaves } from '../../../node/disclosure/leaves.ts'
import { Trail } from '../../../node/disclosure/trail.ts'
import { native } from '../../../node/keys/native.ts'
import { trailFileOf } from '../../../node/service/trail-file.ts'
import { keyOf, after as afterKey } from '../../../node/store/prefixes.ts'
import { AccessWorld } from '../../support/access-world.ts'
import { POLICY, startDisclosure, type Running } from '../../support/disclosing.ts'
import type { MemoryKeyValue } from '../../support/memory-kv.ts'
import { NOW } from '../../support/parties.ts'

const DAY = 86_400
const WORD = 'okapi of the duty ward'

describe('the retention of the audit trail', () => {
  let world: AccessWorld
  let disk: MemoryKeyValue
  let owner: Running
  let reader: Running
  const clock = { now: NOW }

  before(async () => {
    world = await AccessWorld.make()
    const { parties } = world
    const now = () => clock.now
    disk = parties.store(0)
    owner = await startDisclosure(parties, 0, disk, { now })
    reader = await startDisclosure(parties, 1, parties.store(1), {
      now,
      ask: async (_, message) => {
        const { answer, ciphertext } = await owner.disclosure.answer(message, parties.party(1).node)
        return { answer, ciphertext }
      },
    })
    keep('a.example', 5)
    keep('b.example', 30)
  })

  after(() => world.remove())

  const keep = (domain: string, days: number) => {
    const text = POLICY.replace('retention: 1826', `retention: ${days}`)
    writeFileSync(join(world.parties.directory, `policy-${domain}`), text)
  }

  /** Lets days pass, of which the others are heard. */
  const wait = (days: number) => {
    clock.now += days * DAY * 1_000
    for (const other of ['b.example', 'c.example']) owner.disclosure.freshness.heard(other, new Map())
  }

  const ask = async (justification: string) => {
    const now = Math.floor(clock.now / 1_000)
    const times = { at: now, until: now + 20 * DAY, expires: now + 20 * DAY }
    const { id } = await reader.disclosure.reader.make(world.request({ justification, ...times }))
    const { state } = await reader.disclosure.reader.pursue(id)
    assert.equal(state, 'opened')
    for (const { disclosure } of [owner, reader]) await disclosure.unlogged.flush()
    return id
  }

  const fileOf = async (at: 0 | 1): Promise<TrailFile> => {
    const { disclosure, logs, store } = at === 0 ? owner : reader
    const { origin, domain, sealer } = world.parties.party(at)
    const opened = { database: store, logs, origin, member: { domain } }
    const read = parseTrailFile(
      await trailFileOf({ disclosure, clock: { now: () => clock.now }, sealer, opened }),
    )
    assert.ok(read.ok)
    return read.value
  }

  const judge = async (at: 0 | 1, file: TrailFile) => {
    const { logs } = at === 0 ? owner : reader
    const { origin } = world.parties.party(at)
    const log = logs.get(origin)
    assert.ok(log)
    const access = new Map()
    for await (const { index, entry } of accessLeaves(logs, { origin, size: log.edge.size }))
      access.set(index, entry)
    const held = { origin, size: log.edge.size, root: edgeRoot(native, log.edge), access }
    return judgeTrail(native, file, { logs: [held], keyOf: () => undefined })
  }

  /** Whether a word is in anything that rests sealed at a member, opened. */
  const isKept = async (at: 0 | 1): Promise<boolean> => {
    const { store } = at === 0 ? owner : reader
    const { sealer } = world.parties.party(at)
    for (const space of ['vault', 'disclosure'] as const)
      for await (const [key, value] of store.iterate({ gte: keyOf(space), lt: afterKey(keyOf(space)) })) {
        const opened = ((): Uint8Array => {
          try {
            return sealer.open(key, value)
          } catch {
            return value
          }
        })()
        if (Buffer.from(opened).includes(WORD)) return true
      }
    return false
  }

  it('deletes nothing while its grant is in force, however old it is', async () => {
    await ask(`For ${WORD}.`)
    wait(12)
    assert.equal(await owner.disclosure.prune(), 0)
    assert.ok(await isKept(0))
    assert.deepEqual((await judge(0, await fileOf(0))).findings, [])
  })

  it('deletes nothing while the policy cannot be read', async () => {
    wait(18)
    writeFileSync(join(world.parties.directory, 'policy-a.example'), 'retention: no')
    assert.equal(await owner.disclosure.prune(), 0)
    keep('a.example', 5)
  })

  it('deletes content, case and openings once it is over and older than that, and the tree still verifies', async () => {
    const young = await ask('For something else.')
    const { root, size } = owner.disclosure.trail.head()
    // Killed after the openings of its leaves went and before the rest: the trail is still good, and the next run ends it.
    let batches = 0
    disk.onBatch = () => {
      if (++batches > 1) throw new Error('killed')
    }
    await assert.rejects(owner.disclosure.prune())
    disk.onBatch = () => {}
    const half = await judge(0, await fileOf(0))
    assert.deepEqual([half.findings, half.pruned, half.logs.forgotten], [[], 0, 1])
    assert.equal(await owner.disclosure.prune(), 4)
    assert.deepEqual(owner.disclosure.trail.head(), { root, size })
    assert.ok(!(await isKept(0)))
    assert.notEqual(await owner.disclosure.cases.get(young), undefined)
    const again = new Trail({ primitives: native, store: owner.store, sealer: world.parties.party(0).sealer })
    await again.open()
    assert.ok(await again.isWhole())
    const file = await fileOf(0)
    const judged = await judge(0, file)
    assert.deepEqual(judged.findings, [])
    assert.deepEqual([judged.pruned, judged.logs.forgotten], [4, 1])
    assert.equal(await owner.disclosure.prune(), 0)
    // Days of its policy that do not explain it are found.
    const stated = { ...file, retention: 1_826 }
    assert.deepEqual(
      (await judge(0, stated)).findings.map(({ code }) => code),
      ['trail-pruned'],
    )
  })

  it('shows in the trail of the other side that it was there, and excuses it', async () => {
    const [a, b] = [await fileOf(0), await fileOf(1)]
    const later = { ...a, at: a.at + 600 }
    const { findings, requests, pruned } = compareTrails(
      native,
      later,
      { ...b, at: b.at + 600 },
      () => undefined,
    )
    assert.deepEqual([findings, requests, pruned], [[], 2, 1])
  })

  it('is kept by a reader as well', async () => {
    for (const id of reader.disclosure.asked.ids()) await expire(reader.disclosure.reader, id)
    wait(1)
    await reader.disclosure.unlogged.flush()
    assert.equal(await reader.disclosure.prune(), 0)
    wait(40)
    for (const id of reader.disclosure.asked.ids()) await expire(reader.disclosure.reader, id)
    assert.equal(await reader.disclosure.prune(), 4)
    assert.ok(!(await isKept(1)))
    assert.deepEqual((await judge(1, await fileOf(1))).findings, [])
  })
})
