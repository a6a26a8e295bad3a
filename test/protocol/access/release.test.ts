import assert from 'node:assert/strict'
import type { Grant } from '../../../protocol/access/grant.ts'
import {
  checkRelease,
  leavesOf,
  parseRelease,
  printRelease,
  type Asked,
  type Release,
  type ReleaseFault,
} from '../../../protocol/access/release.ts'
import type { Request } from '../../../protocol/access/request.ts'
import { accessId } from '../../../protocol/access/signed.ts'
import { encode } from '../../../protocol/codec/cbor.ts'
import { disclose, type Path } from '../../../protocol/codec/items.ts'
import { leafHash } from '../../../protocol/log/merkle.ts'
import { portable } from '../../../protocol/primitives.ts'
import { chooseByRules, redact } from '../../../protocol/redaction/redaction.ts'
import { NOW, REQUEST, TERMS } from '../../support/access-facts.ts'
import { signedOf } from '../../support/access-vectors.ts'
import { OPENING, TIER_SECRET } from '../../support/item-cases.ts'
import { COUNTED, entryWith, RULES, TREE } from '../../support/redaction-cases.ts'
import { CONCEALED } from '../../support/redaction-vectors.ts'
import { counting, NETWORK_ID, ORIGIN, OTHER_ORIGIN, SEED } from '../../support/statements.ts'

const entry = entryWith(TREE)
const on = { origin: ORIGIN, index: 7, leaf: leafHash(portable, entry.bytes) }

const showing = (...names: readonly string[]): Release => ({
  kind: 'items',
  opening: OPENING,
  disclosure: disclose(portable, TREE, ([first]) => names.includes(String(first))),
})
const WHOLE: Release = { kind: 'whole', opening: OPENING, secret: TIER_SECRET, document: COUNTED }
const REDACTED: Release = {
  kind: 'redaction',
  opening: OPENING,
  redaction: redact(portable, TREE, chooseByRules(RULES)),
}

function asked(
  release: Release,
  items: readonly Path[] | null,
  changes: { grant?: Partial<Grant>; request?: Partial<Request> } = {},
): Asked {
  const request = signedOf<Request>({ ...REQUEST, tier: 'research', on, items, ...changes.request })
  const grant = signedOf<Grant>({
    kind: 'grant',
    network: NETWORK_ID,
    at: NOW,
    owner: ORIGIN,
    to: request.keyId,
    request: accessId(portable, request),
    on,
    tier: 'research',
    commitment: entry.statement.parts[2],
    leaves: leavesOf(portable, release),
    until: NOW + 1,
    terms: TERMS,
    ...changes.grant,
  })
  return { entry, request, grant }
}

const check = (release: Release, of: Asked) => {
  const checked = checkRelease(portable, of, release)
  return checked.ok ? checked.value.kind : checked.fault
}

