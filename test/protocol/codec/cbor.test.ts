import assert from 'node:assert/strict'
import { cdeEncodeOptions, encode as encodeCbor2 } from 'cbor2'
import { encode as encodeCborg, rfc8949EncodeOptions } from 'cborg'
import fc from 'fast-check'
import { printHex } from '../../../protocol/bytes.ts'
import { check, encode, parse, type CborFault, type Value } from '../../../protocol/codec/cbor.ts'
import { CBOR_BYTES_MAX, CBOR_DEPTH_MAX, CBOR_ITEMS_MAX } from '../../../protocol/limits.ts'
import { bytes, valueOfJson } from '../../support/notation.ts'
import { readVectors } from '../../support/vectors.ts'
import { mutants, values } from '../../support/values.ts'

type Vectors = {
  readonly accepted: readonly { readonly name: string; readonly value: unknown; readonly hex: string }[]
  readonly refused: readonly { readonly name: string; readonly hex: string; readonly fault: CborFault }[]
}

const { accepted, refused } = readVectors<Vectors>('cbor.json')

/** Faults whose shortest examples are too long for a vector file. */
const tooLarge: readonly { name: string; fault: CborFault; hex: () => Uint8Array }[] = [
  { name: 'one byte over the limit', fault: 'too-long', hex: () => filled(CBOR_BYTES_MAX + 1, 0) },
  {
    name: 'one item over the limit',
    fault: 'too-many-items',
    hex: () => concatenated(bytes('9a00010000'), filled(CBOR_ITEMS_MAX, 0xf6)),
  },
  {
    name: 'map keys counted as items',
    fault: 'too-many-items',
    hex: () => {
      const map: Record<string, null> = {}
      for (let i = 0; i < CBOR_ITEMS_MAX / 2 - 1; i++) map[`k${i}`] = null
      const within = encode([map])
      assert.equal(check(within), undefined)
      return concatenated(bytes('82'), within.subarray(1), bytes('f6'))
    },
  },
]

describe('parse', () => {
  for (const { name, value, hex } of accepted) {
    it(`reads ${name}`, () => {
      const read = parse(bytes(hex))
      assert.ok(read.ok, JSON.stringify(read))
      assert.deepEqual(read.value, valueOfJson(value))
      assert.equal(printHex(encode(read.value)), hex)
    })
  }

  for (const { name, hex, fault } of refused) {
    it(`refuses ${name}: ${fault}`, () => {
      assert.deepEqual(parse(bytes(hex)), { ok: false, fault })
      assert.equal(check(bytes(hex)), fault)
    })
  }

  for (const { name, fault, hex } of tooLarge) {
    it(`refuses ${name}: ${fault}`, () => assert.equal(check(hex()), fault))
  }

  it('has an example of every fault', () => {
    const all: Record<CborFault, true> = {
      truncated: true,
      reserved: true,
      'not-shortest': true,
      'integer-range': true,
      indefinite: true,
      'float-or-simple': true,
      'too-long': true,
      'trailing-bytes': true,
      'too-deep': true,
      'too-many-items': true,
      tag: true,
      'key-not-text': true,
      'key-order': true,
      'key-forbidden': true,
      'bad-utf8': true,
    }
    const provoked = new Set([...refused, ...tooLarge].map((one) => one.fault))
    assert.deepEqual([...provoked].sort(), Object.keys(all).sort())
  })

  it('refuses every single byte that is no value, without an exception', () => {
    const read = Array.from({ length: 256 }, (_, byte) => parse(Uint8Array.of(byte)).ok)
    const good = read.flatMap((ok, byte) => (ok ? [byte] : []))
    const small = Array.from({ length: 24 }, (_, value) => value)
    const expected = [
      ...small,
      ...small.map((value) => 0x20 + value),
      0x40,
      0x60,
      0x80,
      0xa0,
      0xf4,
      0xf5,
      0xf6,
    ]
    assert.deepEqual(good, expected)
  })

  it('refuses a long declared length before it reads that far', () => {
    for (const head of [
      '9b001fffffffffffff',
      'bb001fffffffffffff',
      '5b001fffffffffffff',
      '7b001fffffffffffff',
    ])
      assert.equal(check(bytes(head)), 'truncated')
  })

  it('keeps two keys apart that differ in a leading U+FEFF alone', () => {
    for (const length of [1, 60, 61, 62, 63, 64, 200]) {
      const key = 'k'.repeat(length)
      const value = { [key]: 'without', [`\uFEFF${key}`]: 'with' }
      const read = parse(encode(value))
      assert.ok(read.ok)
      assert.deepEqual(read.value, value)
    }
  })

  it('gives plain values that share nothing with the bytes read', () => {
    const buffer = Buffer.from('a2616b43010203626b326161', 'hex')
    const read = parse(buffer)
    assert.ok(read.ok)
    buffer.fill(0)
    assert.deepEqual(read.value, { k: Uint8Array.of(1, 2, 3), k2: 'a' })
  })

  it('accepts no damaged bytes but those it would write itself', () => {
    let tried = 0
    let kept = 0
    fc.assert(
      fc.property(values, fc.nat(), (value, seed) => {
        for (const mutant of mutants(encode(value), seed, 250)) {
          tried += 1
          const read = parse(mutant)
          assert.equal(read.ok ? undefined : read.fault, check(mutant))
          if (!read.ok) continue
          kept += 1
          assert.equal(printHex(encode(read.value)), printHex(mutant))
        }
      }),
    )
    assert.ok(tried >= 25_000 && kept > 100, `${kept} of ${tried} were accepted`)
  })
})

