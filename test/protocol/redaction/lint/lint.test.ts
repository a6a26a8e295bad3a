import assert from 'node:assert/strict'
import fc from 'fast-check'
import { lintDocument, linterOf, lintText } from '../../../../protocol/redaction/lint/lint.ts'
import { LINT_FINDINGS_PER_RULE_MAX } from '../../../../protocol/limits.ts'
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

  it('finds the same in every document, however often it saw its texts', () => {
    const lint = linterOf({ blocklist: ['albatross'] })
    for (const { text } of readLabelled())
      for (const document of [[text, text, 'Albatross'], { a: 'Albatross', b: text }])
        assert.deepEqual(lint(document), lintDocument(document, { blocklist: ['albatross'] }))
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

  it('hides nothing behind a word of the blocklist, which may be let pass', () => {
    assert.deepEqual(rulesIn('anna@clinic.org', ['anna']), ['blocklist', 'email'])
  })

  it('stops at a bound for each rule in each text', () => {
    const many = 'a@b.org '.repeat(LINT_FINDINGS_PER_RULE_MAX + 10)
    assert.equal(lintText(many, NOTHING).length, LINT_FINDINGS_PER_RULE_MAX)
    assert.equal(lintDocument([many, many], NOTHING).length, 2 * LINT_FINDINGS_PER_RULE_MAX)
  })

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

  /** A little below what was measured: a change that loses more has to say so here and in spec 06 §12. */
  const RECALL: Readonly<Record<string, number>> = { address: 0.75, phone: 0.82, secret: 0.8, person: 0.62 }

  for (const [rule, score] of scores)
    it(`finds ${rule} as often as was measured, and is rarely wrong about it`, () => {
      assert.ok(recall(score) >= (RECALL[rule] ?? 0.95), `recall ${recall(score)}`)
      assert.ok(precision(score) >= 0.92, `precision ${precision(score)}`)
    })

  for (const [language, score] of measure(sentences, (sentence) => sentence.language))
    it(`does so in ${language}`, () => {
      assert.ok(recall(score) >= 0.83 && precision(score) >= 0.95, JSON.stringify(score))
    })
})