describe('a release', () => {
  for (const release of [WHOLE, showing('narrative'), REDACTED])
    it(`prints and parses back: ${release.kind}`, () => {
      const printed = printRelease(release)
      assert.deepEqual(parseRelease(printed), { ok: true, value: release })
    })

  it('is believed when it is what was committed, granted and asked for', () => {
    assert.equal(check(WHOLE, asked(WHOLE, null)), 'whole')
    assert.equal(check(REDACTED, asked(REDACTED, null)), 'redaction')
    const items = showing('narrative', 'contact')
    assert.equal(check(items, asked(items, [['contact'], ['narrative']])), 'items')
  })

  it('of items may show the count besides', () => {
    const items = showing('narrative', '$items')
    assert.equal(check(items, asked(items, [['narrative']])), 'items')
  })

  const other = counting(32, 0x55)
  const otherEntry = entryWith({ content: { ...TREE.content, length: 64 } })
  const cases: readonly (readonly [string, ReleaseFault, Release, Asked])[] = [
    [
      'a grant for another request',
      'release-grant',
      WHOLE,
      asked(WHOLE, null, { grant: { request: other } }),
    ],
    ['a grant for another reader', 'release-grant', WHOLE, asked(WHOLE, null, { grant: { to: other } })],
    [
      'a grant of another owner',
      'release-grant',
      WHOLE,
      asked(WHOLE, null, { grant: { owner: OTHER_ORIGIN } }),
    ],
    ['a grant of another tier', 'release-grant', WHOLE, asked(WHOLE, null, { grant: { tier: 'partner' } })],
    [
      'a grant on another entry',
      'release-grant',
      WHOLE,
      asked(WHOLE, null, { grant: { on: { ...on, index: 8 } } }),
    ],
    ['a grant on other terms', 'release-grant', WHOLE, asked(WHOLE, null, { grant: { terms: other } })],
    [
      'a grant of another commitment',
      'release-grant',
      WHOLE,
      asked(WHOLE, null, { grant: { commitment: other } }),
    ],
    [
      'an entry that was not asked about',
      'release-grant',
      WHOLE,
      { ...asked(WHOLE, null), entry: otherEntry },
    ],
    [
      'fewer leaves than granted',
      'release-leaves',
      showing('narrative'),
      asked(showing('narrative', 'contact'), [['narrative']]),
    ],
    [
      'other leaves than granted',
      'release-leaves',
      showing('narrative'),
      asked(showing('data_use_terms'), [['narrative']]),
    ],
    [
      'items of another question',
      'release-answer',
      showing('contact'),
      asked(showing('contact'), [['narrative']]),
    ],
    [
      'items besides those asked for',
      'release-answer',
      showing('contact', 'narrative'),
      asked(showing('contact', 'narrative'), [['narrative']]),
    ],
    [
      'an answer to half of the question',
      'release-answer',
      showing('contact'),
      asked(showing('contact'), [['contact'], ['narrative']]),
    ],
    [
      'items where the whole was asked for',
      'release-answer',
      showing('contact'),
      asked(showing('contact'), null),
    ],
    ['the whole where items were asked for', 'release-answer', WHOLE, asked(WHOLE, [['contact']])],
    ['another opening', 'part-commitment', { ...WHOLE, opening: other }, asked(WHOLE, null)],
    ['another secret', 'part-commitment', { ...WHOLE, secret: other }, asked(WHOLE, null)],
    [
      'a document with an item less',
      'part-commitment',
      { ...WHOLE, document: { narrative: 'x' } },
      asked(WHOLE, null),
    ],
    [
      'a document with a changed word',
      'part-commitment',
      { ...WHOLE, document: { ...COUNTED, narrative: 'x' } },
      asked(WHOLE, null),
    ],
    [
      'a redaction that hides an item',
      'redaction-count',
      { ...REDACTED, redaction: CONCEALED },
      asked(REDACTED, null),
    ],
    ['an item that was changed', 'part-commitment', changedItem(), asked(changedItem(), [['narrative']])],
  ]
  for (const [name, fault, release, of] of cases)
    it(`is not believed with ${name}: ${fault}`, () => assert.equal(check(release, of), fault))

  const malformed = [
    ['a list', []],
    [
      'another version',
      { v: 2, kind: 'whole', opening: OPENING, secret: TIER_SECRET, document: encode(COUNTED) },
    ],
    ['an unknown kind', { v: 1, kind: 'half', opening: OPENING }],
    [
      'a short opening',
      { v: 1, kind: 'whole', opening: counting(31, 0), secret: TIER_SECRET, document: encode(1) },
    ],
    [
      'a short secret',
      { v: 1, kind: 'whole', opening: OPENING, secret: counting(31, 0), document: encode(1) },
    ],
    [
      'a document that is none',
      { v: 1, kind: 'whole', opening: OPENING, secret: TIER_SECRET, document: counting(3, 0xff) },
    ],
    ['a disclosure that is text', { v: 1, kind: 'items', opening: OPENING, disclosure: 'x' }],
    ['a redaction that is text', { v: 1, kind: 'redaction', opening: OPENING, redaction: 'x' }],
    ['a field too many', { v: 1, kind: 'items', opening: OPENING, disclosure: counting(1, 0), note: 1 }],
  ] as const
  for (const [name, value] of malformed)
    it(`is refused as ${name}`, () =>
      assert.deepEqual(parseRelease(encode(value)), { ok: false, fault: 'release-shape' }))

  it('signed by the owner shows a third party what was given', () => {
    const of = asked(WHOLE, null)
    assert.equal(of.grant.statement.leaves.count, TREE.leaves.filter(({ item }) => item !== undefined).length)
    assert.notDeepEqual(signedOf(of.grant.statement, SEED).statement.leaves, leavesOf(portable, REDACTED))
  })
})

function changedItem(): Release {
  const release = showing('narrative')
  if (release.kind !== 'items') throw new Error('bug: items')
  const items = release.disclosure.items.map((item) => ({ ...item, value: 'x' }))
  return { ...release, disclosure: { ...release.disclosure, items } }
}
