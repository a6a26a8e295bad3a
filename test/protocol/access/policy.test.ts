import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  applyRules,
  limitPolicy,
  parsePolicy,
  policyDigest,
  type DisclosurePolicy,
  type Question,
} from '../../../protocol/access/policy.ts'
import { reaches, TIER_LIMITS } from '../../../protocol/redaction/publication.ts'
import { portable } from '../../../protocol/primitives.ts'
import { ALLOWING } from '../../support/access-facts.ts'
import { hex } from '../../support/notation.ts'
import { parse } from 'yaml'
import { readFileSync } from 'node:fs'

type Rule = DisclosurePolicy['rules'][number]

/** The policy that the specification shows. */
const written =
  /Policy\.\*\*[^\n]*\n\n((?: {4}[^\n]*\n)+)/.exec(readFileSync('docs/spec/06-disclosure.md', 'utf8'))?.[1] ??
  ''

describe('parsePolicy', () => {
  it('reads the file of the specification', () => {
    const read = parsePolicy(parse(written.replaceAll(/^ {4}/gm, '')))
    assert.ok(read.ok, JSON.stringify(read))
    assert.deepEqual(
      read.value.rules.map(({ name }) => name),
      ['partners', 'researchers', 'open-case'],
    )
  })

  const rule = { name: 'a', outcome: 'allow' }
  const refused: readonly (readonly [name: string, path: string, file: unknown])[] = [
    ['nothing', '', null],
    ['another version', 'v', { ...ALLOWING, v: 2 }],
    ['a word that is not ours', 'note', { ...ALLOWING, note: 1 }],
    ['no rate', 'rate', { ...ALLOWING, rate: undefined }],
    ['a rate of nothing', 'rate.requests', { ...ALLOWING, rate: { requests: 0, seconds: 60 } }],
    ['a longest time of no days', 'longest.research', { ...ALLOWING, longest: { partner: 1, research: 0 } }],
    ['no retention', 'retention', { ...ALLOWING, retention: 0 }],
    [
      '65 rules',
      'rules',
      { ...ALLOWING, rules: Array.from({ length: 65 }, (_, i) => ({ ...rule, name: `r${i}` })) },
    ],
    ['a rule twice', 'rules', { ...ALLOWING, rules: [rule, rule] }],
    ['a rule without a name', 'rules.0.name', { ...ALLOWING, rules: [{ outcome: 'allow' }] }],
    ['an outcome that is none', 'rules.0.outcome', { ...ALLOWING, rules: [{ ...rule, outcome: 'maybe' }] }],
    [
      'a rule for the public part',
      'rules.0.tiers.0',
      { ...ALLOWING, rules: [{ ...rule, tiers: ['public'] }] },
    ],
    [
      'an audience of everybody',
      'rules.0.audience.0',
      { ...ALLOWING, rules: [{ ...rule, audience: ['public'] }] },
    ],
    [
      'a purpose that is none',
      'rules.0.purposes.0',
      { ...ALLOWING, rules: [{ ...rule, purposes: ['fun'] }] },
    ],
    ['a denial without a reason', 'rules.0', { ...ALLOWING, rules: [{ ...rule, outcome: 'deny' }] }],
    ['a permission with a reason', 'rules.0', { ...ALLOWING, rules: [{ ...rule, reason: 'legal' }] }],
    [
      'a denial to nobody',
      'rules.0',
      { ...ALLOWING, rules: [{ ...rule, outcome: 'deny', reason: 'legal', audience: [] }] },
    ],
    ['asking about nothing', 'rules.0', { ...ALLOWING, rules: [{ ...rule, outcome: 'ask', sectors: [] }] }],
  ]
  for (const [name, path, file] of refused)
    it(`refuses ${name}`, () => {
      const read = parsePolicy(file)
      assert.ok(!read.ok)
      assert.deepEqual([...new Set(read.problems.map((problem) => problem.path))], [path])
    })

  it('names a policy by what it says, not by how it is laid out', () => {
    const again = parsePolicy(JSON.parse(JSON.stringify(ALLOWING)))
    assert.ok(again.ok)
    assert.equal(hex(policyDigest(portable, again.value)), hex(policyDigest(portable, ALLOWING)))
    assert.notEqual(
      hex(policyDigest(portable, { ...ALLOWING, retention: 1 })),
      hex(policyDigest(portable, ALLOWING)),
    )
  })
})

