import assert from 'node:assert/strict'
import fc from 'fast-check'
import { TIERS } from '../../../protocol/codec/part.ts'
import {
  publicationRefusal,
  reaches,
  TIER_LIMITS,
  type PublicationFacts,
  type PublicationRefusal,
} from '../../../protocol/redaction/publication.ts'

const ANNA = { name: 'anna', limit: 'research' } as const
const BEN = { name: 'ben', limit: 'research' } as const

const FINE: PublicationFacts = {
  deepest: 'partner',
  meant: undefined,
  problems: 0,
  blocking: 0,
  asking: 0,
  nodeLimit: 'research',
  onlyNamed: false,
  twoPersons: false,
  publisher: undefined,
  approvers: [],
}

const CASES: readonly [string, Partial<PublicationFacts>, PublicationRefusal | undefined][] = [
  ['lets out what nothing speaks against', {}, undefined],
  ['keeps what the schema or a contradiction speaks against', { problems: 1 }, 'problems'],
  ['keeps what the linter blocks', { blocking: 1 }, 'blocking'],
  ['keeps what the linter asks about, until somebody answers', { asking: 1 }, 'asking'],
  ['lets out the tier that was meant', { meant: 'partner' }, undefined],
  ['keeps a part that is deeper than was meant', { meant: 'public' }, 'other-tier'],
  ['keeps a draft without the part that was meant', { meant: 'research' }, 'other-tier'],
  ['keeps what is deeper than the node may go', { nodeLimit: 'public' }, 'node-limit'],
  [
    'keeps everything where the node may publish nothing',
    { deepest: 'public', nodeLimit: 'none' },
    'node-limit',
  ],
  ['keeps what nobody who is named publishes', { onlyNamed: true }, 'no-person'],
  ['lets out what a named person publishes', { onlyNamed: true, publisher: ANNA }, undefined],
  ['keeps what is deeper than a role may go', { publisher: { name: 'anna', limit: 'public' } }, 'role-limit'],
  [
    'keeps what a role that may only write publishes',
    { deepest: 'public', publisher: { name: 'a', limit: 'none' } },
    'role-limit',
  ],
  [
    'keeps what nobody publishes by name where two must',
    { twoPersons: true, approvers: [ANNA] },
    'no-person',
  ],
  [
    'keeps what one person alone publishes where two must',
    { twoPersons: true, publisher: ANNA },
    'second-person',
  ],
  ['counts nobody twice', { twoPersons: true, publisher: ANNA, approvers: [ANNA] }, 'second-person'],
  [
    'counts no approval of somebody who may not publish so deep',
    { twoPersons: true, publisher: ANNA, approvers: [{ name: 'ben', limit: 'public' }] },
    'second-person',
  ],
  [
    'lets out what two persons stand behind',
    { twoPersons: true, publisher: ANNA, approvers: [BEN] },
    undefined,
  ],
]

describe('whether a draft may leave', () => {
  for (const [name, change, wanted] of CASES)
    it(name, () => assert.equal(publicationRefusal({ ...FINE, ...change }), wanted))

  it('reaches the tiers up to a limit, and none without one', () => {
    const reached = TIER_LIMITS.map((limit) => TIERS.filter((tier) => reaches(limit, tier)))
    assert.deepEqual(reached, [[], ['public'], ['public', 'partner'], ['public', 'partner', 'research']])
  })

  it('lets nothing more out for a finding more, a limit less or a person less', () => {
    const limit = fc.constantFrom(...TIER_LIMITS)
    const person = fc.record({ name: fc.constantFrom('anna', 'ben', 'cleo'), limit })
    const facts = fc.record({
      deepest: fc.constantFrom(...TIERS),
      meant: fc.option(fc.constantFrom(...TIERS), { nil: undefined }),
      problems: fc.nat(1),
      blocking: fc.nat(1),
      asking: fc.nat(1),
      nodeLimit: limit,
      onlyNamed: fc.boolean(),
      twoPersons: fc.boolean(),
      publisher: fc.option(person, { nil: undefined }),
      approvers: fc.array(person, { maxLength: 3 }),
    })
    const stricter = (one: PublicationFacts): readonly PublicationFacts[] => [
      { ...one, problems: one.problems + 1 },
      { ...one, blocking: one.blocking + 1 },
      { ...one, asking: one.asking + 1 },
      ...TIER_LIMITS.slice(0, TIER_LIMITS.indexOf(one.nodeLimit)).map((nodeLimit) => ({ ...one, nodeLimit })),
      { ...one, onlyNamed: true },
      { ...one, twoPersons: true },
      ...one.approvers.map((gone) => ({
        ...one,
        approvers: one.approvers.filter((other) => other !== gone),
      })),
    ]
    fc.assert(
      fc.property(facts, (one) => {
        if (publicationRefusal(one) === undefined) return
        for (const other of stricter(one)) assert.notEqual(publicationRefusal(other), undefined)
      }),
    )
  })
})
