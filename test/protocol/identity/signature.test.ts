import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { getPublicKey, Point, sign, verify } from '@noble/ed25519'
import fc from 'fast-check'
import { admitKey } from '../../../protocol/identity/key.ts'
import { hasSignatureForm, verifySignature } from '../../../protocol/identity/signature.ts'
import { portable } from '../../../protocol/primitives.ts'
import { challenge, ORDER, scalarBytes, SMALL_ORDER, timesPoint } from '../../support/edwards.ts'
import { bytes } from '../../support/notation.ts'
import { sharedOrSkip } from '../../support/shared.ts'
import { counting, publicKeyOf, SEED } from '../../support/statements.ts'
import { bitFlips } from '../../support/values.ts'
import { readVectors } from '../../support/vectors.ts'

/** The whole rule: the key is admitted, the form holds, the equation holds. */
function accepts(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const admitted = admitKey(key)
  return admitted.ok && verifySignature(portable, admitted.value, message, signature)
}

type Case = {
  readonly name: string
  readonly key: string
  readonly message: string
  readonly signature: string
}
const { cases } = readVectors<{ cases: readonly (Case & { readonly valid: boolean })[] }>('ed25519.json')

const MESSAGE: Uint8Array = Buffer.from('candor')
const [EIGHTH = Point.ZERO] = SMALL_ORDER.slice(1)
const [FOURTH = Point.ZERO] = SMALL_ORDER.slice(2)
const a = 123_456_789n
const r = 987_654_321n
const A = timesPoint(Point.BASE, a)
const R = timesPoint(Point.BASE, r)
const IDENTITY_PLUS_P = bytes(`ee${'ff'.repeat(30)}7f`)
const IDENTITY_SIGNED = bytes(`01${'00'.repeat(30)}80`)
const ZERO_PLUS_P = bytes(`ed${'ff'.repeat(30)}7f`)

type Forged = { readonly key: Uint8Array; readonly signature: Uint8Array; readonly message: Uint8Array }

/** S = nonce + k·secret over the encodings given. */
function forge(
  key: Uint8Array,
  secret: bigint,
  encodedR: Uint8Array,
  nonce: bigint,
  message = MESSAGE,
): Forged {
  const s = (nonce + challenge(encodedR, key, message) * secret) % ORDER
  return { key, message, signature: joined(encodedR, scalarBytes(s)) }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return Uint8Array.from([...first, ...second])
}

/** The first message for which the challenge leaves this remainder modulo eight. */
function withRemainder(remainder: bigint, key: Uint8Array, encodedR: Uint8Array): Uint8Array {
  for (let n = 0; ; n++) {
    const message = Buffer.from(`candor ${n}`)
    if (challenge(encodedR, key, message) % 8n === remainder) return message
  }
}

function mixed(remainder: bigint): Forged {
  const key = A.add(EIGHTH).toBytes()
  const encodedR = R.add(EIGHTH).toBytes()
  return forge(key, a, encodedR, r, withRemainder(remainder, key, encodedR))
}

function plusOrder(times: bigint): Forged {
  const honest = forge(A.toBytes(), a, R.toBytes(), r)
  const s = (r + challenge(R.toBytes(), A.toBytes(), MESSAGE) * a) % ORDER
  return { ...honest, signature: joined(R.toBytes(), scalarBytes(s + times * ORDER)) }
}

