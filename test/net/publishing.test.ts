import assert from 'node:assert/strict'
import { runNode, type RunningNode } from '../../node/run.ts'
import { NodeError, type Client, clientOf } from '../../node/api/client.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { until } from '../support/until.ts'

const incident = (title: string, more: object = {}) => ({
  kind: 'incident',
  public: {
    kind: 'near_miss',
    verification: 'confirmed',
    status: 'closed',
    title,
    summary: 'The alarm rang before anybody was hurt.',
    occurred: { start: '2026-10', precision: 'month', basis: 'occurred' },
    policy: { tlp: 'CLEAR' },
    made_by: { role: 'deployer' },
  },
  partner: { near_miss_barrier: 'An alarm that is tested weekly.', ...more },
})

const code = (wanted: string) => (error: unknown) => error instanceof NodeError && error.code === wanted

describe('publishing and attesting at two members', function () {
  this.timeout(180_000)
  let coalition: Coalition
  const running: RunningNode[] = []
  const clients: Client[] = []

  before(async () => {
    coalition = await makeCoalition(2)
    for (const { home } of coalition.members) {
      const { charterFile } = coalition
      running.push(await runNode({ home, passphrase: undefined, charterFile, tickMs: 200 }))
      clients.push(clientOf({ socket: home.socket, timeoutMs: 20_000, startCommand: 'candor up' }))
    }
    await until('both may sign', async () => {
      const states = await Promise.all(clients.map((client) => client.status()))
      return states.every(({ state }) => state === 'ok')
    })
  })

  after(async () => {
    await Promise.all(running.map(({ stop }) => stop()))
    coalition.remove()
  })

  const both = () => {
    const [a, b] = clients
    assert.ok(a && b)
    return { a, b }
  }

  it('holds a draft in the outbox until its time, and lets it be cancelled', async () => {
    const { a } = both()
    const [kept, cancelled] = [
      await a.addDraft(incident('Held and logged')),
      await a.addDraft(incident('Held and cancelled')),
    ]
    assert.equal((await a.publishDraft(kept.id, 1)).state, 'held')
    assert.equal((await a.publishDraft(cancelled.id, 600)).state, 'held')
    await a.cancel(cancelled.id)
    await assert.rejects(a.cancel(cancelled.id), code('NOT_FOUND'))
    await until('the outbox lets it go', async () => (await a.records({ limit: 10 })).total === 1)
    const drafts = await a.drafts()
    assert.deepEqual(
      drafts.map(({ title }) => title),
      ['Held and cancelled'],
    )
    assert.equal((await a.status()).outbox, 0)
    await a.dropDraft(cancelled.id)
  })

  it('shows what everybody stated, dissent first, and overwrites nobody', async () => {
    const { a, b } = both()
    const draft = await a.addDraft(incident('Attested by others'))
    await a.publishDraft(draft.id, 0)
    await until('B holds it', async () => (await b.records({ text: 'attested', limit: 1 })).total === 1)
    await b.attest(draft.id, undefined, { kind: 'sighting', public: { value: 'seen' } })
    await b.attest(draft.id, undefined, { kind: 'dispute', public: { reason: 'It reached two people.' } })
    await assert.rejects(
      b.attest(draft.id, undefined, {
        kind: 'retract',
        public: { class: 'other:mistake', reason: 'Not ours to take back.' },
      }),
      code('NOT_ALLOWED'),
    )
    const shown = await until('A holds both', async () => {
      const detail = await a.record(draft.id, undefined)
      return detail.attestations.length === 2 && detail
    })
    assert.deepEqual(
      shown.attestations.map(({ kind, author }) => [kind, author]),
      [
        ['dispute', 'b.example'],
        ['sighting', 'b.example'],
      ],
    )
    assert.equal(shown.versions.length, 1)
    const [row] = (await a.records({ text: 'attested', limit: 1 })).items
    assert.equal(row?.disputes, 1)
  })

  it('keeps restricted parts with their author', async () => {
    const { a, b } = both()
    const secret = 'a-word-that-must-not-leave'
    const draft = await a.addDraft(incident('Restricted', { narrative: secret }))
    await a.publishDraft(draft.id, 0)
    await until('B holds it', async () => (await b.records({ text: 'restricted', limit: 1 })).total === 1)
    const states = async (client: Client) =>
      (await client.record(draft.id, undefined)).tiers.map(({ state }) => state)
    assert.deepEqual(await states(a), ['public', 'held', 'absent'])
    assert.deepEqual(await states(b), ['public', 'committed', 'committed'])
    for (const client of [a, b])
      assert.ok(!JSON.stringify(await client.record(draft.id, undefined)).includes(secret))
  })

  it('refuses content that contradicts itself', async () => {
    const { a } = both()
    const { partner, ...open } = incident('No barrier')
    assert.ok(partner)
    const harmful = { ...open, public: { ...open.public, harms: [{ type: 'economic', realised: 'actual' }] } }
    await assert.rejects(a.addDraft(harmful), code('BAD_INPUT'))
  })
})
