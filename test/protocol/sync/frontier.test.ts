import assert from 'node:assert/strict'
import { EPOCHS_MAX, LOGS_MAX, MEMBERS_MAX } from '../../../protocol/limits.ts'
import { fairShare } from '../../../protocol/sync/frontier.ts'
import { originOf } from '../../support/declared.ts'

const epochsOf = (domain: string, count: number) =>
  Array.from({ length: count }, (_, at) => ({ origin: originOf(at + 1, domain) }))

describe('the share of each member in a frontier', () => {
  it('is everything while everything fits, in the order in which it came', () => {
    const logs = [...epochsOf('b.example', 3), ...epochsOf('a.example', 2)]
    assert.deepEqual(fairShare(logs, 5), logs)
  })

  it('keeps the logs of all the others, however many epochs one member opened before them', () => {
    const crowd = epochsOf('crowd.example', EPOCHS_MAX)
    const honest = ['a', 'b', 'c', 'd'].flatMap((name) => epochsOf(`${name}.example`, 3))
    const shared = fairShare([...crowd, ...honest], 64)
    assert.equal(shared.length, 64)
    assert.deepEqual(shared.slice(-honest.length), honest)
    // Of the crowd the newest epochs stand, the open one among them.
    assert.deepEqual(shared.slice(0, 64 - honest.length), crowd.slice(-(64 - honest.length)))
  })

  it('is at least the open log of every member of the largest coalition', () => {
    const members = Array.from({ length: MEMBERS_MAX }, (_, at) => `m${at}.example`)
    const shared = fairShare(
      members.flatMap((domain) => epochsOf(domain, 40)),
      LOGS_MAX,
    )
    const taken = new Set(shared.map(({ origin }) => origin))
    assert.equal(taken.size, LOGS_MAX)
    assert.ok(members.every((domain) => taken.has(originOf(40, domain))))
  })
})
