import assert from 'node:assert/strict'
import fc from 'fast-check'
import { WORD_LENGTH_MAX, WORDS_MAX, wordsOf } from '../../../node/catalog/words.ts'

describe('node/catalog/words', () => {
  const CASES: readonly (readonly [string, readonly string[]])[] = [
    ['', []],
    ['  --- !? ', []],
    ['Triage tool, triage TOOL', ['triage', 'tool']],
    ['GPT-4o_v2.1', ['gpt', '4o', 'v2', '1']],
    ['Réseau, Ärzte, Çeşme, Ørsted', ['reseau', 'arzte', 'cesme', 'ørsted']],
    ['ﬁrmware ① ２０２５ Ⅷ', ['firmware', '1', '2025', 'viii']],
    ['İstanbul', ['istanbul']],
    ['Αθήνα ΑΘΗΝΑ', ['αθηνα']],
    ['病院 병원', ['病院', '병원']],
    ['can\u0000not', ['can', 'not']],
  ]
  for (const [text, words] of CASES) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(wordsOf(text), words))
  }

  it('reads a composed and a decomposed text alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.deepEqual(wordsOf(text.normalize('NFD')), wordsOf(text.normalize('NFC')))
      }),
    )
  })

  it('reads a plain text alike whether or not a letter beside it needs folding', () => {
    const signs = fc.integer({ min: 0x2000, max: 0x206f }).map((code) => String.fromCharCode(code))
    const latin = fc.integer({ min: 0, max: 0xbf }).map((code) => String.fromCharCode(code))
    fc.assert(
      fc.property(
        fc.array(fc.oneof(signs, latin, fc.constantFrom('a', 'B', '7')), { maxLength: 60 }),
        (all) => {
          const text = all.join('')
          assert.deepEqual(wordsOf(`${text} Élan`), [...new Set([...wordsOf(text), 'elan'])])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('gives few short words, without halves of characters, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(300), (text, times) => {
        const words = wordsOf(text.repeat(times))
        assert.ok(words.length <= WORDS_MAX)
        for (const word of words) {
          assert.ok(word.length > 0 && word.length <= WORD_LENGTH_MAX)
          assert.ok(!/\p{Surrogate}/u.test(word))
        }
      }),
      { numRuns: 30 },
    )
  })
})
