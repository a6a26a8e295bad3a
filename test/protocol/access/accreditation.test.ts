import assert from 'node:assert/strict'
import { sign } from '@noble/ed25519'
import fc from 'fast-check'
import {
  accreditationDocument,
  accreditationMessage,
  accreditationState,
  readAccreditationAct,
  type AccreditationAct,
  type AccreditationFacts,
  type AccreditationState,
} from '../../../protocol/access/accreditation.ts'
import { encode, parse, type Value } from '../../../protocol/codec/cbor.ts'
import { portable } from '../../../protocol/primitives.ts'
import { ACCREDITATION, BOX, DAY, NOW } from '../../support/access-facts.ts'
import { ACTS } from '../../support/access-vectors.ts'
import { bytes } from '../../support/notation.ts'
import { counting, NETWORK_ID, publicKeyOf, SEED } from '../../support/statements.ts'
import { readVectors } from '../../support/vectors.ts'

const read = (document: Value) => readAccreditationAct(portable, NETWORK_ID, document)

describe('readAccreditationAct', () => {
  for (const [name, act] of ACTS) {
    it(`reads what it prints: ${name}`, () => {
      const document = parse(encode(accreditationDocument(act)))
      assert.ok(document.ok)
      assert.deepEqual(read(document.value), { ok: true, value: act })
    })
  }

  it('reads the documents of the vectors', () => {
    type Vectors = { readonly accreditation: readonly { readonly name: string; readonly document: string }[] }
    for (const { name, document } of readVectors<Vectors>('access/statements.json').accreditation) {
      const value = parse(bytes(document))
      assert.ok(value.ok && read(value.value).ok, name)
    }
  })

  const good = accreditationDocument({ act: 'accredit', accreditation: ACCREDITATION })
  const suspend = { v: 1, act: 'suspend', from: NOW, until: NOW + DAY, reason: 'leak' }
  const refused: readonly (readonly [name: string, fault: string, document: Value])[] = [
    ['a list', 'accreditation-shape', [good]],
    ['version 2', 'accreditation-shape', { ...good, v: 2 }],
    ['an unknown act', 'accreditation-shape', { v: 1, act: 'forgive' }],
    ['an endorsement with words', 'accreditation-shape', { v: 1, act: 'endorse', note: 'x' }],
    ['a revocation without a reason', 'accreditation-shape', { v: 1, act: 'revoke' }],
    ['a revocation with words', 'accreditation-shape', { v: 1, act: 'revoke', reason: 'leak', note: 'x' }],
    ['a field too many', 'accreditation-shape', { ...good, name: 'Dr. C' }],
    ['a body of two lines', 'accreditation-shape', { ...good, body: 'a\nb' }],
    ['a key that is text', 'accreditation-keys', { ...good, statementKey: 'x' }],
    ['a key of small order', 'accreditation-keys', { ...good, statementKey: new Uint8Array(32) }],
    ['a box key of 31 bytes', 'accreditation-keys', { ...good, boxKey: counting(31, 0) }],
    [
      'a box key that the researcher did not sign for',
      'accreditation-possession',
      { ...good, boxKey: counting(32, 9) },
    ],
    [
      'somebody else’s statement key',
      'accreditation-possession',
      { ...good, statementKey: publicKeyOf(counting(32, 7)) },
    ],
    [
      'a possession for another network',
      'accreditation-possession',
      { ...good, possession: sign(accreditationMessage('a'.repeat(52), publicKeyOf(SEED), BOX), SEED) },
    ],
    ['no possession', 'accreditation-possession', { ...good, possession: null }],
    ['no tiers', 'accreditation-scope', { ...good, tiers: [] }],
    ['the public tier', 'accreditation-scope', { ...good, tiers: ['public'] }],
    ['tiers in the wrong order', 'accreditation-scope', { ...good, tiers: ['research', 'partner'] }],
    ['a tier twice', 'accreditation-scope', { ...good, tiers: ['partner', 'partner'] }],
    ['no purposes', 'accreditation-scope', { ...good, purposes: [] }],
    ['an unknown purpose', 'accreditation-scope', { ...good, purposes: ['research', 'sale'] }],
    ['no sectors', 'accreditation-scope', { ...good, sectors: [] }],
    ['a sector twice', 'accreditation-scope', { ...good, sectors: ['health', 'health'] }],
    ['91 days', 'accreditation-times', { ...good, notAfter: ACCREDITATION.notBefore + 90 * DAY + 1 }],
    ['an end before the beginning', 'accreditation-times', { ...good, notAfter: ACCREDITATION.notBefore }],
    ['a suspension of 15 days', 'accreditation-times', { ...suspend, until: NOW + 14 * DAY + 1 }],
    ['a suspension of no time', 'accreditation-times', { ...suspend, until: NOW }],
    [
      'a suspension without a reason',
      'accreditation-shape',
      { v: 1, act: 'suspend', from: NOW, until: NOW + DAY },
    ],
  ]
  for (const [name, fault, document] of refused)
    it(`refuses ${name}: ${fault}`, () => assert.deepEqual(read(document), { ok: false, fault }))

  it('reads an accreditation of exactly 90 days and a suspension of exactly 14', () => {
    assert.ok(read({ ...good, notAfter: ACCREDITATION.notBefore + 90 * DAY }).ok)
    assert.ok(read({ ...suspend, until: NOW + 14 * DAY }).ok)
  })
})

const endorse: AccreditationAct = { act: 'endorse' }
const revoke: AccreditationAct = { act: 'revoke', reason: 'leak' }
const suspendFor = (from: number, until: number): AccreditationAct => ({
  act: 'suspend',
  from,
  until,
  reason: 'under_review',
})
const by = (domain: string, act: AccreditationAct) => ({ by: domain, act })

