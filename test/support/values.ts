/** Arbitrary values of the CBOR profile, documents, and damaged copies of bytes. */
import fc from 'fast-check'
import type { Value } from '../../protocol/codec/cbor.ts'

/** Texts of every length class of CBOR, with what decoders get wrong: U+FEFF first, names of Object.prototype. */
export const texts = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 80 }) },
  { weight: 1, arbitrary: fc.nat(300).map((length) => `\uFEFF${'a'.repeat(length)}`) },
  { weight: 1, arbitrary: fc.constantFrom('constructor', 'toString', '__defineGetter__', '0', '10', '-1') },
)

export const integers = fc.oneof(
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.maxSafeInteger().filter((value) => !Object.is(value, -0)),
  fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 31) - 1, -(2 ** 32), -(2 ** 32) - 1, 2 ** 53 - 1),
)

const scalars: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(null, true, false),
  integers,
  texts,
  fc.uint8Array({ maxLength: 40 }),
)

const keys = texts.filter((key) => key !== '__proto__')

const maps = (value: fc.Arbitrary<Value>) => fc.dictionary(keys, value, { maxKeys: 5, noNullPrototype: true })

export const { values } = fc.letrec<{ values: Value }>((tie) => ({
  values: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalars,
    fc.array(tie('values'), { maxLength: 5 }),
    maps(tie('values')),
  ),
}))

/** Documents as records are: a map at the top. */
export const documents: fc.Arbitrary<Value> = maps(values)

/** Damaged copies of bytes: a byte changed, dropped, doubled or inserted, a tail cut off. Repeatable by its seed. */
export function* mutants(bytes: Uint8Array, seed: number, count: number): Generator<Uint8Array> {
  const next = generator(seed)
  for (let i = 0; i < count; i++) {
    let mutant = Array.from(bytes)
    for (let change = next(3); change >= 0; change--) mutant = mutated(mutant, next)
    yield Uint8Array.from(mutant)
  }
}

function mutated(bytes: readonly number[], next: (bound: number) => number): number[] {
  const at = next(bytes.length || 1)
  switch (next(6)) {
    case 0:
      return bytes.slice(0, at)
    case 1:
      return bytes.toSpliced(at, 1)
    case 2:
      return bytes.toSpliced(at, 0, next(256))
    case 3:
      return bytes.toSpliced(at, 0, ...bytes.slice(at, at + next(8)))
    case 4:
      return bytes.toSpliced(at, 1, next(256))
    default:
      return bytes.toSpliced(at, 1, (bytes[at] ?? 0) ^ (1 << next(8)))
  }
}

/** Park and Miller's minimal standard generator. */
function generator(seed: number): (bound: number) => number {
  let state = (seed % 0x7fff_fffe) + 1
  return (bound) => {
    state = (state * 48_271) % 0x7fff_ffff
    return state % bound
  }
}

/** Copies of bytes, each with one bit flipped, in order. */
export function* bitFlips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield flipped
  }
}
