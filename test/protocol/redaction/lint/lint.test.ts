import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  LINT_RULE_IDS,
  LINT_RULES,
  lintDocument,
  lintText,
} from '../../../../protocol/redaction/lint/lint.ts'
import { LINT_FINDINGS_MAX } from '../../../../protocol/limits.ts'
import { measure, precision, readLabelled, recall } from '../../../support/labelled.ts'

const NOTHING = { blocklist: [] }
const rulesIn = (text: string, blocklist: readonly string[] = []) =>
  lintText(text, { blocklist }).map(({ rule }) => rule)

describe('the redaction linter', () => {
  it('says where, in lines and columns of the text as it was written', () => {
    const text = 'First line.\nWrite to anna@clinic.org now.'
    assert.deepEqual(lintText(text, NOTHING), [
      { rule: 'email', severity: 'block', line: 2, column: 10, length: 15 },
    ])
    // Two invisible characters before it and one in it count where they stand.
    assert.deepEqual(lintText('\u200b\u200bto an\u200bna@clinic.org', NOTHING), [
      { rule: 'email', severity: 'block', line: 1, column: 6, length: 16 },
    ])
  })

  it('carries no word of what it found', () => {
    for (const { text } of readLabelled())
      for (const one of lintText(text, NOTHING))
        assert.deepEqual(Object.keys(one), ['rule', 'severity', 'line', 'column', 'length'])
  })

  it('looks at every text of a document and names its path', () => {
    const found = lintDocument(
      { title: 'Fine', timeline: [{ text: 'Call +49 30 901820.' }], count: 4 },
      NOTHING,
    )
    assert.deepEqual(
      found.map(({ rule, path }) => [rule, path]),
      [['phone', ['timeline', 0, 'text']]],
    )
  })

  const blocked: readonly (readonly [string, string, readonly string[]])[] = [
    ['a word of the blocklist', 'Project Albatross failed.', ['albatross']],
    ['one with accents and another case', 'CAFÉ Zürich', ['cafe zurich']],
    ['one in letters that look alike', 'Αlbаtross', ['albatross']],
    ['one in wide letters', 'Ａlbatross', ['albatross']],
  ]
  for (const [name, text, words] of blocked) {
    it(`finds ${name}`, () => assert.deepEqual(rulesIn(text, words), ['blocklist']))
  }
  it('finds no word of the blocklist inside another', () => {
    assert.deepEqual(rulesIn('albatrosses', ['albatross']), [])
    assert.deepEqual(rulesIn('anything', ['', ' ']), [])
  })

  it('lets a stronger rule speak where two would', () => {
    assert.deepEqual(rulesIn('anna@clinic.org', ['anna']), ['blocklist'])
  })

  it('stops at a bound', () => {
    const many = 'a@b.org '.repeat(LINT_FINDINGS_MAX + 10)
    assert.equal(lintText(many, NOTHING).length, LINT_FINDINGS_MAX)
    const parts = Array.from({ length: LINT_FINDINGS_MAX + 10 }, () => 'a@b.org')
    assert.equal(lintDocument(parts, NOTHING).length, LINT_FINDINGS_MAX)
  })

  it('gives every rule a name of its own', () => {
    assert.equal(new Set(LINT_RULE_IDS).size, LINT_RULE_IDS.length)
  })

  const PIECES = [
    'a',
    '1',
    ' ',
    '.',
    '-',
    '@',
    ':',
    '(',
    '+',
    'A',
    '/',
    'Dr ',
    'Anna ',
    '12.',
    'ab:',
    'rue de la ',
  ]
  for (const { id, find } of LINT_RULES) {
    it(`gets through hostile text for ${id}`, () => {
      // A rule whose time grew with the square of the length would not end before the time of the suite is over.
      for (const piece of PIECES) assert.ok(Array.isArray(find(piece.repeat(100_000 / piece.length))))
    })
  }

  it('never fails, and finds only places that are in the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        for (const { line, column, length } of lintText(text, { blocklist: ['a'] })) {
          const lines = text.split('\n')
          assert.ok(line >= 1 && line <= lines.length && column >= 1 && length >= 0)
        }
      }),
    )
  })
})

describe('the linter on labelled sentences', () => {
  const sentences = readLabelled()
  const scores = measure(sentences, (_, rule) => rule)

  it('has at least 200 of them in five languages, a third with nothing to find', () => {
    assert.ok(sentences.length >= 200)
    assert.deepEqual([...new Set(sentences.map(({ language }) => language))].toSorted(), [
      'de',
      'en',
      'es',
      'fr',
      'pl',
    ])
    assert.ok(sentences.filter(({ spans }) => spans.length === 0).length * 3 >= sentences.length)
  })

  it('finds what has a form, and is rarely wrong about it', () => {
    for (const [rule, score] of scores) {
      if (rule === 'person') continue
      assert.ok(recall(score) >= 0.9, `recall of ${rule}`)
      assert.ok(precision(score) >= 0.85, `precision of ${rule}`)
    }
  })

  it('finds about two names in three, and no more is claimed', () => {
    const person = scores.get('person')
    assert.ok(person)
    assert.ok(recall(person) >= 0.6 && precision(person) >= 0.8)
  })
})
