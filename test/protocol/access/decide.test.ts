import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decide, type Decision, type DecisionFacts } from '../../../protocol/access/decide.ts'
import type { Marking } from '../../../protocol/access/marking.ts'
import type { DisclosurePolicy } from '../../../protocol/access/policy.ts'
import type { Requester } from '../../../protocol/access/requester.ts'
import {
  ACCREDITATION,
  ALLOWING,
  DAY,
  FACTS,
  NOW,
  REQUEST,
  researcher,
  WHO,
} from '../../support/access-facts.ts'

type Rule = DisclosurePolicy['rules'][number]

const decided = (changes: Partial<DecisionFacts>) => decide({ ...FACTS, ...changes })

describe('a grant', () => {
  const until = (changes: Partial<DecisionFacts>) => {
    const decision = decided(changes)
    assert.equal(decision.kind, 'allow')
    return decision.kind === 'allow' ? decision.until : 0
  }
  const longest = { ...ALLOWING, longest: { partner: 3, research: 2 } }
  const wanted = (days: number) => ({ ...REQUEST, until: NOW + days * DAY })

  it('ends when the request asks', () => assert.equal(until({}), REQUEST.until))

  it('ends at the policy’s longest time of its tier', () => {
    assert.equal(until({ policy: longest }), NOW + 3 * DAY)
    const request = { ...REQUEST, tier: 'research' as const }
    assert.equal(until({ policy: longest, request, requester: researcher('in-force') }), NOW + 2 * DAY)
  })

  it('ends with the accreditation it rests on', () => {
    const requester = researcher('in-force', { notAfter: NOW + DAY })
    assert.equal(until({ requester }), NOW + DAY)
  })

  it('of a partner part to a partner does not end with an accreditation that the partner holds besides', () => {
    const accreditation = {
      accreditation: { ...ACCREDITATION, notAfter: NOW + DAY },
      state: 'in-force' as const,
    }
    assert.equal(until({ requester: { ...FACTS.requester, accreditation } }), REQUEST.until)
  })

  it('ends with the last second of the marking’s end date', () => {
    const markings: readonly Marking[] = [{ tlp: 'GREEN', iep: { end_date: '2027-01-16' } }]
    const end = Date.UTC(2027, 0, 17) / 1_000
    assert.equal(until({ record: { ...FACTS.record, markings } }), end)
  })

  it('names the rule that allowed it', () => {
    assert.deepEqual(decided({}), { kind: 'allow', by: 'all', until: REQUEST.until })
  })

  it('ends a second after a request for one second more', () =>
    assert.equal(until({ request: wanted(1) }), NOW + DAY))
})

describe('decide', () => {
  it('asks about every beginning of a path that is wanted', () => {
    const request = { ...REQUEST, items: [['narrative'], ['timeline']] }
    const record = { ...FACTS.record, has: ([first]: readonly (string | number)[]) => first === 'narrative' }
    assert.deepEqual(decided({ request, record }), { kind: 'deny', reason: 'items_unknown', by: null })
  })

  it('tells a stranger nothing about the part: absent, erased and held look the same', () => {
    for (const who of Object.values(WHO)) {
      if (decided(who).kind === 'allow') continue
      const answers = (['held', 'absent', 'erased'] as const).map((part) =>
        decided({ ...who, record: { ...FACTS.record, part } }),
      )
      assert.deepEqual(answers[1], answers[0])
      assert.deepEqual(answers[2], answers[0])
    }
  })

  it('names the rule that denied', () => {
    const rules: readonly Rule[] = [...ALLOWING.rules, { name: 'no', outcome: 'deny', reason: 'legal' }]
    const policy = { ...ALLOWING, rules: [...rules] }
    assert.deepEqual(decided({ policy }), { kind: 'deny', reason: 'legal', by: 'no' })
  })
})

/** How much a decision lets out: nothing, perhaps, until when. */
function reach(decision: Decision): readonly [number, number] {
  switch (decision.kind) {
    case 'allow':
      return [2, decision.until]
    case 'ask':
      return [1, decision.until]
    default:
      return [0, 0]
  }
}