/** Three accreditors of which two are needed; a made the statement and b endorsed it. */
const FACTS: AccreditationFacts = {
  accreditation: ACCREDITATION,
  by: 'a',
  acts: [by('b', endorse)],
  accreditors: ['a', 'b', 'c'],
  needed: 2,
  isSuspended: () => false,
  now: NOW,
}
const stateWith = (changes: Partial<AccreditationFacts>) => accreditationState({ ...FACTS, ...changes })

describe('accreditationState', () => {
  const { notBefore, notAfter } = ACCREDITATION
  const more = (...acts: AccreditationFacts['acts']) => [...FACTS.acts, ...acts]
  const cases: readonly (readonly [string, AccreditationState, Partial<AccreditationFacts>])[] = [
    ['two of two needed', 'in-force', {}],
    ['the author alone', 'incomplete', { acts: [] }],
    ['the author and an endorser that is no accreditor', 'incomplete', { acts: [by('d', endorse)] }],
    ['the author endorsing itself', 'incomplete', { acts: [by('a', endorse)] }],
    ['one endorser twice', 'incomplete', { by: 'd', acts: [by('b', endorse), by('b', endorse)] }],
    ['a body that may not accredit, endorsed once', 'incomplete', { by: 'd' }],
    [
      'a body that may not accredit, endorsed by two that may',
      'in-force',
      { by: 'd', acts: more(by('c', endorse)) },
    ],
    ['a suspended endorser', 'incomplete', { isSuspended: (domain) => domain === 'b' }],
    [
      'a suspended endorser and a third',
      'in-force',
      { acts: more(by('c', endorse)), isSuspended: (domain) => domain === 'b' },
    ],
    ['the instant it begins', 'in-force', { now: notBefore }],
    ['a second before it begins', 'not-yet', { now: notBefore - 1 }],
    ['a second before it ends', 'in-force', { now: notAfter - 1 }],
    ['the instant it ends', 'expired', { now: notAfter }],
    ['an endorser that takes it back', 'revoked', { acts: more(by('b', revoke)) }],
    ['the author that takes it back', 'revoked', { acts: more(by('a', revoke)) }],
    ['an accreditor that never supported it and revokes', 'in-force', { acts: more(by('c', revoke)) }],
    ['somebody else that revokes', 'in-force', { acts: more(by('d', revoke)) }],
    [
      'one of three supporters that takes it back',
      'in-force',
      { acts: more(by('c', endorse), by('c', revoke)) },
    ],
    [
      'two of three supporters that take it back',
      'revoked',
      { acts: more(by('c', endorse), by('c', revoke), by('b', revoke)) },
    ],
    [
      'a revocation by a suspended member, whose support is gone too',
      'revoked',
      { acts: more(by('c', revoke), by('b', revoke)), isSuspended: (domain) => domain === 'b' },
    ],
    ['a revocation after it ended', 'revoked', { acts: more(by('b', revoke)), now: notAfter }],
    ['a suspension by one accreditor', 'suspended', { acts: more(by('c', suspendFor(NOW, NOW + DAY))) }],
    ['a suspension by somebody else', 'in-force', { acts: more(by('d', suspendFor(NOW, NOW + DAY))) }],
    [
      'a suspension a second before it begins',
      'in-force',
      { acts: more(by('c', suspendFor(NOW + 1, NOW + DAY))) },
    ],
    ['a suspension in its last second', 'suspended', { acts: more(by('c', suspendFor(NOW - DAY, NOW + 1))) }],
    ['a suspension at the instant it ends', 'in-force', { acts: more(by('c', suspendFor(NOW - DAY, NOW))) }],
    [
      'a second suspension by the same accreditor',
      'in-force',
      { acts: more(by('c', suspendFor(NOW - DAY, NOW)), by('c', suspendFor(NOW, NOW + DAY))) },
    ],
    [
      'a second suspension by another',
      'suspended',
      { acts: more(by('c', suspendFor(NOW - DAY, NOW)), by('a', suspendFor(NOW, NOW + DAY))) },
    ],
  ]
  for (const [name, state, changes] of cases)
    it(`is ${state} with ${name}`, () => assert.equal(stateWith(changes), state))

  it('never comes into force by one more revocation, suspension or suspended member', () => {
    const domain = fc.constantFrom('a', 'b', 'c', 'd')
    const anyAct = fc.record({
      by: domain,
      act: fc.oneof(
        fc.constant(endorse),
        fc.constant(revoke),
        fc.integer({ min: -2, max: 2 }).map((day) => suspendFor(NOW + day * DAY, NOW + (day + 1) * DAY)),
      ),
    })
    const facts = fc.record({
      by: domain,
      acts: fc.array(anyAct, { maxLength: 6 }),
      suspended: fc.subarray(['a', 'b', 'c']),
    })
    fc.assert(
      fc.property(facts, domain, fc.boolean(), ({ by: author, acts, suspended }, whose, isRevoked) => {
        const given = { by: author, acts, isSuspended: (one: string) => suspended.includes(one) }
        if (stateWith(given) === 'in-force') return
        const act = isRevoked ? revoke : suspendFor(NOW - DAY, NOW + DAY)
        assert.notEqual(stateWith({ ...given, acts: [...acts, by(whose, act)] }), 'in-force')
        const isSuspended = (one: string) => one === whose || suspended.includes(one)
        assert.notEqual(stateWith({ ...given, isSuspended }), 'in-force')
      }),
      { numRuns: 2_000 },
    )
  })
})
