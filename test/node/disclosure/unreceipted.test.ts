import assert from 'node:assert/strict'
import { judgeTrail } from '../../../protocol/audit/trail.ts'
import { printTrailEntry } from '../../../protocol/access/trail.ts'
import { expire } from '../../../node/disclosure/changes.ts'
import { revoke } from '../../../node/disclosure/person.ts'
import { native } from '../../../node/keys/native.ts'
import { isErasing } from '../../../node/store/forgetting.ts'
import { AccessWorld } from '../../support/access-world.ts'
import { collect } from '../../support/crash-check.ts'
import type { Running } from '../../support/disclosing.ts'
import { ReaderDesk, say } from '../../support/reader-desk.ts'

describe('a grant whose receipt has not reached its owner', () => {
  let world: AccessWorld
  let desk: ReaderDesk

  beforeEach(async () => {
    world = await AccessWorld.make()
    desk = await ReaderDesk.open(world)
  })

  afterEach(() => world.remove())

  /** Holds the ciphertext; nothing that it says arrives any more. */
  const received = async () => {
    desk.owner.lie = (message) => (message.kind === 'request' ? desk.owner.truth(message) : undefined)
    const one = await desk.asked()
    assert.equal(one.state, 'received')
    return one
  }
  const reached = () => (desk.owner.lie = (message) => desk.owner.truth(message))
  const states = async (kind: string, document: object) => {
    await world.parties.say(0, { kind, on: world.on, public: { ...document } })
    await world.parties.bring(1, desk.running.logs)
  }
  const ownerSteps = async () => (await entriesOf(desk.owner.honest)).map(({ step }) => step)

  it('is receipted before a change of the record is acknowledged, and its owner is not found guilty', async () => {
    const { id } = await received()
    await states('retract', { class: 'factual_error', reason: 'It was another device.' })
    await desk.nextDay(id)
    reached()
    const one = await desk.goOn(id)
    assert.deepEqual([one.state, one.acks.length, one.owed.acks], ['opened', 1, 0])
    const last = (await ownerSteps()).slice(-3)
    assert.deepEqual(last, ['receipted', 'confirmed', 'acknowledged'])
    await nobodyIsGuilty()
  })

  it('is nothing that its owner could be told the erasure of', async () => {
    const { id } = await received()
    await states('erase', { tiers: ['partner'], basis: 'safety' })
    await desk.nextDay(id)
    reached()
    const one = await desk.goOn(id)
    assert.deepEqual([one.state, one.acks.length, one.owed.acks], ['erased', 1, 0])
    assert.deepEqual(await ownerSteps(), ['decided', 'offered'])
    await nobodyIsGuilty()
  })

  const ciphertext = (id: Uint8Array) => desk.running.disclosure.asked.ciphertext(id)

  it('ends for its reader when it is revoked before the key came, and nothing of it stays', async () => {
    const { id } = await received()
    await revoke(desk.owner.honest.disclosure.gate, id, { reason: 'mistake', note: null })
    reached()
    const one = await desk.goOn(id)
    assert.deepEqual([one.state, one.why, one.owed.acks], ['revoked', 'mistake', 0])
    assert.equal(await ciphertext(id), undefined)
    assert.deepEqual(await ownerSteps(), ['decided', 'offered', 'revoked'])
    await nobodyIsGuilty()
  })

  it('ends for its reader with its time, whether its owner is there or not', async () => {
    const { id, until } = await received()
    const { reader } = desk.running.disclosure
    for (let days = 0; days < 400 && reader.now() < (until ?? 0); days++) await desk.nextDay(id)
    assert.equal(await expire(reader, id), true)
    const { state, why } = await reader.caseOf(id)
    assert.deepEqual([state, why, await ciphertext(id)], ['ended', 'grant-ended', undefined])
    await nobodyIsGuilty()
  })

  for (const reason of ['part-gone', 'standing-lost', 'grant-ended'])
    it(`leaves nothing behind when its owner says ${reason}`, async () => {
      const { id } = await received()
      desk.owner.lie = () => say({ kind: 'refused', reason })
      const one = await desk.goOn(id)
      assert.deepEqual([one.state, one.why, await ciphertext(id)], ['ended', reason, undefined])
      await nobodyIsGuilty()
    })

  it('leaves the files of the database, too', async () => {
    const { id } = await received()
    const rows = () => isErasing(desk.running.store, 'sealed')
    desk.owner.lie = () => say({ kind: 'refused', reason: 'part-gone' })
    desk.pass(1)
    assert.equal(await rows(), false)
    await desk.round()
    assert.equal((await desk.running.disclosure.reader.caseOf(id)).state, 'ended')
    assert.equal(await rows(), false, 'what was to be freed is freed')
  })

  const nobodyIsGuilty = async () => {
    for (const [at, running] of [desk.owner.honest, desk.running].entries()) {
      const lines = (await entriesOf(running)).map((entry) => {
        return { kind: 'entry' as const, bytes: printTrailEntry(entry), entry }
      })
      const { origin } = world.parties.party(at)
      const made = { origin, at: 0, retention: 365, logs: [], leaves: [] }
      const file = { ...running.disclosure.trail.head(), ...made, lines }
      const judged = judgeTrail(native, file, { logs: [], keyOf: () => undefined })
      assert.deepEqual(judged.findings, [])
    }
  }
})

async function entriesOf({ disclosure }: Running) {
  return (await collect(disclosure.trail.entries())).map(({ entry }) => entry)
}
