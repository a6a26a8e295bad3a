import assert from 'node:assert/strict'
import { Mirror } from '../../support/mirror.ts'
import { ORIGIN } from '../../support/own-log.ts'

describe('a mirror of a log that grows by more in a day than the charter lets it', () => {
  let world: Mirror
  beforeEach(async () => {
    world = await Mirror.open()
    Object.assign(world.caps, { entriesPerDay: 4 })
    world.leaves.push(...Array.from({ length: 9 }, () => world.own.incident()))
  })

  afterEach(() => world.own.remove())

  it('takes as much as the day lets it, keeps the head in mind, and goes on the next day', async () => {
    const { kind } = await world.offer(world.leaves)
    assert.deepEqual([kind, world.heldSize(), world.stops], ['capped', 4, ['log.example cap-entries']])
    assert.ok(world.logs.get(ORIGIN)?.pending !== undefined)
    assert.equal(world.verifier.refusalOf(ORIGIN), undefined)
    assert.equal((await world.offer(world.leaves, 4)).kind, 'capped')
    assert.deepEqual([world.heldSize(), world.stops.length], [4, 1])
    assert.equal(world.verifier.stopOf(ORIGIN, 4)?.until, Date.UTC(2026, 10, 29))
    world.now += 86_400_000
    assert.equal(world.verifier.stopOf(ORIGIN, 4), undefined)
    assert.equal((await world.offer(world.leaves, 4)).kind, 'capped')
    assert.equal(world.heldSize(), 8)
    world.now += 86_400_000
    assert.equal((await world.offer(world.leaves, 8)).kind, 'stored')
  })

  it('counts bytes as it counts entries', async () => {
    Object.assign(world.caps, { entriesPerDay: 1_000, bytesPerDay: 2_500 })
    assert.equal((await world.offer(world.leaves)).kind, 'capped')
    const held = world.heldSize() ?? 0
    assert.ok(held > 0 && held < 10)
    assert.deepEqual(world.stops, ['log.example cap-bytes'])
  })

  it('takes what a quorum of others took in its time, however much that is', async () => {
    world.confirmed = 9
    assert.equal((await world.offer(world.leaves.slice(0, 9))).kind, 'stored')
    assert.equal((await world.offer(world.leaves, 9)).kind, 'stored')
    world.leaves.push(...Array.from({ length: 6 }, () => world.own.incident()))
    assert.equal((await world.offer(world.leaves, 10)).kind, 'capped')
    assert.equal(world.heldSize(), 13)
    assert.ok(world.verifier.stopOf(ORIGIN, 13))
    world.confirmed = 16
    assert.equal(world.verifier.stopOf(ORIGIN, 13), undefined)
    assert.equal((await world.offer(world.leaves, 13)).kind, 'stored')
  })
})
