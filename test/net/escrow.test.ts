import assert from 'node:assert/strict'
import { NodeError, type EscrowView } from '../../node/api/client.ts'
import { readConfiguration, writeConfiguration } from '../../node/home.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { agreedTrails, assertNoSecrets, DRAFT, PARTS, publishDraft } from '../support/restricted.ts'
import { shiftedClock } from '../support/shifted-clock.ts'
import { until } from '../support/until.ts'

const DAY_MS = 86_400_000
const code = (wanted: string, words: RegExp) => (error: unknown) =>
  error instanceof NodeError && error.code === wanted && words.test(error.message)

describe('parts in escrow with members that keep a share each', function () {
  this.timeout(600_000)
  let coalition: Coalition
  let nodes: NodeProcess[] = []
  let kept = ''
  let erased = ''

  const home = (at: number) => {
    const found = coalition.members[at]?.home
    assert.ok(found)
    return found
  }
  const start = (at: number, days = 0) =>
    startNode(
      home(at),
      coalition.charterFile,
      [],
      days === 0 ? [] : shiftedClock(coalition.directory, days * DAY_MS),
    )
  const client = (at: number) => {
    const found = nodes[at]?.client
    assert.ok(found)
    return found
  }
  /** The deposit of this record's research part, as this member sees it. */
  const deposit = async (at: number, record: string): Promise<EscrowView | undefined> =>
    (await client(at).escrows()).deposits.find((one) => one.record === record && one.tier === 'research')
  const idOf = async (at: number) => (await deposit(at, kept))?.id ?? ''

  const mayAllSign = (of: readonly number[]) =>
    until('all may sign', async () => {
      const states = await Promise.all(of.map((at) => client(at).status()))
      return states.every(({ state }) => state === 'ok')
    })

  /** Waits until nothing stands against a release at this member; says what does where something does to the end. */
  const mayRelease = async (at: number) => {
    let refusal: string | undefined
    const ask = async () => {
      refusal = (await deposit(at, kept))?.silence?.refusal
      return refusal === undefined
    }
    await until('it may release', ask, 180_000).catch((error: unknown) => {
      throw new Error(`member ${at}: ${refusal}`, { cause: error })
    })
  }

  before(async () => {
    coalition = await makeCoalition(5)
    const holders = ['b', 'c', 'd', 'e'].map((name) => `${name}.example`)
    const escrow = { threshold: 3, holders, afterDays: 14, tiers: ['partner', 'research'] as const }
    writeConfiguration(home(0), {
      ...readConfiguration(home(0)),
      escrow: { ...escrow, tiers: [...escrow.tiers] },
    })
    nodes = await Promise.all([0, 1, 2, 3, 4].map((at) => start(at)))
    await mayAllSign([0, 1, 2, 3, 4])
  })

  after(async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    coalition.remove()
  })

  it('go to every holder by themselves, and each signs that it has its share', async () => {
    kept = await publishDraft(client(0))
    erased = await publishDraft(client(0))
    for (const record of [kept, erased])
      await until('all holders acknowledged', async () => (await deposit(0, record))?.state === 'held')
    const { deposits, trouble } = await client(0).escrows()
    assert.deepEqual([deposits.length, trouble], [4, undefined])
    assert.deepEqual(
      (await deposit(0, kept))?.holders.map(({ state }) => state),
      Array(4).fill('held'),
    )
    assert.equal((await deposit(1, kept))?.owner, 'a.example')
  })

  it('are released by nobody while their owner is there', async () => {
    const id = await idOf(2)
    const to = { to: 'b.example', by: 'x', reason: 'we want to see' }
    await assert.rejects(client(2).releaseEscrow(id, to), code('NOT_ALLOWED', /connected/))
    const why = { by: 'x', reason: 'we want to see' }
    await assert.rejects(client(1).recoverEscrow(await idOf(1), why), code('NOT_ALLOWED', /connected/))
    await assert.rejects(client(0).recoverEscrow(id, why), code('CONFLICT', /our own/))
    await assert.rejects(client(0).addEscrow(kept, {}), code('CONFLICT', /already/))
    await assert.rejects(client(1).addEscrow(kept, {}), code('USAGE', /escrow is off/))
    await assert.rejects(client(1).escrow('kept'), code('USAGE', /six/))
    await assert.rejects(client(1).escrow('0'.repeat(64)), code('NOT_FOUND', /no such deposit/))
    const words = { ...to, reason: 'Ask nora@university.org.' }
    await assert.rejects(client(2).releaseEscrow(id, words), code('LINT_REFUSED', /linter/))
  })

  it('go in on other terms for one record, where that is said', async () => {
    const terms = {
      threshold: 2,
      holders: ['d.example', 'e.example'],
      afterDays: 30,
      tiers: ['partner'] as const,
    }
    const [made, ...more] = await client(0).addEscrow(kept, terms)
    assert.deepEqual([made?.tier, made?.threshold, made?.afterDays, more.length], ['partner', 2, 30, 0])
    await until('both acknowledged', async () => (await client(0).escrow(made?.id ?? '')).state === 'held')
    await assert.rejects(
      client(0).addEscrow(kept, { holders: ['d.example', 'a.example'], threshold: 2 }),
      code('USAGE', /our own/),
    )
    assert.equal((await client(1).escrows()).deposits.length, 4)
    assert.equal((await client(4).escrows()).deposits.length, 5)
  })

  it('go at every holder once they are erased, and that is counted', async () => {
    const id = (await deposit(1, erased))?.id ?? ''
    await client(0).erase(erased, { tiers: ['partner', 'research'], basis: 'data_subject' })
    for (const at of [1, 2, 3, 4])
      await until('it is erased', async () => (await deposit(at, erased))?.state === 'erased')
    await until('every holder signed that', async () => {
      const found = await deposit(0, erased)
      return found?.holders.every(({ state }) => state === 'erased') === true && found.state === 'erased'
    })
    assert.equal((await deposit(1, erased))?.shares, 0)
    await assert.rejects(
      client(1).recoverEscrow(id, { by: 'x', reason: 'all the same' }),
      code('NOT_FOUND', /erased/),
    )
    await assert.rejects(client(0).addEscrow(erased, {}), code('NOT_FOUND', /no partner or research part/))
  })

  it('are released by nobody before the owner was silent for as long as it said', async () => {
    await nodes[0]?.kill()
    const to = { to: 'b.example', by: 'x', reason: 'we want to see' }
    await until('it is away', async () => (await deposit(2, kept))?.silence?.refusal === 'owner-heard')
    await assert.rejects(client(2).releaseEscrow(await idOf(2), to), code('NOT_ALLOWED', /silent/))
    await Promise.all([1, 2, 3, 4].map((at) => nodes[at]?.stop()))
    for (const at of [1, 2, 3, 4]) await assertNoSecrets(home(at))
    const later = await Promise.all([1, 2, 3, 4].map((at) => start(at, 13)))
    nodes = [...nodes.slice(0, 1), ...later]
    await mayAllSign([1, 2, 3, 4])
    await until('b is fresh', async () => (await deposit(1, kept))?.silence?.refusal === 'owner-heard')
    await assert.rejects(client(2).releaseEscrow(await idOf(2), to), code('NOT_ALLOWED', /silent/))
    await Promise.all([1, 2, 3, 4].map((at) => nodes[at]?.stop()))
  })

  it('are recovered by a holder with the shares that persons release, and with no fewer', async () => {
    const later = await Promise.all([1, 2, 3, 4].map((at) => start(at, 20)))
    nodes = [...nodes.slice(0, 1), ...later]
    await mayAllSign([1, 2, 3, 4])
    for (const at of [1, 2, 3]) await mayRelease(at)
    const id = await idOf(1)
    const reason = 'A is gone; its ward runs our device.'
    const begun = await client(1).recoverEscrow(id, { by: 'the duty officer', reason })
    assert.deepEqual([begun.state, begun.shares], ['recovering', 1])
    await until('c sees who asks', async () => (await deposit(2, kept))?.called[0]?.reason === reason)
    await client(2).releaseEscrow(id, { to: 'b.example', by: 'nora', reason: 'We wrote to A for weeks.' })
    await until('two shares are there', async () => (await deposit(1, kept))?.shares === 2)
    assert.equal((await deposit(1, kept))?.state, 'recovering')
    await assert.rejects(client(1).recoveredPart(id), code('NOT_FOUND', /not recovered/))
    await client(3).releaseEscrow(id, { to: 'b.example', by: 'omar', reason: 'We agree with C.' })
    await client(1).recoverEscrow(id, { by: 'the duty officer', reason })
    const done = await until('it is recovered', async () => {
      const found = await deposit(1, kept)
      return found?.state === 'recovered' ? found : undefined
    })
    assert.deepEqual(
      done.released.map(({ domain }) => domain),
      ['b.example'],
    )
    const { document, verdict } = await client(1).recoveredPart(id)
    assert.deepEqual(document, PARTS.research)
    assert.match(verdict, /recovered with 3 shares/)
    assert.equal((await deposit(4, kept))?.released.length, 0)
  })

  it('stand in trails that agree, and rest sealed after they were recovered, too', async () => {
    const entries = await agreedTrails(client(4), [1, 2, 3].map(client))
    assert.ok(entries.every((count) => count > 2))
    await Promise.all([1, 2, 3, 4].map((at) => nodes[at]?.stop()))
    for (const at of [1, 2, 3, 4]) await assertNoSecrets(home(at))
    for (const node of nodes) assert.ok(!node.log().includes(DRAFT.partner.narrative))
  })
})
