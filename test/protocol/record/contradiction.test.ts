import assert from 'node:assert/strict'
import { parseContent, type RawContent } from '../../../protocol/record/content.ts'
import {
  CONTRADICTIONS,
  contradictionsOf,
  withPartnerFields,
} from '../../../protocol/record/contradiction.ts'
import { readVectors } from '../../support/vectors.ts'

type Case = {
  readonly name: string
  readonly document: { readonly kind: string } & RawContent
  readonly rules: readonly string[]
}

const { cases } = readVectors<{ cases: readonly Case[] }>('record/contradiction.json')

describe('contradictionsOf', () => {
  for (const { name, document, rules } of cases) {
    it(`${rules.length === 0 ? 'has nothing against' : 'names'}: ${name}`, () => {
      const { kind, ...tiers } = document
      const read = parseContent(kind, tiers)
      assert.ok(read.ok, JSON.stringify(read))
      const expected = CONTRADICTIONS.filter((rule) => rules.includes(rule.id))
      const found = contradictionsOf(read.value)
      const missing = found.filter((problem) => problem.tier === 'research').map((problem) => problem.path)
      assert.deepEqual(
        found.filter((problem) => problem.tier !== 'research'),
        expected.map(({ tier, path, message }) => ({ tier, path, message })),
      )
      assert.deepEqual(missing, rules.includes('research-paths') ? ['timeline.1'] : [])
    })
  }

  it('has a vector for every rule', () => {
    const provoked = new Set(cases.flatMap((one) => one.rules))
    assert.deepEqual(
      CONTRADICTIONS.map((rule) => rule.id).filter((id) => !provoked.has(id)),
      [],
    )
  })

  it('has no rules for attestations', () => {
    const read = parseContent('opinion', { public: { value: 0, reason: 'x' } })
    assert.deepEqual(read.ok ? contradictionsOf(read.value) : read, [])
  })
})

describe('withPartnerFields', () => {
  it('adds what the research part does not say itself', () => {
    const partner = {
      narrative: 'in general',
      near_miss_barrier: 'a person',
      policy: { tlp: 'GREEN' },
      redactions: [{ path: 'narrative', reason: 'personal_data', transform: 'generalise' }],
    }
    assert.deepEqual(withPartnerFields(partner, { narrative: 'exactly', reproduction: ['x'] }), {
      narrative: 'exactly',
      near_miss_barrier: 'a person',
      reproduction: ['x'],
    })
  })
})
