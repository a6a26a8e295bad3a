import assert from 'node:assert/strict'
import type { MapValue } from '../../../protocol/codec/value.ts'
import { parseContent } from '../../../protocol/record/content.ts'
import { withCount } from '../../../protocol/redaction/count.ts'
import { checkDerived, derivePartner, type DerivationProblem } from '../../../protocol/redaction/derive.ts'
import { parseRedactionRules, ruleFor, type RedactionRule } from '../../../protocol/redaction/rules.ts'
import { PARTNER, RESEARCH, RULES } from '../../support/redaction-cases.ts'

const PUBLIC = {
  kind: 'near_miss',
  verification: 'confirmed',
  status: 'open',
  title: 'Tenfold dose',
  summary: 'A nurse stopped it.',
  occurred: { start: '2026-02', precision: 'month', basis: 'occurred' },
  policy: { tlp: 'CLEAR' },
  made_by: { role: 'deployer' },
}
const hide = (path: string): RedactionRule => ({
  rule: 'hide',
  path,
  transform: 'suppress',
  reason: 'privilege',
})

describe('derivePartner', () => {
  it('makes the partner note that was written by hand', () => {
    const derived = derivePartner(RESEARCH, RULES)
    assert.ok(derived.ok)
    assert.deepEqual(derived.value.partner, PARTNER)
  })

  it('makes the same of a part with its count, and leaves markings of one tier alone', () => {
    const derived = derivePartner(withCount({ ...RESEARCH, policy: { tlp: 'RED' } }), RULES)
    assert.ok(derived.ok)
    assert.deepEqual(derived.value.partner, PARTNER)
  })

  it('makes content that can be published with the research part', () => {
    const derived = derivePartner(RESEARCH, RULES)
    assert.ok(derived.ok)
    const parsed = parseContent('incident', {
      public: PUBLIC,
      partner: derived.value.partner,
      research: RESEARCH,
    })
    assert.ok(parsed.ok, JSON.stringify(parsed))
  })

  it('states nothing where a rule changes nothing', () => {
    const rule: RedactionRule = {
      rule: 'd',
      path: 'timeline.*.at',
      transform: 'generalise',
      reason: 'personal_data',
      to: 'month',
    }
    const derived = derivePartner({ timeline: [{ at: '2026', text: 'x' }] }, [rule])
    assert.deepEqual(derived, {
      ok: true,
      value: { partner: { timeline: [{ at: '2026', text: 'x' }] }, redactions: [] },
    })
  })

  it('puts numbers into bins', () => {
    const rule: RedactionRule = {
      rule: 'b',
      path: 'deployment.units',
      transform: 'bin',
      reason: 'trade_secret',
      size: 50,
    }
    const derived = derivePartner({ deployment: { units: 149 } }, [rule])
    assert.ok(derived.ok)
    assert.deepEqual(derived.value.partner['deployment'], { units: 100 })
  })

  const refused: readonly (readonly [string, string, string, MapValue, readonly RedactionRule[]])[] = [
    [
      'samples without a rule',
      'derive-uncovered',
      'samples.0.prompt',
      RESEARCH,
      RULES.filter(({ rule }) => rule !== 'samples'),
    ],
    ['a list with a hole', 'derive-gap', 'timeline', RESEARCH, [...RULES, hide('timeline.0.**')]],
    [
      'a date that is none',
      'derive-transform',
      'narrative',
      { narrative: 'x' },
      [{ rule: 'a', path: 'narrative', transform: 'generalise', reason: 'privilege', to: 'year' }],
    ],
    [
      'a bin of words',
      'derive-transform',
      'narrative',
      { narrative: 'x' },
      [{ rule: 'a', path: 'narrative', transform: 'bin', reason: 'privilege', size: 5 }],
    ],
    [
      'a field of researchers in other words',
      'derive-transform',
      'data_use_terms',
      { data_use_terms: 'x' },
      [{ rule: 'a', path: 'data_use_terms', transform: 'paraphrase', reason: 'privilege', with: 'y' }],
    ],
    ['nothing left', 'derive-empty', '', { narrative: 'x' }, [hide('narrative')]],
  ]
  for (const [name, fault, path, research, rules] of refused)
    it(`refuses ${name}: ${fault}`, () =>
      assert.deepEqual(derivePartner(research, rules), { ok: false, fault, path }))

  it('may leave out the end of a list', () => {
    const derived = derivePartner(RESEARCH, [...RULES, hide('timeline.1.**')])
    assert.ok(derived.ok)
    assert.deepEqual(derived.value.partner['timeline'], [
      { at: '2026-01', text: 'Release 4.2 was deployed.' },
    ])
    assert.deepEqual(checkDerived(RESEARCH, derived.value.partner, derived.value.redactions), [])
  })
})