describe('limitPolicy', () => {
  const tiers = fc.subarray<'partner' | 'research'>(['partner', 'research'])
  const audience = fc.subarray<'member' | 'researcher'>(['member', 'researcher'])
  const rule = fc
    .record({ tiers, audience, outcome: fc.constantFrom('allow', 'ask', 'deny'), isBare: fc.boolean() })
    .map(({ isBare, outcome, ...lists }): Rule => ({
      name: 'a',
      outcome,
      ...(isBare ? {} : lists),
      ...(outcome === 'deny' ? { reason: 'no_standing' as const } : {}),
    }))

  it('lets nothing out beyond the limit, and changes nothing within it', () => {
    const question = fc.record({
      tier: fc.constantFrom('partner', 'research'),
      audience,
      purpose: fc.constant('research'),
      sectors: fc.constant([]),
      accredited: fc.constant(undefined),
    })
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 4 }),
        question,
        fc.constantFrom(...TIER_LIMITS),
        (rules, asked, limit) => {
          const policy = { ...ALLOWING, rules }
          const [free, limited] = [applyRules(policy, asked), applyRules(limitPolicy(policy, limit), asked)]
          if (reaches(limit, asked.tier)) assert.deepEqual(limited, free)
          else assert.ok(limited.kind === 'none' || limited.kind === 'deny')
        },
      ),
    )
  })
})

describe('applyRules', () => {
  const question: Question = {
    tier: 'research',
    audience: ['member', 'researcher'],
    purpose: 'research',
    sectors: ['health', 'finance'],
    accredited: ['health'],
  }
  const allow = (rule: Partial<Rule>): Rule => ({ name: 'a', outcome: 'allow', ...rule })
  const ask = (rule: Partial<Rule>): Rule => ({ name: 'b', outcome: 'ask', ...rule })
  const deny = (rule: Partial<Rule>): Rule => ({ name: 'c', outcome: 'deny', reason: 'legal', ...rule })
  const kind = (rules: readonly Rule[], changes: Partial<Question> = {}) =>
    applyRules({ ...ALLOWING, rules: [...rules] }, { ...question, ...changes }).kind

  const cases: readonly (readonly [string, string, readonly Rule[], Partial<Question>?])[] = [
    ['no rules', 'none', []],
    ['a rule for everything', 'allow', [allow({})]],
    ['a rule of another tier', 'none', [allow({ tiers: ['partner'] })]],
    ['a rule for one of two audiences', 'allow', [allow({ audience: ['researcher'] })]],
    ['a rule for another audience', 'none', [allow({ audience: ['affiliate'] })]],
    ['a rule for nobody', 'none', [allow({ audience: [] })]],
    ['a rule for no tier', 'none', [allow({ tiers: [] })]],
    ['a rule for no purpose', 'none', [allow({ purposes: [] })]],
    ['a rule for another purpose', 'none', [allow({ purposes: ['audit'] })]],
    ['a permission for one of two sectors', 'none', [allow({ sectors: ['health'] })]],
    ['a permission for both sectors', 'allow', [allow({ sectors: ['finance', 'health', 'transport'] })]],
    [
      'a permission by sector for a record without',
      'none',
      [allow({ sectors: ['health'] })],
      { sectors: [] },
    ],
    ['a denial for one of two sectors', 'deny', [allow({}), deny({ sectors: ['health'] })]],
    [
      'a denial by sector for a record without',
      'deny',
      [allow({}), deny({ sectors: ['health'] })],
      { sectors: [] },
    ],
    ['a denial for another sector', 'allow', [allow({}), deny({ sectors: ['transport'] })]],
    ['a permission by accreditation', 'allow', [allow({ accredited: ['health', 'transport'] })]],
    [
      'a permission for an accreditation for all',
      'allow',
      [allow({ accredited: ['transport'] })],
      { accredited: null },
    ],
    ['a permission by accreditation for another', 'none', [allow({ accredited: ['transport'] })]],
    [
      'a permission by accreditation without one',
      'none',
      [allow({ accredited: ['health'] })],
      { accredited: undefined },
    ],
    ['a permission for no accreditation', 'none', [allow({ accredited: [] })], { accredited: null }],
    ['asking before allowing', 'ask', [allow({}), ask({})]],
    ['denying before asking', 'deny', [allow({}), ask({}), deny({})]],
    ['the same in another order', 'deny', [deny({}), ask({}), allow({})]],
    ['asking alone', 'ask', [ask({})]],
  ]
  for (const [name, expected, rules, changes] of cases)
    it(`gives ${expected} for ${name}`, () => assert.equal(kind(rules, changes), expected))

  it('names the first of several that deny, with its reason', () => {
    const rules = [allow({}), deny({ name: 'first', reason: 'investigation' }), deny({ name: 'second' })]
    assert.deepEqual(applyRules({ ...ALLOWING, rules }, question), {
      kind: 'deny',
      by: 'first',
      reason: 'investigation',
    })
  })
})