describe('a restriction', () => {
  const tlp = fc.constantFrom('CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED') satisfies fc.Arbitrary<
    Marking['tlp']
  >
  const marking = fc.oneof(
    fc.record({ tlp }),
    fc.record({ tlp, iep: fc.record({ start_date: fc.constantFrom('2026', '2027-01-15', '2027-02') }) }),
    fc.record({
      tlp,
      iep: fc.record({ end_date: fc.constantFrom('2026', '2027-01-15', '2027-02', '2027-01-15T08Z') }),
    }),
  )
  const sectors = fc.subarray(['finance', 'health', 'transport'])
  const lists = {
    tiers: fc.subarray(['partner', 'research'] as const, { minLength: 1 }),
    audience: fc.subarray(['member', 'affiliate', 'researcher'] as const, { minLength: 1 }),
    purposes: fc.subarray(['research', 'audit'] as const, { minLength: 1 }),
    sectors: fc.subarray(['finance', 'health', 'transport'], { minLength: 1 }),
    accredited: fc.subarray(['finance', 'health'], { minLength: 1 }),
  }
  const restricting: fc.Arbitrary<Rule> = fc
    .record(
      { name: fc.constant('more'), outcome: fc.constantFrom<'ask' | 'deny'>('ask', 'deny'), ...lists },
      { requiredKeys: ['name', 'outcome'] },
    )
    .map((rule): Rule => (rule.outcome === 'deny' ? { ...rule, reason: 'policy' } : rule))
  const allowing: fc.Arbitrary<Rule> = fc.record(
    { name: fc.constant('some'), outcome: fc.constant<'allow'>('allow'), ...lists },
    { requiredKeys: ['name', 'outcome'] },
  )
  const facts = fc
    .record({
      who: fc.constantFrom(...Object.values(WHO)),
      tier: fc.constantFrom('partner', 'research') satisfies fc.Arbitrary<'partner' | 'research'>,
      rules: fc.array(fc.oneof({ weight: 4, arbitrary: allowing }, restricting), { maxLength: 3 }),
      markings: fc.array(marking, { minLength: 1, maxLength: 2 }),
      sectors,
      recent: fc.integer({ min: 0, max: 6 }),
      recipients: fc.subarray(['B', 'C']),
    })
    .map(({ who, tier, rules, markings, sectors: of, recent, recipients }): DecisionFacts => ({
      ...FACTS,
      ...who,
      request: { ...REQUEST, tier, recipients },
      record: { ...FACTS.record, markings, sectors: of },
      policy: { ...ALLOWING, rules: [...ALLOWING.rules, ...rules].slice(rules.length % 2) },
      recent,
    }))

  const withRules = (given: DecisionFacts, rules: readonly Rule[]): DecisionFacts => ({
    ...given,
    policy: { ...given.policy, rules: [...rules] },
  })
  const accredited = (
    given: DecisionFacts,
    change: (held: NonNullable<Requester['accreditation']>) => Requester['accreditation'],
  ): DecisionFacts => {
    const { accreditation } = given.requester
    return accreditation === null
      ? given
      : { ...given, requester: { ...given.requester, accreditation: change(accreditation) } }
  }
  const restrictions: readonly (readonly [string, fc.Arbitrary<(given: DecisionFacts) => DecisionFacts>])[] =
    [
      [
        // One that asks can let in a person where before no rule fitted at all.
        'one more rule that denies',
        restricting
          .filter(({ outcome }) => outcome === 'deny')
          .map((rule) => (given) => withRules(given, [...given.policy.rules, rule])),
      ],
      [
        'one rule that allows less',
        fc.nat(3).map(
          (at) => (given) =>
            withRules(
              given,
              given.policy.rules.filter((rule, index) => index !== at || rule.outcome !== 'allow'),
            ),
        ),
      ],
      [
        'one more marking',
        marking.map((more) => (given) => ({
          ...given,
          record: { ...given.record, markings: [...given.record.markings, more] },
        })),
      ],
      [
        'a suspension of the member',
        fc.constant((given) => ({ ...given, requester: { ...given.requester, standing: 'suspended' } })),
      ],
      [
        'an accreditation that is not in force',
        fc
          .constantFrom('revoked', 'expired', 'suspended', 'incomplete', 'not-yet')
          .map((state) => (given) => accredited(given, (held) => ({ ...held, state }))),
      ],
      [
        'an accreditation for fewer tiers',
        fc.constantFrom('partner', 'research').map(
          (tier) => (given) =>
            accredited(given, (held) => ({
              ...held,
              accreditation: {
                ...held.accreditation,
                tiers: held.accreditation.tiers.filter((one) => one !== tier),
              },
            })),
        ),
      ],
      [
        'an accreditation that ends sooner',
        fc.integer({ min: 1, max: 30 }).map(
          (days) => (given) =>
            accredited(given, (held) => ({
              ...held,
              accreditation: { ...held.accreditation, notAfter: NOW + days * DAY },
            })),
        ),
      ],
      [
        'no accreditation',
        fc.constant((given) => ({ ...given, requester: { ...given.requester, accreditation: null } })),
      ],
      ['one request more before', fc.constant((given) => ({ ...given, recent: given.recent + 1 }))],
      [
        'one recipient less',
        fc.constant((given) =>
          given.request.recipients.length > 1
            ? given
            : { ...given, request: { ...given.request, recipients: [] } },
        ),
      ],
      [
        'a shorter longest time',
        fc.constant((given) => ({
          ...given,
          policy: { ...given.policy, longest: { partner: 1, research: 1 } },
        })),
      ],
      ['a node that is not fresh', fc.constant((given) => ({ ...given, fresh: false }))],
      ['an answer given before', fc.constant((given) => ({ ...given, answered: true }))],
      ['an erased part', fc.constant((given) => ({ ...given, record: { ...given.record, part: 'erased' } }))],
    ]
  for (const [name, restriction] of restrictions)
    it(`never lets out more: ${name}`, () => {
      fc.assert(
        fc.property(facts, restriction, (given, restrict) => {
          const [before, after] = [reach(decide(given)), reach(decide(restrict(given)))]
          assert.ok(after[0] <= before[0] && after[1] <= before[1], `${before.join()} then ${after.join()}`)
        }),
        { numRuns: 500 },
      )
    })
})
