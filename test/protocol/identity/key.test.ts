import assert from 'node:assert/strict'
import { getPublicKey, Point } from '@noble/ed25519'
import fc from 'fast-check'
import { admitBoxKey, admitKey, keyId, type KeyFault } from '../../../protocol/identity/key.ts'
import { portable } from '../../../protocol/primitives.ts'
import { SMALL_ORDER, TORSION } from '../../support/edwards.ts'
import { bytes, hex } from '../../support/notation.ts'
import { counting } from '../../support/statements.ts'

const honest = getPublicKey(counting(32, 7))
/** y = p − 1 + n: not below p, so these name points that have another encoding. */
const notCanonical = (n: number) => `${(0xec + n).toString(16)}${'ff'.repeat(30)}7f`

const faults: readonly { name: string; key: Uint8Array; fault: KeyFault }[] = [
  { name: 'no bytes', key: new Uint8Array(0), fault: 'key-length' },
  { name: '31 bytes', key: honest.slice(1), fault: 'key-length' },
  { name: '33 bytes', key: Uint8Array.from([...honest, 0]), fault: 'key-length' },
  { name: 'y = p', key: bytes(notCanonical(1)), fault: 'key-encoding' },
  { name: 'y = p + 1, another name of the identity', key: bytes(notCanonical(2)), fault: 'key-encoding' },
  { name: 'y = 2^255 - 1', key: bytes(`${'ff'.repeat(31)}7f`), fault: 'key-encoding' },
  { name: 'a y without an x', key: bytes(`02${'00'.repeat(31)}`), fault: 'key-encoding' },
  { name: 'the identity with a sign', key: bytes(`01${'00'.repeat(30)}80`), fault: 'key-encoding' },
  { name: 'y = -1 with a sign', key: bytes(`ec${'ff'.repeat(31)}`), fault: 'key-encoding' },
  ...SMALL_ORDER.map((point, index): { name: string; key: Uint8Array; fault: KeyFault } => ({
    name: `point ${index} of small order`,
    key: point.toBytes(),
    fault: 'key-small-order',
  })),
  ...TORSION.map((point, index): { name: string; key: Uint8Array; fault: KeyFault } => ({
    name: `an honest key plus torsion ${index + 1}`,
    key: Point.fromBytes(honest, false).add(point).toBytes(),
    fault: 'key-torsion',
  })),
]

describe('admitKey', () => {
  for (const { name, key, fault } of faults) {
    it(`refuses ${name}: ${fault}`, () => assert.deepEqual(admitKey(key), { ok: false, fault }))
  }

  it('admits every honest key, and names it by its SHA-256', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const key = getPublicKey(seed)
        const admitted = admitKey(key)
        assert.ok(admitted.ok)
        assert.equal(hex(admitted.value), hex(key))
        assert.equal(hex(keyId(portable, admitted.value)), hex(portable.sha256(key)))
      }),
      { numRuns: 25 },
    )
  })

  it('keeps what it admitted when the buffer it was read from changes', () => {
    const buffer = Buffer.from(honest)
    const admitted = admitKey(buffer)
    buffer.fill(0)
    assert.ok(admitted.ok)
    assert.equal(hex(admitted.value), hex(honest))
  })

  it('has an example of every fault', () => {
    const all: Record<KeyFault, true> = {
      'key-length': true,
      'key-encoding': true,
      'key-small-order': true,
      'key-torsion': true,
    }
    assert.deepEqual([...new Set(faults.map((one) => one.fault))].sort(), Object.keys(all).sort())
  })
})

describe('admitBoxKey', () => {
  it('admits 32 bytes and nothing else', () => {
    assert.ok(admitBoxKey(counting(32, 0)).ok)
    for (const length of [0, 31, 33])
      assert.deepEqual(admitBoxKey(counting(length, 0)), { ok: false, fault: 'key-length' })
  })
})
