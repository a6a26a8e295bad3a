import assert from 'node:assert/strict'
import { Turn } from '../../../node/sync/turn.ts'

describe('the turn of an answer at a log', () => {
  let now: number
  let isAwaited: boolean
  let turn: Turn
  const node = new AbortController()
  beforeEach(() => {
    now = 0
    isAwaited = true
    turn = new Turn({ isAwaited: () => isAwaited, signal: node.signal, now: () => now })
  })
  afterEach(() => turn.end())

  /** What was taken of an answer that gives so many entries every so many milliseconds, until its turn ends. */
  const given = (entries: number, everyMs: number): number => {
    for (let taken = 0; taken < 100; taken++) {
      now += everyMs
      if (!turn.took(entries)) return taken
    }
    return Number.POSITIVE_INFINITY
  }

  it('lasts as long as the answer comes quickly', () => {
    assert.equal(given(256, 1_000), Number.POSITIVE_INFINITY)
  })

  it('ends for an answer of a few entries now and then, when others wait', () => {
    assert.equal(given(1, 1_500), 3)
  })

  it('lasts for a slow answer that nobody waits behind', () => {
    isAwaited = false
    assert.equal(given(1, 1_500), Number.POSITIVE_INFINITY)
    isAwaited = true
    assert.equal(given(1, 1_500), 0)
  })

  it('ends when the answer stands still and others wait, and not before', async () => {
    isAwaited = false
    now += 60_000
    await new Promise((resolve) => setTimeout(resolve, 600))
    assert.equal(turn.signal.aborted, false)
    isAwaited = true
    await new Promise((resolve) => turn.signal.addEventListener('abort', resolve, { once: true }))
  })

  it('ends with the node', () => {
    const stopping = new AbortController()
    const one = new Turn({ isAwaited: () => false, signal: stopping.signal, now: () => now })
    stopping.abort()
    assert.equal(one.signal.aborted, true)
    one.end()
    const late = new Turn({ isAwaited: () => false, signal: stopping.signal, now: () => now })
    assert.equal(late.signal.aborted, true)
    late.end()
  })
})
