import assert from 'node:assert/strict'
import fc from 'fast-check'
import { bytesOfText, textOfBytes } from '../../../protocol/bytes.ts'
import { isUtf8 } from '../../../protocol/codec/utf8.ts'
import { mutants } from '../../support/values.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function accepts(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

describe('isUtf8', () => {
  it('accepts the encoding of every code point and of no surrogate', () => {
    for (let point = 0; point <= 0x10_ffff; point += point < 0x1_1000 ? 1 : 251) {
      const encoded = threeBytesOrMore(point)
      const surrogate = point >= 0xd8_00 && point <= 0xdf_ff
      assert.equal(isUtf8(encoded, 0, encoded.length), !surrogate, point.toString(16))
    }
  })

  it('agrees with a strict TextDecoder on every two bytes', () => {
    for (let pair = 0; pair < 65_536; pair++) {
      const bytes = Uint8Array.of(pair >> 8, pair & 0xff)
      assert.equal(isUtf8(bytes, 0, 2), accepts(bytes), pair.toString(16))
    }
  })

  it('agrees with a strict TextDecoder on damaged texts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), fc.nat(), (text, seed) => {
        for (const mutant of mutants(bytesOfText(text), seed, 50))
          assert.equal(isUtf8(mutant, 0, mutant.length), accepts(mutant))
      }),
    )
  })

  it('looks at nothing outside its range', () => {
    const bytes = Uint8Array.of(0xff, 0xe6, 0xb0, 0xb4, 0x80)
    assert.ok(isUtf8(bytes, 1, 4))
    assert.ok(!isUtf8(bytes, 1, 3))
    assert.ok(isUtf8(bytes, 2, 2))
  })
})

describe('textOfBytes', () => {
  it('is undone by bytesOfText and loses no U+FEFF', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const one of [text, `\uFEFF${text}`, `\uFEFF${text.repeat(20)}`])
          assert.deepEqual(textOfBytes(bytesOfText(one)), { ok: true, value: one })
      }),
    )
  })

  it('refuses what is not UTF-8', () => {
    assert.deepEqual(textOfBytes(Uint8Array.of(0xc0, 0xaf)), { ok: false, fault: 'bad-utf8' })
  })
})

/** The generalised encoding, which surrogates have too. */
function threeBytesOrMore(point: number): Uint8Array {
  if (point < 0x80) return Uint8Array.of(point)
  const tail = (shift: number) => 0x80 | ((point >> shift) & 0x3f)
  if (point < 0x8_00) return Uint8Array.of(0xc0 | (point >> 6), tail(0))
  if (point < 0x1_00_00) return Uint8Array.of(0xe0 | (point >> 12), tail(6), tail(0))
  return Uint8Array.of(0xf0 | (point >> 18), tail(12), tail(6), tail(0))
}
