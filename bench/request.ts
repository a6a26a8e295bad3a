/**
 * From a request to a part that was verified and is on disk, between two processes on loopback (`disclose.request`), beside
 * what its synced writes alone cost in the same run (`raw.writes`): four on the reader's side, three on the owner's.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../node/store/database.ts'
import { systemRandom } from '../node/keys/random.ts'
import { makeCoalition } from '../test/support/coalition.ts'
import { startNode } from '../test/support/process.ts'
import { until } from '../test/support/until.ts'
import { median, print } from './report.ts'

const POLICY = `v: 1
rules:
  - { name: all, tiers: [partner], audience: [member], outcome: allow }
rate: { requests: 10000, seconds: 86400 }
longest: { partner: 365, research: 90 }
retention: 1826
`

const NARRATIVE = 'The assistant read 1.0 as 10 in a scanned sheet. '.repeat(40)

const RECORD = {
  kind: 'incident',
  public: {
    kind: 'near_miss',
    verification: 'confirmed',
    status: 'closed',
    title: 'A dose that was ten times too high',
    summary: 'An assistant proposed it.',
    occurred: { start: '2026-10', precision: 'month', basis: 'occurred' },
    policy: { tlp: 'CLEAR' },
    made_by: { role: 'developer' },
  },
  partner: { narrative: NARRATIVE },
  research: { narrative: NARRATIVE },
}

/** Before the figures count, code is warm and the connection is there. */
const WARM = 20
/** Fewer than a node answers one peer in a burst; after that it asks to wait. */
const PAUSE_MS = 450
const WRITES = 7
/** Requests that may be put off. */
const WAITS_MAX = 10

export async function benchRequest(times: number): Promise<void> {
  const raw = await rawWrites(times)
  const coalition = await makeCoalition(2)
  const nodes = await Promise.all(coalition.members.map(({ home }) => startNode(home, coalition.charterFile)))
  try {
    const [owner, reader] = nodes
    if (owner === undefined || reader === undefined) throw new Error('two nodes')
    await until('both may sign', async () =>
      (await Promise.all(nodes.map(({ client }) => client.status()))).every(({ state }) => state === 'ok'),
    )
    await owner.client.putDisclosurePolicy(POLICY)
    const { id } = await owner.client.addDraft(RECORD)
    const { record } = await owner.client.publishDraft(id, 0)
    await until(
      'the reader holds it',
      async () => (await reader.client.records({ limit: 1 })).items.length > 0,
    )
    const ask = () =>
      reader.client.requestDetail({
        record,
        tier: 'partner',
        purpose: 'own_remediation',
        justification: 'A measurement.',
        recipients: ['Bench'],
        days: 1,
      })
    await until('the owner is fresh', async () => (await ask()).state === 'opened', 30_000)
    const values: number[] = []
    for (let time = 0, waited = 0; time < WARM + times;) {
      const begun = performance.now()
      const { state, why } = await ask()
      const took = performance.now() - begun
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      if (state === 'opened') {
        time += 1
        if (time > WARM) values.push(took)
        continue
      }
      // An owner that has had enough for the moment says so; what it answers later is no measurement.
      waited += 1
      if (waited > WAITS_MAX) throw new Error(`the request is ${state}: ${why ?? ''}`)
    }
    print({ name: 'raw.writes', unit: 'ms', n: WRITES, values: raw })
    print({ name: 'disclose.request', unit: 'ms', n: 1, values, baseline: median(raw) })
  } finally {
    await Promise.all(nodes.map((node) => node.kill()))
    coalition.remove()
  }
}

async function rawWrites(times: number): Promise<readonly number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const database = await openDatabase(directory)
  const values: number[] = []
  for (let time = 0; time < times; time++) {
    const begun = performance.now()
    for (let write = 0; write < WRITES; write++) {
      const operation = {
        type: 'put',
        key: systemRandom.bytes(16),
        value: systemRandom.bytes(2_048),
      } as const
      await database.batch([operation], 'durable')
    }
    values.push(performance.now() - begun)
  }
  await database.close()
  rmSync(directory, { recursive: true })
  return values
}