describe('checkDerived', () => {
  const derived = derivePartner(RESEARCH, RULES)
  const redactions = derived.ok ? derived.value.redactions : []
  const check = (partner: MapValue, stated = redactions) => checkDerived(withCount(RESEARCH), partner, stated)

  it('finds nothing wrong with what was derived', () => assert.deepEqual(check(PARTNER), []))

  const cases: readonly (readonly [string, DerivationProblem, MapValue, typeof redactions])[] = [
    [
      'a word added',
      { path: 'near_miss_barrier', problem: 'not-in-research' },
      { ...PARTNER, near_miss_barrier: 'x' },
      redactions,
    ],
    [
      'a word changed',
      { path: 'contact.role', problem: 'changed-unstated' },
      { ...PARTNER, contact: { role: 'x', channel: 'safety@hospital.example' } },
      redactions,
    ],
    [
      'a word left out',
      { path: 'contact.channel', problem: 'missing-unstated' },
      { ...PARTNER, contact: { role: 'Patient safety' } },
      redactions,
    ],
    [
      'a change that is no longer stated',
      { path: 'narrative', problem: 'changed-unstated' },
      PARTNER,
      redactions.slice(1),
    ],
    [
      'an omission that is no longer stated',
      { path: 'data_use_terms', problem: 'missing-unstated' },
      PARTNER,
      redactions.slice(0, -1),
    ],
  ]
  for (const [name, problem, partner, stated] of cases)
    it(`finds ${name}`, () => assert.deepEqual(check(partner, stated), [problem]))
})

describe('rules of redaction', () => {
  it('are read from plain values', () => {
    assert.deepEqual(parseRedactionRules(RULES), { ok: true, value: RULES })
  })

  const rule = { rule: 'a', path: 'narrative', transform: 'suppress', reason: 'privilege' }
  const refused: readonly (readonly [string, string, unknown])[] = [
    ['no list', '', {}],
    ['257 rules', '', Array.from({ length: 257 }, () => rule)],
    ['a name in capitals', '0.rule', [{ ...rule, rule: 'A' }]],
    ['a path with ** in the middle', '0.path', [{ ...rule, path: 'a.**.b' }]],
    ['an empty path', '0.path', [{ ...rule, path: '' }]],
    ['everything', '0.path', [{ ...rule, path: '**' }]],
    ['an unknown transform', '0.transform', [{ ...rule, transform: 'blur' }]],
    ['an unknown reason', '0.reason', [{ ...rule, reason: 'shame' }]],
    ['leaving out with a text', '0', [{ ...rule, with: 'x' }]],
    ['a paraphrase without one', '0', [{ ...rule, transform: 'paraphrase' }]],
    ['a bin without a size', '0', [{ ...rule, transform: 'bin' }]],
    ['a bin with a text', '0', [{ ...rule, transform: 'bin', with: 'x' }]],
    ['a date by the size', '0', [{ ...rule, transform: 'generalise', size: 5 }]],
    ['two ways at once', '0', [{ ...rule, transform: 'generalise', with: 'x', to: 'year' }]],
  ]
  for (const [name, path, value] of refused)
    it(`refuse ${name}`, () => {
      const read = parseRedactionRules(value)
      assert.ok(!read.ok)
      assert.deepEqual([...new Set(read.problems.map((problem) => problem.path))], [path])
    })

  it('count by strictness, then by their order', () => {
    const replace = (name: string): RedactionRule => ({
      rule: name,
      path: 'narrative',
      transform: 'paraphrase',
      reason: 'privilege',
      with: 'x',
    })
    const shorten: RedactionRule = {
      rule: 's',
      path: 'narrative',
      transform: 'generalise',
      reason: 'privilege',
      to: 'year',
    }
    const found = (...rules: readonly RedactionRule[]) => ruleFor(rules, ['narrative'])?.rule
    assert.equal(found(shorten, replace('one'), hide('narrative')), 'hide')
    assert.equal(found(shorten, replace('one'), replace('two')), 'one')
    assert.equal(found(hide('timeline.*')), undefined)
  })

  it('fit the steps they name and no others', () => {
    const fits = (pattern: string, ...path: (string | number)[]) =>
      ruleFor([hide(pattern)], path) !== undefined
    assert.ok(fits('timeline.*.text', 'timeline', 3, 'text'))
    assert.ok(fits('timeline.3.text', 'timeline', 3, 'text'))
    assert.ok(fits('samples.**', 'samples', 0, 'prompt') && fits('samples.**', 'samples'))
    assert.ok(!fits('timeline.*', 'timeline', 3, 'text'))
    assert.ok(!fits('timeline.*.text', 'timeline', 3))
    assert.ok(!fits('samples.**', 'sample'))
  })
})
