import assert from 'node:assert/strict'
import fc from 'fast-check'
import { csvCell, safe, safeJson, safeLines } from '../../cli/safe.ts'

describe('text from peers', () => {
  const HARMLESS: readonly [string, string, string][] = [
    ['colours', 'a\u001b[31mb', 'ab'],
    ['links of the terminal', 'a\u001b]8;;https://x.example\u0007b', 'a\u{fffd}b'],
    ['a bell', 'a\u0007b', 'a\u{fffd}b'],
    ['a carriage return, which overwrites the line', 'good\rbad', 'good bad'],
    ['line breaks in one line', 'a\nb', 'a b'],
    ['C1 controls', 'a\u009b31mb', 'ab'],
    ['an override of direction', 'a\u202egpj.exe', 'a\u{fffd}gpj.exe'],
    ['isolates of direction', '\u2066a\u2069', '\u{fffd}a\u{fffd}'],
    ['zero width', 'a\u200bb\u200dc\ufeffd', 'a\u{fffd}b\u{fffd}c\u{fffd}d'],
    ['tags that hide text', 'a\u{e0041}b', 'a\u{fffd}b'],
    ['half a surrogate pair', 'a\ud800b', 'a\u{fffd}b'],
    ['separators', 'a\u2028b', 'a\u{fffd}b'],
    ['letters that print as nothing', 'a\u3164b', 'a\u{fffd}b'],
    ['marks piled up', `z${'\u0301'.repeat(50)}`, `z${'\u0301'.repeat(4)}`],
  ]
  for (const [name, hostile, harmless] of HARMLESS) {
    it(`loses ${name}`, () => {
      const shown = safe(hostile)
      assert.equal(/\p{Cc}|\p{Cf}/u.test(shown), false)
      if (!name.startsWith('links')) assert.equal(shown, harmless)
    })
  }

  it('keeps what people write', () => {
    for (const text of ['Zürich – “déjà vu” …', '東京の事故', 'حادث', '🚲 hit', 'naïve e\u0301'])
      assert.equal(safe(text), text)
  })

  it('never holds a control or a format, and is safe when made safe again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = safe(text)
        assert.equal(/[\p{Cc}\p{Cf}\p{Cs}]/u.test(shown), false)
        assert.equal(safe(shown), shown)
        for (const line of safeLines(text)) assert.equal(/[\p{Cc}\p{Cf}]/u.test(line), false)
      }),
    )
  })
})

describe('JSON on a terminal', () => {
  it('is the same value and holds no harmful character', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = safeJson(value)
        assert.equal(/[\p{Cc}\p{Cf}]/u.test(text), false)
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
      }),
    )
    assert.equal(JSON.parse(safeJson('a\u202eb\u{e0041}')), 'a\u202eb\u{e0041}')
  })
})

describe('a cell of CSV', () => {
  it('is never a formula', () => {
    for (const start of ['=', '+', '-', '@']) assert.equal(csvCell(`${start}1+1`), `'${start}1+1`)
    assert.equal(csvCell('\t=1'), ' =1')
  })

  it('is quoted where it must be', () => {
    assert.equal(csvCell('a,b'), '"a,b"')
    assert.equal(csvCell('say "no"'), '"say ""no"""')
    assert.equal(csvCell('plain'), 'plain')
  })
})
