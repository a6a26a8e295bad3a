import assert from 'node:assert/strict'
import { parsePhrase, printPhrase, rootSeed } from '../../../node/keys/phrase.ts'
import { hasCode } from '../../support/directory.ts'

/** BIP 39's own vector for 256 bits of 7f. */
const SEVENS =
  'legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title'

describe('the recovery phrase', () => {
  it('is that of BIP 39', () => {
    const entropy = new Uint8Array(32).fill(0x7f)
    assert.equal(printPhrase(entropy), SEVENS)
    assert.deepEqual(parsePhrase(SEVENS), entropy)
  })

  it('is read whatever its case and spacing', () => {
    const typed = `  ${SEVENS.toUpperCase().replaceAll(' ', '\n ')} \n`
    assert.deepEqual(parsePhrase(typed), new Uint8Array(32).fill(0x7f))
  })

  it('gives the root seed that HKDF-SHA-256 of another language gives', () => {
    const seed = rootSeed(new Uint8Array(32).fill(0x7f))
    assert.equal(
      Buffer.from(seed).toString('hex'),
      'e74495d05aaa6e0e3e93ab0131e0d7fd8b1b8c8bb2b7d3469f2ea18bfbe5a9e7',
    )
  })

  const wrong: Record<string, [string, RegExp]> = {
    'twelve words': [SEVENS.split(' ').slice(0, 12).join(' '), /has 24 words, this one 12/],
    'an unknown word, by its place': [SEVENS.replace('thank', 'thanks'), /word 3 /],
    'two words exchanged': [SEVENS.replace('legal winner', 'winner legal'), /out of order/],
    nothing: ['', /24 words/],
  }
  for (const [name, [text, message]] of Object.entries(wrong)) {
    it(`refuses ${name}, without quoting it`, () => {
      assert.throws(() => parsePhrase(text), hasCode('BAD_INPUT'))
      assert.throws(() => parsePhrase(text), message)
      assert.throws(
        () => parsePhrase(text),
        (error) => error instanceof Error && !/thank|winner/.test(error.message),
      )
    })
  }
})
