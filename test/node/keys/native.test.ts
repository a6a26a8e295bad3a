import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { verify as zip215 } from '@noble/ed25519'
import * as fc from 'fast-check'
import { boxPublicKey, native, selfTest, signerOf, verifyMany } from '../../../node/keys/native.ts'
import { SELF_TEST } from '../../../node/keys/self-test.ts'
import { admitKey } from '../../../protocol/identity/key.ts'
import { verifySignature } from '../../../protocol/identity/signature.ts'
import { portable, type Primitives } from '../../../protocol/primitives.ts'
import { hasCode } from '../../support/directory.ts'
import { sharedOrSkip } from '../../support/shared.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

describe('native primitives', () => {
  it('hash as node:crypto and as the portable ones do', () => {
    const input = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(input, (message) => {
        const expected = createHash('sha256').update(message).digest('hex')
        assert.equal(Buffer.from(native.sha256(message)).toString('hex'), expected)
        assert.equal(Buffer.from(portable.sha256(message)).toString('hex'), expected)
      }),
    )
  })

  it('authenticate under keys of every length, also when a key buffer is refilled', () => {
    const reused = new Uint8Array(32)
    const input = fc.uint8Array({ maxLength: 200 })
    fc.assert(
      fc.property(input, input, fc.uint8Array({ minLength: 32, maxLength: 32 }), (key, message, other) => {
        reused.set(other)
        for (const one of [key, reused]) {
          const expected = createHmac('sha256', one).update(message).digest('hex')
          assert.equal(Buffer.from(native.hmacSha256(one, message)).toString('hex'), expected)
        }
      }),
    )
  })

  it('sign as the portable rule verifies, on this thread, on the pool and on the workers', async () => {
    const signer = signerOf(randomBytes(32))
    const few = [bytes(''), bytes('00'), randomBytes(5_000)]
    const many = Array.from({ length: 70 }, (_, i) => few[i] ?? randomBytes(i))
    for (const messages of [few, many]) {
      const signed = await signer.signMany(messages)
      assert.equal(signed.length, messages.length)
      for (const [index, message] of messages.entries())
        assert.deepEqual(new Uint8Array(signed[index] ?? []), new Uint8Array(signer.sign(message)))
    }
    assert.ok(few.every((one) => verifySignature(portable, signer.publicKey, one, signer.sign(one))))
  })

  it('authenticate what is longer than the room kept for it', () => {
    for (const length of [959, 960, 961, 5_000]) {
      const [key, message] = [randomBytes(32), randomBytes(length)]
      const expected = createHmac('sha256', key).update(message).digest('hex')
      assert.equal(Buffer.from(native.hmacSha256(key, message)).toString('hex'), expected)
    }
  })

  it('derive the X25519 key of RFC 7748 §5.2, after one iteration', () => {
    const nine = bytes('09'.padEnd(64, '0'))
    const once = bytes('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079')
    assert.deepEqual(boxPublicKey(nine), once)
  })
})

