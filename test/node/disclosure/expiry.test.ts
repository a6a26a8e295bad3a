import assert from 'node:assert/strict'
import { expire } from '../../../node/disclosure/changes.ts'
import { AccessWorld } from '../../support/access-world.ts'
import { ReaderDesk } from '../../support/reader-desk.ts'

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
    assert.deepEqual((await desk.steps()).slice(-2), ['opened', 'heard'])
  })
})
