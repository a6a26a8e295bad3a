import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseBundleFile, printBundleFile, type BundleFault } from '../../../protocol/audit/bundle.ts'
import { encode, parse, type Value } from '../../../protocol/codec/cbor.ts'
import { isList, isMap } from '../../../protocol/codec/value.ts'
import { BUNDLE_BYTES_MAX, BUNDLE_ITEMS_MAX } from '../../../protocol/limits.ts'
import { BundleLab } from '../../support/bundles.ts'

type Change = (bundle: Record<string, Value>) => Record<string, Value>

describe('bundle files', () => {
  let bytes: Uint8Array
  before(async () => {
    const lab = await BundleLab.open(2)
    const log = lab.log(0)
    for (let i = 0; i < 3; i++) log.say()
    const head = log.head(4, [[1, 1_790_000_000]])
    const bundle = lab.bundle(0, [1, 3], head)
    bytes = printBundleFile({ ...bundle, consistency: [log.consistency(log.head(2), head)] })
    lab.remove()
  })

  const changed = (change: Change): Uint8Array => {
    const read = parse(bytes)
    assert.ok(read.ok && isMap(read.value))
    return encode(change({ ...read.value }))
  }
  const listOf = (value: Value | undefined): readonly Value[] =>
    isList(value ?? null) ? (value as Value[]) : []
  const faultOf = (given: Uint8Array): BundleFault | 'none' => {
    const read = parseBundleFile(given)
    return read.ok ? 'none' : read.fault
  }

  it('print back to the same bytes', () => {
    const read = parseBundleFile(bytes)
    assert.ok(read.ok)
    assert.deepEqual(printBundleFile(read.value), bytes)
  })

  it('never print back to other bytes, whatever bit was flipped', () => {
    const bits = fc.integer({ min: 0, max: bytes.length * 8 - 1 })
    fc.assert(
      fc.property(bits, (bit) => {
        const flipped = Uint8Array.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const read = parseBundleFile(flipped)
        if (read.ok) assert.deepEqual(printBundleFile(read.value), flipped)
      }),
      { numRuns: 300 },
    )
  })

  const item = (key: string, at: number, change: (one: readonly Value[]) => Value): Change => {
    return (bundle) => ({
      ...bundle,
      [key]: listOf(bundle[key]).map((one, place) => (place === at ? change(listOf(one)) : one)),
    })
  }
  const REFUSED: readonly (readonly [string, BundleFault, Change])[] = [
    ['another format', 'bundle-format', (b) => ({ ...b, format: 'candor/bundle@v2' })],
    ['a field more', 'bundle-shape', (b) => ({ ...b, more: 1 })],
    ['a policy that is no bytes', 'bundle-shape', (b) => ({ ...b, policy: 'log' })],
    ['proofs that are no list', 'bundle-shape', (b) => ({ ...b, proofs: {} })],
    ['nothing in it', 'bundle-empty', (b) => ({ ...b, proofs: [], openings: [] })],
    ['a proof that is none', 'proof-file-shape', (b) => ({ ...b, proofs: [Uint8Array.of(1)] })],
    ['proofs out of order', 'bundle-order', (b) => ({ ...b, proofs: listOf(b['proofs']).toReversed() })],
    [
      'a proof twice',
      'bundle-order',
      (b) => ({ ...b, proofs: [listOf(b['proofs'])[0] ?? null, ...listOf(b['proofs'])] }),
    ],
    ['keys out of order', 'bundle-order', (b) => ({ ...b, keys: listOf(b['keys']).toReversed() })],
    ['a key without its part', 'bundle-shape', item('keys', 0, (one) => one.slice(0, 3))],
    [
      'a key with a part that is none',
      'bundle-opening',
      item('keys', 0, ([file = null, , ...rest]) => [file, 'x', ...rest]),
    ],
    [
      'openings out of order',
      'bundle-order',
      (b) => ({ ...b, openings: listOf(b['openings']).toReversed() }),
    ],
    ['an opening of no proof', 'bundle-opening', item('openings', 1, ([, ...rest]) => [9, ...rest])],
    [
      'an opening of no tier',
      'bundle-opening',
      item('openings', 0, ([at = null, , ...rest]) => [at, 'secret', ...rest]),
    ],
    ['an opening cut short', 'bundle-shape', item('openings', 0, (one) => one.slice(1))],
    [
      'heads the wrong way round',
      'bundle-heads',
      item('consistency', 0, ([a = null, b = null, c = null]) => [b, a, c]),
    ],
    [
      'a head that is none',
      'note-shape',
      item('consistency', 0, ([, b = null, c = null]) => [Uint8Array.of(65), b, c]),
    ],
    [
      'a hash that is none',
      'bundle-shape',
      item('consistency', 0, ([a = null, b = null]) => [a, b, [Uint8Array.of(1)]]),
    ],
    [
      'too many hashes',
      'bundle-shape',
      item('consistency', 0, ([a = null, b = null]) => [
        a,
        b,
        Array.from({ length: 64 }, () => new Uint8Array(32)),
      ]),
    ],
    [
      'too many files',
      'bundle-too-many',
      (b) => ({ ...b, equivocations: Array.from({ length: BUNDLE_ITEMS_MAX + 1 }, () => new Uint8Array(0)) }),
    ],
    ['an equivocation that is no bytes', 'bundle-shape', (b) => ({ ...b, equivocations: ['x'] })],
  ]
  for (const [name, fault, change] of REFUSED) {
    it(`refuse ${name}`, () => assert.equal(faultOf(changed(change)), fault))
  }

  it('refuse what is no CBOR of the profile, or too long', () => {
    assert.equal(faultOf(Uint8Array.of(0xbf, 0xff)), 'bundle-cbor')
    assert.equal(faultOf(encode([1])), 'bundle-shape')
    assert.equal(faultOf(new Uint8Array(BUNDLE_BYTES_MAX + 1)), 'bundle-too-long')
  })
})