/** The twelve questions on which libraries part, and three more; `lax` is what a ZIP-215 verifier says. */
const hostile: readonly { name: string; made: Forged; lax: boolean }[] = [
  { name: '0: key and R of small order', made: forge(EIGHTH.toBytes(), 0n, FOURTH.toBytes(), 0n), lax: true },
  { name: '1: key of small order', made: forge(EIGHTH.toBytes(), 0n, R.toBytes(), r), lax: true },
  {
    name: '2: mixed key, R of small order',
    made: forge(A.add(EIGHTH).toBytes(), a, EIGHTH.toBytes(), 0n),
    lax: true,
  },
  { name: '3: mixed key and R, torsion cancels', made: mixed(7n), lax: true },
  { name: '4: honest key, mixed R', made: forge(A.toBytes(), a, R.add(EIGHTH).toBytes(), r), lax: true },
  { name: '5: mixed key and R, torsion stays', made: mixed(3n), lax: true },
  { name: '6: S + L', made: plusOrder(1n), lax: false },
  { name: '7: S + 8 L', made: plusOrder(8n), lax: false },
  { name: '8: R = p + 1', made: forge(A.toBytes(), a, IDENTITY_PLUS_P, 0n), lax: true },
  { name: '9: R = negative zero', made: forge(A.toBytes(), a, IDENTITY_SIGNED, 0n), lax: true },
  { name: '10: key = p + 1', made: forge(IDENTITY_PLUS_P, 0n, R.toBytes(), r), lax: true },
  { name: '11: key = p', made: forge(ZERO_PLUS_P, 0n, R.toBytes(), r), lax: true },
  { name: 'R is the identity', made: forge(A.toBytes(), a, Point.ZERO.toBytes(), 0n), lax: true },
  {
    name: 'key and R are the identity',
    made: forge(Point.ZERO.toBytes(), 0n, Point.ZERO.toBytes(), 0n),
    lax: true,
  },
  { name: 'honest R, mixed key', made: forge(A.add(FOURTH).toBytes(), a, R.toBytes(), r), lax: true },
]

describe('the one Ed25519 rule, in portable code', () => {
  it('accepts what an honest signer makes, whichever way the point arithmetic goes', () => {
    const { key, message, signature } = forge(A.toBytes(), a, R.toBytes(), r)
    assert.ok(accepts(key, message, signature))
  })

  for (const { name, made, lax } of hostile) {
    it(`refuses ${name}`, () => {
      const { key, message, signature } = made
      assert.equal(verify(signature, message, key, { zip215: true }), lax, 'the case is what it claims to be')
      assert.ok(!accepts(key, message, signature))
    })
  }

  for (const { name, key, message, signature, valid } of cases) {
    it(`${valid ? 'accepts' : 'refuses'} the vector «${name}»`, () => {
      assert.equal(accepts(bytes(key), bytes(message), bytes(signature)), valid)
    })
  }

  it('agrees with all of Wycheproof', function () {
    const path = sharedOrSkip(this, 'vectors', 'wycheproof', 'testvectors_v1', 'ed25519_test.json')
    const file: Wycheproof = JSON.parse(readFileSync(path, 'utf8'))
    let count = 0
    for (const { publicKey, tests } of file.testGroups)
      for (const { tcId, msg, sig, result } of tests) {
        count += 1
        assert.equal(accepts(bytes(publicKey.pk), bytes(msg), bytes(sig)), result === 'valid', `case ${tcId}`)
      }
    assert.equal(count, file.numberOfTests)
  })

  it('accepts every signature of every honest key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array(), (seed, message) => {
        assert.ok(accepts(getPublicKey(seed), message, sign(message, seed)))
      }),
      { numRuns: 20 },
    )
  })

  it('refuses flipped bits of the message and the signature', () => {
    const key = publicKeyOf(SEED)
    const message = counting(4, 0)
    const signature = sign(message, SEED)
    let bit = 0
    for (const flipped of bitFlips(signature))
      if (bit++ % 5 === 0) assert.ok(!verifySignature(portable, key, message, flipped), `bit ${bit}`)
    for (const flipped of bitFlips(message)) assert.ok(!verifySignature(portable, key, flipped, signature))
  })
})

describe('hasSignatureForm', () => {
  const good = sign(MESSAGE, SEED)
  const withS = (s: bigint) => joined(good.slice(0, 32), scalarBytes(s))
  const forms: readonly [string, Uint8Array, boolean][] = [
    ['a signature', good, true],
    ['63 bytes', good.slice(1), false],
    ['65 bytes', joined(good, Uint8Array.of(0)), false],
    ['no bytes', new Uint8Array(0), false],
    ['S = 0', withS(0n), true],
    ['S = L - 1', withS(ORDER - 1n), true],
    ['S = L', withS(ORDER), false],
    ['S = L + 1', withS(ORDER + 1n), false],
    ['S = 2^256 - 1', withS(2n ** 256n - 1n), false],
    ['R = identity', joined(Point.ZERO.toBytes(), good.slice(32)), false],
  ]
  for (const [name, signature, form] of forms) {
    it(`${form ? 'accepts' : 'refuses'} ${name}`, () => assert.equal(hasSignatureForm(signature), form))
  }
})

type Wycheproof = {
  readonly numberOfTests: number
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string }
    readonly tests: readonly {
      readonly tcId: number
      readonly msg: string
      readonly sig: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}
