import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { lengthOf } from '../../../protocol/record/field.ts'
import { cutAtSentence, cutText } from '../../../protocol/record/summary.ts'

describe('cutAtSentence', () => {
  const table: readonly [string, string, number, string, boolean][] = [
    ['leaves what fits', 'One. Two.', 20, 'One. Two.', false],
    ['trims', '  One.  ', 4, 'One.', false],
    ['cuts at the last sentence that fits', 'One. Two. Three.', 12, 'One. Two.', true],
    ['cuts where the sentence ends exactly at the limit', 'One. Two. Three.', 9, 'One. Two.', true],
    ['keeps a closing quote', 'He said "no." Then he left.', 15, 'He said "no."', true],
    [
      'does not cut inside a number',
      'It cost 3.5 million. Then more followed.',
      25,
      'It cost 3.5 million.',
      true,
    ],
    [
      'does not cut behind a title',
      'They saw Dr. Roe there. He was late today.',
      30,
      'They saw Dr. Roe there.',
      true,
    ],
    ['cuts at questions too', 'Why? Nobody knows that.', 10, 'Why?', true],
    ['cuts Chinese sentences', '第一句。第二句很长很长。', 6, '第一句。', true],
    ['falls back to a word', 'one two three four', 10, 'one two…', true],
    ['falls back to characters', 'abcdefghijkl', 5, 'abcd…', true],
  ]
  for (const [behaviour, text, max, expected, partial] of table)
    it(behaviour, () => assert.deepEqual(cutAtSentence(text, max), { text: expected, partial }))

  it('never exceeds the limit, never splits a character, and begins as the text does', () => {
    const texts = fc.string({
      unit: fc.constantFrom('a', ' ', '.', '!', '\n', 'é', '😀', '。', '"'),
      maxLength: 60,
    })
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 40 }), (text, max) => {
        for (const cut of [cutAtSentence(text, max), cutText(text, max)]) {
          assert.ok(lengthOf(cut.text) <= max)
          assert.ok(text.trim().startsWith(cut.partial ? cut.text.replace(/…$/u, '') : cut.text))
          assert.equal(cut.partial, lengthOf(text.trim()) > max)
          assert.equal(/\p{Surrogate}/u.test(cut.text), /\p{Surrogate}/u.test(text))
        }
      }),
    )
  })
})

describe('lengthOf', () => {
  it('counts code points', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 20 }),
        (text) => lengthOf(text) === [...text].length,
      ),
    )
    assert.equal(lengthOf('😀é\ud800'), 3)
  })
})
