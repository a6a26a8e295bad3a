import assert from 'node:assert/strict'
import { Freshness } from '../../../node/disclosure/freshness.ts'

const BOUND = 3_600
const HEADS = new Map([['a.example/candor/x/1', 5]])

function make(others: number) {
  const state = { now: 1_000_000, held: 5, confirmed: new Map<string, number>() }
  const freshness = new Freshness({
    clock: { now: () => state.now * 1_000 },
    others,
    boundSeconds: BOUND,
    confirmedAt: (domain) => state.confirmed.get(domain),
    holds: (_, size) => size <= state.held,
  })
  const heard = (domain: string, heads: ReadonlyMap<string, number> = HEADS) => {
    state.confirmed.set(domain, state.now)
    freshness.heard(domain, heads)
  }
  return { freshness, state, heard }
}

describe('freshness', () => {
  it('takes k of the others', () => {
    const { freshness, heard } = make(4)
    for (const domain of ['b', 'c']) heard(domain)
    assert.equal(freshness.isFresh(), false)
    heard('d')
    assert.equal(freshness.isFresh(), true)
  })

  it('counts a member once, however often it is heard', () => {
    const { freshness, heard } = make(2)
    heard('b')
    heard('b')
    assert.equal(freshness.isFresh(), false)
  })

  it('ends when the bound is over, and with a clock that was set back by more', () => {
    const { freshness, state, heard } = make(1)
    heard('b')
    state.now += BOUND
    assert.equal(freshness.isFresh(), true)
    state.now += 1
    assert.equal(freshness.isFresh(), false)
    state.now -= 2 * BOUND + 2
    assert.equal(freshness.isFresh(), false)
  })

  it('waits for what lies below the heads, and counts it from when they were given', () => {
    const { freshness, state, heard } = make(1)
    heard('b', new Map([['a.example/candor/x/1', 6]]))
    assert.equal(freshness.isFresh(), false)
    state.held = 6
    assert.equal(freshness.isFresh(), true)
  })

  it('does not count heads whose cosignatures are old', () => {
    const { freshness, state, heard } = make(1)
    heard('b')
    state.confirmed.set('b', state.now - BOUND - 1)
    assert.equal(freshness.isFresh(), false)
    state.confirmed.delete('b')
    assert.equal(freshness.isFresh(), false)
  })

  it('is given where there is nobody else', () => {
    assert.equal(make(0).freshness.isFresh(), true)
  })
})
