import assert from 'node:assert/strict'
import { encode, parse } from '../../../protocol/codec/cbor.ts'
import { parseContent, PROBLEMS_MAX, readAs, readContent } from '../../../protocol/record/content.ts'
import { KINDS } from '../../../protocol/record/kinds.ts'
import { readVectors } from '../../support/vectors.ts'

type Case = {
  readonly name: string
  readonly should: 'pass' | 'fail'
  readonly document: { kind: string; public: unknown; partner?: unknown; research?: unknown }
  readonly problems?: readonly { tier: string; path: string; message: string }[]
}

const LEAST = {
  kind: 'hazard',
  verification: 'reported',
  status: 'open',
  title: 'A title',
  summary: 'A summary.',
  occurred: { precision: 'unknown', basis: 'reported' },
  policy: { tlp: 'CLEAR' },
  made_by: { role: 'observer' },
}

for (const file of ['incident', 'attestation', 'observed']) {
  describe(`content of ${file} vectors`, () => {
    const { cases } = readVectors<{ cases: readonly Case[] }>(`record/${file}.json`)
    for (const { name, should, document, problems } of cases) {
      it(`${should === 'pass' ? 'takes' : 'refuses'} ${name}`, () => {
        const { kind, ...tiers } = document
        const read = parseContent(kind, tiers)
        if (should === 'fail') {
          assert.deepEqual(read.ok ? [] : read.problems, problems)
          return
        }
        assert.deepEqual(read, { ok: true, value: { kind, ...tiers } })
        const bytes = read.ok ? encode(read.value.public) : new Uint8Array()
        const again = parse(bytes)
        assert.ok(again.ok)
        assert.equal(readContent(kind, again.value).state, 'known')
      })
    }
  })
}

describe('parseContent', () => {
  it('refuses keys that every object inherits', () => {
    for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const raw: unknown = JSON.parse(`{"${key}": 1}`)
      const read = parseContent('incident', { public: LEAST, partner: raw })
      assert.deepEqual(read, {
        ok: false,
        problems: [{ tier: 'partner', path: key, message: 'is not a field of this part' }],
      })
    }
  })

  it('prints no key that a stranger chose', () => {
    const read = parseContent('incident', { public: { ...LEAST, ['\u001b[2J']: 1 } })
    assert.equal(read.ok ? '' : read.problems[0]?.path, '?')
  })

  it('quotes no value in its messages', () => {
    const read = parseContent('incident', { public: { ...LEAST, kind: 'SECRET', title: { a: 'SECRET' } } })
    assert.equal(JSON.stringify(read).includes('SECRET'), false)
    assert.equal(read.ok, false)
  })

  it('refuses what deterministic CBOR cannot write', () => {
    for (const value of [-0, Number.NaN, Number.POSITIVE_INFINITY, 0.5, 2 ** 53, 1n, undefined, null, '1'])
      assert.equal(parseContent('opinion', { public: { value, reason: 'x' } }).ok, false, String(value))
    for (const title of [new Date(0), new Uint8Array(1), Symbol('x'), () => 1, new Map()])
      assert.equal(parseContent('incident', { public: { ...LEAST, title } }).ok, false)
    assert.equal(parseContent('incident', { public: new Uint8Array(0) }).ok, false)
    assert.equal(parseContent('incident', { public: LEAST, partner: new Uint8Array(0) }).ok, false)
  })

  it('lists at most a hundred problems', () => {
    const harms = Array.from({ length: 500 }, () => ({ type: 'x', realised: 'y' }))
    const read = parseContent('incident', { public: { ...LEAST, harms } })
    assert.equal(read.ok ? 0 : read.problems.length, PROBLEMS_MAX)
  })

  it('names problems of every tier at once', () => {
    const read = parseContent('incident', { public: { ...LEAST, title: '' }, partner: [], research: 'x' })
    assert.deepEqual(read.ok ? [] : read.problems.map((problem) => problem.tier), [
      'public',
      'partner',
      'research',
    ])
  })

  it('asks for a public part', () => {
    const read = parseContent('incident', { public: undefined, partner: { narrative: 'x' } })
    assert.equal(read.ok, false)
  })
})

describe('readContent', () => {
  it('marks a kind it does not know instead of refusing it', () => {
    assert.deepEqual(readContent('review', { method: '5whys' }), { state: 'unknown-kind' })
    assert.deepEqual(readContent('constructor', {}), { state: 'unknown-kind' })
  })

  it('marks a known kind whose content has problems', () => {
    const read = readContent('opinion', { value: 50 })
    assert.equal(read.state, 'schema-problems')
  })

  it('gives the typed public part of a known kind', () => {
    const read = readAs('opinion', { value: 50, reason: 'Because.' })
    assert.equal(read.state === 'known' ? read.value.value + 1 : 0, 51)
  })
})

describe('KINDS', () => {
  it('lets only the author of the target correct, supersede, retract and erase', () => {
    const own = Object.entries(KINDS).filter(([, rule]) => rule.countsFrom === 'target-author')
    assert.deepEqual(
      own.map(([kind]) => kind),
      ['correction', 'supersede', 'retract', 'erase'],
    )
  })

  it('asks every attestation for a target, and no record of its own', () => {
    for (const [kind, rule] of Object.entries(KINDS))
      assert.equal(rule.on, kind === 'incident' || kind === 'observed' ? 'never' : 'required', kind)
  })
})