describe('encode', () => {
  it('is undone by parse', () => {
    fc.assert(
      fc.property(values, (value) => {
        assert.deepEqual(parse(encode(value)), { ok: true, value })
      }),
      { numRuns: 500 },
    )
  })

  it('writes what cborg and cbor2 write for deterministic CBOR', () => {
    fc.assert(
      fc.property(values, (value) => {
        const ours = printHex(encode(value))
        assert.equal(ours, printHex(encodeCborg(value, rfc8949EncodeOptions)))
        assert.equal(ours, printHex(encodeCbor2(value, cdeEncodeOptions)))
      }),
      { numRuns: 500 },
    )
  })

  it('writes texts, byte strings, lists and maps of every head width', () => {
    for (const length of [0, 15, 16, 23, 24, 31, 32, 255, 256, 65_535, 65_536, 70_000]) {
      const list = length < CBOR_ITEMS_MAX ? [Array.from({ length }, () => 7)] : []
      const text = ['a'.repeat(length), 'é'.repeat(length), '水'.repeat(length), '😀'.repeat(length)]
      for (const value of [...list, ...text, new Uint8Array(length)])
        assert.ok(equalBytes(encode(value), encodeCborg(value, rfc8949EncodeOptions)), `length ${length}`)
    }
  })

  it('sorts keys by their encoded bytes, whatever their order in the object', () => {
    const value = { 10: 1, b: 2, 9: 3, aa: 4, '': 5, é: 6, '😀': 7, 水: 8 }
    const read = parse(encode(value))
    assert.ok(read.ok)
    assert.equal(printHex(encode(value)), printHex(encodeCborg(value, rfc8949EncodeOptions)))
  })

  it('nests exactly as deep as parse reads', () => {
    let value: Value = 1
    for (let depth = 0; depth < CBOR_DEPTH_MAX; depth++) value = depth % 2 === 0 ? [value] : { k: value }
    assert.equal(check(encode(value)), undefined)
    assert.throws(() => encode([value]), /bug: .*32 deep/)
  })

  const bugs: readonly { name: string; value: () => unknown }[] = [
    { name: 'a fraction', value: () => 1.5 },
    { name: 'an integer that is not exact', value: () => 2 ** 53 },
    { name: 'negative zero', value: () => -0 },
    { name: 'not a number', value: () => Number.NaN },
    { name: 'a bigint', value: () => 1n },
    { name: 'undefined in a list', value: () => [undefined] },
    { name: 'a hole in a list', value: () => Array(2) },
    { name: 'undefined in a map', value: () => ({ k: undefined }) },
    { name: 'a lone surrogate', value: () => '\uD800' },
    { name: 'a lone surrogate in a key', value: () => ({ '\uDC00': 1 }) },
    { name: 'the key __proto__', value: () => Object.fromEntries([['__proto__', 1]]) },
    { name: 'more than 65,536 items', value: () => Array.from({ length: CBOR_ITEMS_MAX }, () => 0) },
    { name: 'more than 1 MiB', value: () => new Uint8Array(CBOR_BYTES_MAX) },
  ]
  for (const { name, value } of bugs) {
    it(`throws on ${name}`, () => assert.throws(() => encode(value() as Value), /^Error: bug: /))
  }
})

function filled(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte)
}

function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