describe('verifyMany', () => {
  it('answers in the order of the jobs, more of them than fly at once', async () => {
    const signers = [signerOf(randomBytes(32)), signerOf(randomBytes(32))]
    const jobs = Array.from({ length: 300 }, (_, index) => {
      const [signer, other] = index % 3 === 0 ? [signers[0], signers[1]] : [signers[1], signers[1]]
      assert.ok(signer !== undefined && other !== undefined)
      const message = randomBytes(40)
      return { key: signer.publicKey, message, signature: other.sign(message) }
    })
    const expected = jobs.map((_, index) => index % 3 !== 0)
    assert.deepEqual(await verifyMany(jobs), expected)
    assert.deepEqual(await verifyMany([]), [])
  })

  it('refuses by form before asking OpenSSL', async () => {
    // Here some versions of Node.js alone would say yes.
    const found = SELF_TEST.find(({ name }) => name.startsWith('R is the identity'))
    assert.ok(found !== undefined)
    const admitted = admitKey(bytes(found.key))
    assert.ok(admitted.ok)
    const [message, signature] = [bytes(found.message), bytes(found.signature)]
    const short = signature.subarray(0, 63)
    const jobs = [signature, short, new Uint8Array(0)].map((one) => ({
      key: admitted.value,
      message,
      signature: one,
    }))
    assert.deepEqual(await verifyMany(jobs), [false, false, false])
    // As many as go to the other threads.
    const many = Array.from({ length: 40 }, () => jobs).flat()
    assert.deepEqual(
      await verifyMany(many),
      many.map(() => false),
    )
  })

  it('says so when a thread cannot do what it was asked, and goes on', async () => {
    const signer = signerOf(randomBytes(32))
    const message = randomBytes(40)
    const job = { key: signer.publicKey, message, signature: signer.sign(message) }
    const jobs = Array.from({ length: 200 }, () => job)
    // No admitted key: OpenSSL throws.
    const broken = jobs.map((one) => ({ ...one, key: one.key.subarray(0, 5) as typeof one.key }))
    await assert.rejects(verifyMany(broken), hasCode('SIGNATURES_FAILED'))
    assert.deepEqual(
      await verifyMany(jobs),
      jobs.map(() => true),
    )
  })
})

describe('the self-test', () => {
  it('passes on this Node.js, and on the portable primitives', () => {
    selfTest()
    selfTest(portable)
  })

  it('is the published vectors, value for value', () => {
    const file = JSON.parse(readFileSync('test/vectors/ed25519.json', 'utf8')) as { cases: unknown[] }
    assert.deepEqual(file.cases, SELF_TEST)
    assert.ok(SELF_TEST.length >= 30)
    assert.ok(SELF_TEST.some(({ valid }) => valid) && SELF_TEST.some(({ valid }) => !valid))
  })

  const broken: Record<string, Partial<Primitives>> = {
    'accepts every signature': { verifyEd25519: () => true },
    'refuses every signature': { verifyEd25519: () => false },
    'hashes otherwise': { sha256: (message) => native.sha256(Uint8Array.of(0, ...message)) },
    'authenticates otherwise': { hmacSha256: (_, message) => native.sha256(message) },
    'multiplies by the cofactor': {
      verifyEd25519: (key, message, signature) => zip215(signature, message, key),
    },
  }
  for (const [name, change] of Object.entries(broken)) {
    it(`fails closed on a library that ${name}`, () => {
      assert.throws(() => selfTest({ ...native, ...change }), hasCode('SELF_TEST_FAILED'))
    })
  }
})

type Wycheproof = {
  testGroups: {
    publicKey: { pk: string }
    tests: { tcId: number; msg: string; sig: string; result: string }[]
  }[]
}

describe('Wycheproof Ed25519', () => {
  it('agrees with the rule, natively, on the pool and portably', async function () {
    const path = sharedOrSkip(this, 'vectors', 'wycheproof', 'testvectors_v1', 'ed25519_test.json')
    const { testGroups } = JSON.parse(readFileSync(path, 'utf8')) as Wycheproof
    let count = 0
    for (const { publicKey, tests } of testGroups) {
      const key = admitKey(bytes(publicKey.pk))
      assert.ok(key.ok)
      const jobs = tests.map(({ msg, sig }) => ({
        key: key.value,
        message: bytes(msg),
        signature: bytes(sig),
      }))
      const pooled = await verifyMany(jobs)
      for (const [index, { tcId, result }] of tests.entries()) {
        const job = jobs[index]
        assert.ok(job !== undefined)
        const expected = result === 'valid'
        const { message, signature } = job
        assert.equal(verifySignature(native, key.value, message, signature), expected, `native ${tcId}`)
        assert.equal(verifySignature(portable, key.value, message, signature), expected, `portable ${tcId}`)
        assert.equal(pooled[index], expected, `pool ${tcId}`)
        count += 1
      }
    }
    assert.equal(count, 151)
  })
})
