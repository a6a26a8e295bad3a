import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encode, type Value } from '../../../protocol/codec/cbor.ts'
import { MAJOR } from '../../../protocol/codec/heads.ts'
import { Writer } from '../../../protocol/codec/writer.ts'

const item = fc.oneof(
  fc.maxSafeNat(),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.uint8Array({ maxLength: 3_000 }),
)

describe('Writer', () => {
  const writer = new Writer()

  it('writes numbers, texts and byte strings as encode does, over what it wrote before', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), (items) => {
        const expected = encode(items satisfies Value)
        writer.begin().head(MAJOR.array, items.length)
        for (const one of items) {
          if (typeof one === 'number') writer.head(MAJOR.unsigned, one)
          else if (typeof one === 'string') writer.text(one)
          else writer.bytes(one)
        }
        assert.deepEqual(writer.finish(), expected)
        assert.deepEqual(Uint8Array.from(writer.view()), expected)
      }),
    )
  })

  it('hands out bytes that later writing does not change', () => {
    const first = writer.begin().text('one').finish()
    writer.begin().text('two')
    assert.deepEqual(first, encode('one'))
  })

  it('refuses what no head can hold', () => {
    assert.throws(() => writer.begin().head(MAJOR.unsigned, 2 ** 53), /^Error: bug: /)
    assert.throws(() => writer.begin().head(MAJOR.unsigned, -1), /^Error: bug: /)
    assert.throws(() => writer.begin().head(MAJOR.unsigned, 0.5), /^Error: bug: /)
  })
})
