import assert from 'node:assert/strict'
import type { Content } from '../../../node/log/composer.ts'
import { Observer, type ObserverParts } from '../../../node/log/observer.ts'
import type { ObservedHead } from '../../../protocol/record/observed.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { NETWORK_ID } from '../../support/notes.ts'

const DAY = 86_400_000
const BEGAN = 1_700_000_000_000
const HEAD: ObservedHead = {
  origin: `b.example/candor/${NETWORK_ID}/1`,
  size: 3,
  root: new Uint8Array(32),
  as: 'holder',
  by: [],
}

/** An observer whose statements go to a list, with their rows into the store, as the appender does it. */
function observing(changes: Partial<ObserverParts> = {}) {
  const store = changes.store ?? new MemoryKeyValue()
  const stated: Content[] = []
  const world = { now: BEGAN, broken: false }
  const observer = new Observer({
    clock: { now: () => world.now },
    store,
    intervalMs: DAY,
    beganAt: () => BEGAN,
    heads: () => [HEAD],
    publish: async (contents) => {
      if (world.broken) throw new Error('the node is read-only')
      stated.push(...contents)
      const rows = contents.flatMap(({ alongside }) => alongside?.(0, new Uint8Array(16)) ?? [])
      await store.batch(rows, 'durable')
    },
    ...changes,
  })
  return { observer, stated, world, store }
}

describe('the observer', () => {
  it('states the heads a day after the log began, and then once a day', async () => {
    const { observer, stated, world } = observing()
    const counts: number[] = []
    for (const hours of [0, 23, 24, 25, 47, 48, 49]) {
      world.now = BEGAN + hours * 3_600_000
      await observer.check()
      counts.push(stated.length)
    }
    assert.deepEqual(counts, [0, 0, 1, 1, 1, 2, 2])
    assert.equal(stated[0]?.kind, 'observed')
  })

  it('knows after a restart when it was last done', async () => {
    const { observer, world, store } = observing()
    world.now = BEGAN + DAY
    await observer.check()
    const again = observing({ store })
    again.world.now = BEGAN + DAY + DAY / 2
    await again.observer.check()
    assert.equal(again.stated.length, 0)
    again.world.now = BEGAN + 2 * DAY
    await again.observer.check()
    assert.equal(again.stated.length, 1)
  })

  it('states nothing before the log began, and nothing where there is nobody to observe', async () => {
    for (const changes of [{ beganAt: () => undefined }, { heads: () => [] }]) {
      const { observer, stated, world } = observing(changes)
      world.now = BEGAN + 9 * DAY
      await observer.check()
      assert.equal(stated.length, 0)
    }
  })

  it('tries again when a statement could not be made', async () => {
    const { observer, stated, world } = observing()
    world.now = BEGAN + DAY
    world.broken = true
    await observer.check()
    world.broken = false
    world.now += 60_000
    await observer.check()
    assert.equal(stated.length, 1)
  })

  it('is not silenced by a clock that was far ahead once', async () => {
    const { observer, stated, world } = observing()
    world.now = BEGAN + 4_000 * DAY
    await observer.check()
    world.now = BEGAN + DAY
    await observer.check()
    assert.equal(stated.length, 2)
  })

  it('states many heads in several statements, and one time', async () => {
    const heads = Array.from({ length: 70 }, (_, i) => ({
      ...HEAD,
      origin: HEAD.origin.replace('b.', `b${i}.`),
    }))
    const { observer, stated, world } = observing({ heads: () => heads })
    world.now = BEGAN + DAY
    await observer.check()
    assert.equal(stated.length, 3)
    assert.deepEqual(
      stated.map(({ alongside }) => alongside !== undefined),
      [true, false, false],
    )
  })

  it('makes one statement when it is asked twice at once', async () => {
    const { observer, stated, world } = observing()
    world.now = BEGAN + DAY
    await Promise.all([observer.check(), observer.check()])
    await observer.stop()
    assert.equal(stated.length, 1)
  })
})
