import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { equal } from '../../../protocol/bytes.ts'
import { encode, type Value } from '../../../protocol/codec/cbor.ts'
import {
  memberOf,
  networkIdOf,
  parseDocument,
  printDocument,
  speakerOf,
  unsignedBy,
} from '../../../protocol/governance/charter.ts'
import { standingOf } from '../../../protocol/governance/standing.ts'
import { readCharter } from '../../../protocol/governance/charter-file.ts'
import { EPOCHS_MAX } from '../../../protocol/limits.ts'
import { printOrigin } from '../../../protocol/log/checkpoint.ts'
import { portable } from '../../../protocol/primitives.ts'
import { charterOf, documentOf, founder } from '../../support/founders.ts'

const [a, b, c] = [founder('a.example'), founder('b.example'), founder('c.example')]
const document = documentOf([a, b])
const [first, second] = document.members
assert.ok(first !== undefined && second !== undefined)

const party = (domain: string) => {
  const { root } = founder(domain)
  return { domain, name: domain.toUpperCase(), sector: 'energy', root: root.publicKey }
}
const [affiliate, other] = [party('p.example'), party('q.example')]

function faultOf(change: { [key: string]: Value }): string {
  const read = parseDocument(encode({ v: 1, ...document, ...change }))
  return read.ok ? 'none' : read.fault
}

