import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { GateAnswer } from '../../../node/disclosure/gate.ts'
import { eraseParts } from '../../../node/disclosure/erasing.ts'
import { printHex } from '../../../protocol/bytes.ts'
import { AccessDesk, refusal } from '../../support/access-desk.ts'
import { AccessWorld, idOf, SECONDS } from '../../support/access-world.ts'
import { collect } from '../../support/crash-check.ts'
import { counting } from '../../support/statements.ts'

/** Of the event loop: more than anything takes that is said in memory. */
const TURNS = 200

const ORDER = { tiers: ['partner'] as const, basis: 'safety' }

describe('erasing a part that was disclosed', () => {
  let world: AccessWorld
  let desk: AccessDesk

  before(async () => {
    world = await AccessWorld.make()
  })

  after(() => world.remove())

  beforeEach(async () => {
    desk = await AccessDesk.open(world)
  })

  /** Erases while somebody says this, as late as it can be said: the statement is made, and not written yet. */
  const eraseWhile = async (say: () => Promise<GateAnswer>): Promise<GateAnswer> => {
    const { disclosure, logs, publish, files } = desk.owner
    const log = logs.get(world.on.origin)?.number
    assert.ok(log !== undefined)
    let said: Promise<GateAnswer> | undefined
    await eraseParts(
      {
        gate: disclosure.gate,
        files,
        publish: async (contents) => {
          said = say()
          // Time enough for whoever does not wait.
          for (let turns = 0; turns < TURNS; turns++) await turn()
          return publish(contents)
        },
      },
      { on: world.on, log, ...ORDER, public: ORDER },
    )
    assert.ok(said)
    return said
  }

  const granted = async () => {
    const { signed, peer } = desk.byReader(world.request())
    const { answer } = await desk.say('request', { signed, peer })
    assert.equal(answer.kind, 'granted')
    return { id: idOf(signed), answer, receipt: desk.byReader(world.receipt(answer, signed)) }
  }

  it('writes over nothing that a holder says meanwhile', async () => {
    const { id, answer, receipt } = await granted()
    assert.equal((await desk.say('receipt', receipt)).answer.kind, 'key')
    assert.ok(answer.kind === 'granted')
    const ack = desk.byReader({
      kind: 'ack',
      network: world.parties.charter.networkId,
      at: SECONDS,
      from: world.parties.party(1).origin,
      grant: idOf(answer.grant),
      of: { entry: { ...world.on, leaf: counting(32, 9) } },
      state: 'noted',
    })
    assert.equal((await eraseWhile(() => desk.say('ack', ack))).answer.kind, 'noted')
    const one = await desk.owner.disclosure.cases.get(id)
    assert.deepEqual([one?.acks, one?.receipt], [[ack.signed], receipt.signed])
    assert.deepEqual(one?.offered?.contentKey, new Uint8Array(32))
  })

  it('lets no key out any more once it has begun, and keeps the case as it was', async () => {
    const { id, receipt } = await granted()
    assert.equal(refusal(await eraseWhile(() => desk.say('receipt', receipt))), 'part-gone')
    const one = await desk.owner.disclosure.cases.get(id)
    assert.deepEqual([one?.state, one?.receipt], ['offered', null])
  })

  it('grants nothing to whoever asks meanwhile', async () => {
    const { answer } = await eraseWhile(() => desk.say('request', desk.byReader(world.request())))
    assert.equal(answer.kind, 'denied')
  })

  it('is in the trail of each disclosure of it, with the entry or not at all', async () => {
    const [first, second] = [await granted(), await granted()]
    await desk.say('receipt', first.receipt)
    const { trail } = desk.owner.disclosure
    const { size } = trail.head()
    desk.owner.disk.onBatch = () => {
      throw new Error('no space left on device')
    }
    await assert.rejects(eraseWhile(() => desk.ask({ kind: 'state', request: first.id })))
    assert.equal(trail.head().size, size)
    const reopened = await world.owner(undefined, desk.owner.disk.copy())
    desk.owner = reopened
    await eraseWhile(() => desk.ask({ kind: 'state', request: first.id }))
    const entries = await collect(desk.owner.disclosure.trail.entries(size))
    assert.deepEqual(
      entries.map(({ entry: { side, step, statement, facts } }) => ({ side, step, statement, facts })),
      [first, second].map(() => ({
        side: 'owner',
        step: 'erased',
        statement: null,
        facts: { basis: 'safety' },
      })),
    )
    assert.deepEqual(
      entries.map(({ entry }) => printHex(entry.request)).toSorted(),
      [first, second].map(({ id }) => printHex(id)).toSorted(),
    )
    assert.ok(await desk.owner.disclosure.trail.isWhole())
  })

  it('lets everybody else go on afterwards', async () => {
    await eraseWhile(() => desk.say('request', desk.byReader(world.request())))
    const { answer } = await desk.say('request', desk.byReader(world.request()))
    assert.equal(answer.kind, 'denied')
  })
})
