import assert from 'node:assert/strict'
import { Unlogged } from '../../../node/disclosure/unlogged.ts'
import { sealerOf } from '../../../node/keys/vault.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { counting } from '../../support/statements.ts'
import { until } from '../../support/until.ts'

describe('statements that wait for our log', () => {
  const made: Unlogged[] = []
  afterEach(() => Promise.all(made.splice(0).map((one) => one.stop())))

  /** What is logged of one statement when this was drawn; a day is the mean between two batches. */
  const waiting = async (drawn: number) => {
    const logged: number[] = []
    const store = Object.assign(new MemoryKeyValue(), { compact: () => Promise.resolve() })
    const unlogged = new Unlogged({
      store,
      sealer: sealerOf(counting(32, 7)),
      random: { bytes: (count) => new Uint8Array(count).fill(drawn) },
      clock: { now: () => 1_700_000_000_000 },
      everyMs: 86_400_000,
      isKept: true,
      head: () => ({ size: 0, root: new Uint8Array(32) }),
      logNumber: () => 0,
      mayPublish: () => true,
      publish: async (contents) => {
        logged.push(contents.length)
      },
      onError: (error) => assert.fail(String(error)),
    })
    made.push(unlogged)
    unlogged.start()
    await store.batch([...unlogged.put(Uint8Array.of(1))])
    return { unlogged, logged }
  }

  it('are logged when chance says so, and not when they come', async () => {
    const [late, soon] = [await waiting(255), await waiting(0)]
    await until('it is logged at once', () => soon.logged.length > 0)
    assert.deepEqual(late.logged, [])
    await late.unlogged.flush()
    assert.deepEqual(late.logged, [1])
  })
})