describe('a charter document', () => {
  it('prints and parses back, in one order whatever the order of its members', () => {
    const bytes = printDocument(document)
    const turned = {
      ...document,
      members: document.members.toReversed(),
      accreditors: ['b.example', 'a.example'],
    }
    assert.ok(equal(printDocument(turned), bytes))
    const read = parseDocument(bytes)
    assert.ok(read.ok)
    assert.ok(equal(printDocument(read.value), bytes))
  })

  it('names its network by the SHA-256 of its bytes in base32', () => {
    const bytes = printDocument(document)
    const id = networkIdOf(portable, bytes)
    assert.match(id, /^[a-z2-7]{52}$/)
    // The first 5 bytes are the first 8 characters.
    const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
    const head = createHash('sha256').update(bytes).digest().readUIntBE(0, 5)
    const expected = Array.from(
      { length: 8 },
      (_, i) => alphabet[Math.floor(head / 32 ** (7 - i)) % 32],
    ).join('')
    assert.equal(id.slice(0, 8), expected)
    const other = printDocument({ ...document, nonce: new Uint8Array(16) })
    assert.notEqual(networkIdOf(portable, other), id)
  })

  const smallOrder = new Uint8Array(32)
  smallOrder[0] = 1
  const refused: Record<string, [{ [key: string]: Value }, string]> = {
    'another version': [{ v: 2 }, 'charter-shape'],
    'an unknown field': [{ admin: 'a.example' }, 'charter-shape'],
    'a name over two lines': [{ name: 'a\nb' }, 'charter-shape'],
    'a time before 1970': [{ created: -1 }, 'charter-shape'],
    'a short nonce': [{ nonce: new Uint8Array(15) }, 'charter-shape'],
    'no staleness bound': [{ stalenessSeconds: 59 }, 'charter-shape'],
    'a staleness bound of more than a month': [{ stalenessSeconds: 2_592_001 }, 'charter-shape'],
    'a cap of nothing': [{ caps: { entriesPerDay: 0, bytesPerDay: 1 } }, 'charter-shape'],
    'caps without bytes': [{ caps: { entriesPerDay: 1 } }, 'charter-shape'],
    'observers neither admitted nor refused': [{ observers: 'some' }, 'charter-shape'],
    'no members': [{ members: [] }, 'charter-members'],
    'members out of order': [{ members: [second, first] }, 'charter-members'],
    'a member twice': [{ members: [first, first] }, 'charter-members'],
    'a domain that is none': [{ members: [{ ...first, domain: 'a' }, second] }, 'charter-members'],
    'an unknown field of a member': [{ members: [{ ...first, admin: true }, second] }, 'charter-members'],
    'more than 256 members': [{ members: Array(257).fill(first) }, 'charter-members'],
    'one root key for two members': [{ members: [first, { ...second, root: first.root }] }, 'charter-key'],
    'a root key of small order': [{ members: [{ ...first, root: smallOrder }, second] }, 'charter-key'],
    'a root key that is no bytes': [{ members: [{ ...first, root: 'key' }, second] }, 'charter-key'],
    'an accreditor that is no member': [{ accreditors: ['z.example'] }, 'charter-accreditors'],
    'an accreditor twice': [{ accreditors: ['a.example', 'a.example'] }, 'charter-accreditors'],
    'accreditors out of order': [{ accreditors: ['b.example', 'a.example'] }, 'charter-accreditors'],
    'no accreditors': [{ accreditors: [] }, 'charter-accreditors'],
    'more accreditors needed than there are': [{ accreditorsNeeded: 3 }, 'charter-accreditors'],
    'no accreditor needed': [{ accreditorsNeeded: 0 }, 'charter-accreditors'],
    'no list of affiliates': [{ affiliates: 'c.example' }, 'charter-affiliates'],
    'an empty list of affiliates': [{ affiliates: [] }, 'charter-affiliates'],
    'an affiliate that is a member': [
      { affiliates: [{ ...second, root: c.root.publicKey }] },
      'charter-affiliates',
    ],
    "an affiliate with a member's root key": [
      { affiliates: [{ ...affiliate, root: first.root }] },
      'charter-key',
    ],
    'affiliates out of order': [{ affiliates: [other, affiliate] }, 'charter-affiliates'],
    'an affiliate twice': [{ affiliates: [affiliate, affiliate] }, 'charter-affiliates'],
    'an affiliate as an accreditor': [
      { affiliates: [affiliate], accreditors: [affiliate.domain] },
      'charter-accreditors',
    ],
    'an empty list of suspended ones': [{ suspended: [] }, 'charter-suspended'],
    'a stranger that is suspended': [{ suspended: ['z.example'] }, 'charter-suspended'],
    'one that is suspended twice': [{ suspended: ['a.example', 'a.example'] }, 'charter-suspended'],
    'suspended ones out of order': [
      { affiliates: [affiliate], suspended: [affiliate.domain, 'a.example'] },
      'charter-suspended',
    ],
    'every member suspended': [{ suspended: ['a.example', 'b.example'] }, 'charter-suspended'],
  }
  const outsider = { name: 'x.example', key: c.root.publicKey, url: 'https://x.example/w' }
  const another = { ...outsider, name: 'y.example', key: founder('y.example').root.publicKey }
  const outsiders = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      name: `w${10 + i}.example`,
      key: founder(`w${i}`).root.publicKey,
      url: 'https://w.example/',
    }))
  const outsides: Record<string, Value> = {
    'no list of outside witnesses': { needed: 1 },
    'no outside witness needed': { needed: 0, witnesses: [outsider] },
    'more outside witnesses needed than there are': { needed: 2, witnesses: [outsider] },
    'outside witnesses out of order': { needed: 1, witnesses: [another, outsider] },
    'an outside witness twice': { needed: 1, witnesses: [outsider, outsider] },
    'one key for two outside witnesses': {
      needed: 1,
      witnesses: [outsider, { ...another, key: outsider.key }],
    },
    "a member's root key as an outside witness": { needed: 1, witnesses: [{ ...outsider, key: first.root }] },
    'an outside key of small order': { needed: 1, witnesses: [{ ...outsider, key: smallOrder }] },
    'an outside name with a plus': { needed: 1, witnesses: [{ ...outsider, name: 'x+y' }] },
    'an outside name over two lines': { needed: 1, witnesses: [{ ...outsider, name: 'x\ny' }] },
    'an outside address that is none': { needed: 1, witnesses: [{ ...outsider, url: 'file:///x' }] },
    'an outside address with a space': { needed: 1, witnesses: [{ ...outsider, url: 'https://x y' }] },
    'an unknown field of an outside witness': { needed: 1, witnesses: [{ ...outsider, more: 1 }] },
    'more than 16 outside witnesses': { needed: 1, witnesses: outsiders(17) },
  }
  for (const [name, outside] of Object.entries(outsides)) {
    it(`refuses ${name}`, () => assert.equal(faultOf({ outside }), 'charter-outside'))
  }

  it('may name affiliates and suspend parties, in one order, and is the same bytes as ever when it does not', () => {
    const bytes = printDocument({
      ...document,
      affiliates: [other, affiliate],
      suspended: [affiliate.domain, 'b.example'],
    })
    const read = parseDocument(bytes)
    assert.ok(read.ok)
    assert.deepEqual(read.value.affiliates, [affiliate, other])
    assert.deepEqual(read.value.suspended, ['b.example', affiliate.domain])
    assert.ok(equal(printDocument(read.value), bytes))
    const state = {
      networkId: networkIdOf(portable, bytes),
      document: read.value,
      signed: new Set<string>(),
      descriptors: [],
    }
    const standings = ['a.example', 'b.example', 'p.example', 'q.example', 'z.example'].map((domain) =>
      standingOf(state, domain),
    )
    assert.deepEqual(standings, ['member', 'suspended', 'suspended', 'affiliate', 'none'])
    const origin = printOrigin({ domain: other.domain, networkId: state.networkId, epoch: 1 })
    assert.equal(speakerOf(state, origin)?.domain, other.domain)
    assert.deepEqual(unsignedBy(state), ['a.example', 'b.example'])
    assert.ok(equal(printDocument({ ...document, affiliates: [], suspended: [] }), printDocument(document)))
  })

  it('may name as many as 16 outside witnesses', () => {
    assert.equal(faultOf({ outside: { needed: 16, witnesses: outsiders(16) } }), 'none')
  })

  it('may name outside witnesses, and is the same bytes as ever when it does not', () => {
    const witnesses = [
      { ...another, key: founder('y.example').root.publicKey },
      { ...outsider, key: c.root.publicKey },
    ]
    const bytes = printDocument({ ...document, outside: { needed: 1, witnesses } })
    const read = parseDocument(bytes)
    assert.ok(read.ok)
    assert.deepEqual(
      read.value.outside?.witnesses.map(({ name }) => name),
      ['x.example', 'y.example'],
    )
    assert.ok(equal(printDocument(read.value), bytes))
    const without = parseDocument(printDocument(document))
    assert.ok(without.ok && !('outside' in without.value))
  })

  for (const [name, [change, expected]] of Object.entries(refused)) {
    it(`refuses ${name}`, () => assert.equal(faultOf(change), expected))
  }

  it('is sound without any of these', () => assert.equal(faultOf({}), 'none'))
})

