import assert from 'node:assert/strict'
import type { ClosingState } from '../../../protocol/identity/epochs.ts'
import {
  STALE_AFTER_SECONDS,
  stateOfLog,
  WITHHELD_AFTER_SECONDS,
  type LogFacts,
} from '../../../protocol/log/state.ts'

const NOW = 1_700_000_000
const FACTS: LogFacts = {
  now: NOW,
  newest: { size: 10, time: NOW - 100 },
  quorumHead: { size: 10, time: NOW - 50 },
  others: 3,
  seenElsewhere: undefined,
  frozen: undefined,
  closed: undefined,
}

describe('the state of a log', () => {
  const table: readonly [string, Partial<LogFacts>, string, number | undefined][] = [
    ['a quorum confirmed its newest head', {}, 'ok', undefined],
    ['its newest head waits for a quorum', { newest: { size: 11, time: NOW - 1 } }, 'ok', undefined],
    ['nobody else can confirm it', { others: 0, quorumHead: undefined }, 'ok', undefined],
    ['nothing of it is held', { newest: undefined, quorumHead: undefined }, 'ok', undefined],
    [
      'it is a second younger than a day',
      { quorumHead: { size: 10, time: NOW - STALE_AFTER_SECONDS + 1 } },
      'ok',
      undefined,
    ],
    [
      'nobody confirmed it for a day',
      { quorumHead: { size: 10, time: NOW - STALE_AFTER_SECONDS } },
      'stale',
      NOW - STALE_AFTER_SECONDS,
    ],
    [
      'nobody ever confirmed it',
      { quorumHead: undefined, newest: { size: 1, time: NOW - STALE_AFTER_SECONDS } },
      'stale',
      NOW - STALE_AFTER_SECONDS,
    ],
    [
      'its entries are not given',
      { seenElsewhere: { size: 11, time: NOW - WITHHELD_AFTER_SECONDS } },
      'withheld',
      NOW - WITHHELD_AFTER_SECONDS,
    ],
    [
      'its entries may still come',
      { seenElsewhere: { size: 11, time: NOW - WITHHELD_AFTER_SECONDS + 1 } },
      'ok',
      undefined,
    ],
    ['what was seen elsewhere is held', { seenElsewhere: { size: 10, time: 0 } }, 'ok', undefined],
    [
      'it is closed, and old',
      { closed: { by: 'next', closing: 'confirmed' }, quorumHead: { size: 10, time: 0 } },
      'retired',
      undefined,
    ],
    [
      'it is forked, whatever else',
      {
        frozen: { since: NOW - 5 },
        closed: { by: 'next', closing: 'confirmed' },
        seenElsewhere: { size: 99, time: 0 },
      },
      'forked',
      NOW - 5,
    ],
  ]
  for (const [why, facts, state, since] of table) {
    it(`is ${state} where ${why}`, () => {
      const found = stateOfLog({ ...FACTS, ...facts })
      assert.deepEqual([found.state, found.since], [state, since])
      assert.ok(found.why.length > 10)
    })
  }

  it('says how the head stands at which it was closed', () => {
    const whyOf = (closing: ClosingState) => stateOfLog({ ...FACTS, closed: { by: 'next', closing } }).why
    assert.match(whyOf('confirmed'), /a head that a quorum confirmed; next continues it/)
    assert.match(whyOf('unconfirmed'), /nobody is known to have confirmed/)
    assert.match(whyOf('contradicted'), /CONTRADICTS/)
  })
})
