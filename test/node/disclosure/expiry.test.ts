import assert from 'node:assert/strict'
import { join } from 'node:path'
import { expire } from '../../../node/disclosure/changes.ts'
import { finishVaultRotation } from '../../../node/vault-rotation.ts'
import { AccessWorld } from '../../support/access-world.ts'
import { hasCode } from '../../support/directory.ts'
import { ReaderDesk } from '../../support/reader-desk.ts'
import { counting } from '../../support/statements.ts'

describe('a part that was given for a time', () => {
  let world: AccessWorld
  let desk: ReaderDesk

  before(async () => {
    world = await AccessWorld.make()
    desk = await ReaderDesk.open(world)
  })

  after(() => world.remove())

  it('stays while its grant lasts, and is deleted when it ends', async () => {
    const { reader, asked } = desk.running.disclosure
    let one = await desk.asked()
    assert.equal(one.state, 'opened')
    const { until } = one
    assert.ok(until !== null)
    assert.equal(await expire(reader, one.id), false)
    assert.notEqual(await desk.release(one), undefined)
    // Not later than that it is looked at again.
    assert.ok(asked.ids(until).length === 1)
    for (let days = 0; days < 400 && reader.now() < until; days++) one = await desk.nextDay(one.id)
    assert.equal(await expire(reader, one.id), true)
    assert.equal(await desk.release(one), undefined)
    const { state, why } = await reader.caseOf(one.id)
    assert.deepEqual([state, why], ['ended', 'grant-ended'])
    assert.equal(await expire(reader, one.id), false)
    // So no file of it is begun any more either.
    const begin = () => Promise.reject(new Error('it was begun'))
    await assert.rejects(reader.whileHeld(one.id, begin), hasCode('NOT_FOUND'))
    assert.deepEqual((await desk.steps()).slice(-2), ['opened', 'heard'])
  })

  it('takes the vault key along, by which old copies of the files would open', async () => {
    const { disclosure, store } = desk.running
    const { keystore } = world.parties.party(1)
    const key = keystore.vaultKey()
    await disclosure.free()
    const prepared = keystore.preparedVaultKey()
    assert.ok(prepared)
    await finishVaultRotation(keystore, store, join(world.parties.directory, 'no-files'))
    assert.deepEqual([keystore.vaultKey(), keystore.preparedVaultKey()], [prepared, undefined])
    assert.notDeepEqual(prepared, key)
    await disclosure.free()
    assert.equal(keystore.preparedVaultKey(), undefined, 'nothing was erased since')
  })

  /** Opened, on a node that may not publish from then on. */
  const openedThenMute = async () => {
    desk = await ReaderDesk.open(world)
    const one = await desk.asked()
    assert.ok(one.state === 'opened' && one.grantId !== null)
    const file = { kind: 'granted', path: 'rows.csv', bytes: 3, isWhole: false } as const
    desk.sets.make({ ...file, grant: one.grantId, root: counting(32, 1), contentKey: counting(32, 2) })
    desk.isMute = true
    await desk.round()
    assert.notEqual(await desk.release(one), undefined)
    return one
  }
  const states = async (kind: string, document: object) => {
    await world.parties.say(0, { kind, on: world.on, public: { ...document } })
    await world.parties.bring(1, desk.running.logs)
  }

  it('is deleted when its grant ends by a node that may not publish, too', async () => {
    const one = await openedThenMute()
    const said = desk.owner.heard.length
    desk.pass(31)
    await desk.round()
    const { state, why } = await desk.running.disclosure.reader.caseOf(one.id)
    assert.deepEqual([state, why, await desk.release(one)], ['ended', 'grant-ended', undefined])
    assert.equal(desk.sets.left(), 0)
    assert.equal(desk.owner.heard.length, said, 'and nothing is said')
  })

  it('is deleted when it is looked at after its end, before anything else is done', async () => {
    const one = await openedThenMute()
    desk.pass(31)
    assert.equal((await desk.running.disclosure.settle(one.id)).state, 'ended')
    assert.equal(await desk.release(one), undefined)
    assert.equal(desk.sets.left(), 0)
  })

  it('is deleted when its author erased it by a node that may not publish, and acknowledged when that may', async () => {
    const one = await openedThenMute()
    await states('retract', { class: 'factual_error', reason: 'It was another device.' })
    await desk.round()
    assert.notEqual(await desk.release(one), undefined, 'what is only marked stays')
    await states('erase', { tiers: ['partner'], basis: 'safety' })
    for (let time = 0; time < 2; time++) await desk.round()
    const { reader } = desk.running.disclosure
    let { state, acks } = await reader.caseOf(one.id)
    assert.deepEqual([state, acks.length, await desk.release(one)], ['erased', 0, undefined])
    assert.equal(desk.sets.left(), 0)
    assert.deepEqual((await desk.steps()).slice(-2), ['opened', 'heard'])
    desk.isMute = false
    await desk.round()
    const { owed, ...later } = await reader.caseOf(one.id)
    ;({ state, acks } = later)
    assert.deepEqual([state, acks.length, owed.acks], ['erased', 2, 0])
    assert.deepEqual((await desk.steps()).slice(-2), ['answered', 'answered'])
  })
})