describe('standing under a charter', () => {
  const read = readCharter(portable, charterOf([a, b]))
  assert.ok(read.ok)
  const state = read.value

  it("is a member's, by its domain", () => {
    assert.deepEqual([...(memberOf(state, 'a.example')?.root ?? [])], [...a.root.publicKey])
    assert.equal(memberOf(state, c.domain), undefined)
    assert.deepEqual(unsignedBy(state), [])
  })

  it('lets a member speak in a log of its own and of this network only', () => {
    const origin = `a.example/candor/${state.networkId}/1`
    assert.equal(speakerOf(state, origin)?.domain, 'a.example')
    const epoch = (number: number) => `a.example/candor/${state.networkId}/${number}`
    assert.equal(speakerOf(state, epoch(EPOCHS_MAX))?.domain, 'a.example')
    assert.equal(speakerOf(state, epoch(EPOCHS_MAX + 1)), undefined)
    for (const other of [
      `c.example/candor/${state.networkId}/1`,
      `a.example/candor/${'a'.repeat(52)}/1`,
      `a.example/candor/${state.networkId}`,
      `a.example/candor/${state.networkId}/0`,
      `x.a.example/candor/${state.networkId}/1`,
      '',
    ]) {
      assert.equal(speakerOf(state, other), undefined, other)
    }
  })
})
