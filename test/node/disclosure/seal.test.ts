import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { hpkeOpen, hpkeOpener, hpkeSeal } from '../../../node/disclosure/hpke.ts'
import { isOffered, openPart, sealContentKey, sealPart } from '../../../node/disclosure/seal.ts'
import { native } from '../../../node/keys/native.ts'
import {
  cipherKey,
  keyCommitment,
  pad,
  sealInfo,
  unpad,
  type SealContext,
  type SealedFault,
} from '../../../protocol/sealing/sealed.ts'
import {
  AES_128,
  AES_256,
  publicOf,
  referenceOpen,
  referenceSeal,
  schedule,
  sharedSecret,
} from '../../support/hpke-reference.ts'
import { bytes, hex } from '../../support/notation.ts'
import { BOX_SECRET, CONTENT_KEY, CONTEXT, EPHEMERAL, sealVectorText } from '../../support/seal-vectors.ts'
import { counting } from '../../support/statements.ts'
import { readVectors } from '../../support/vectors.ts'

const RELEASE = counting(5_000, 7)
const info = sealInfo(CONTEXT)
const aad = keyCommitment(native, CONTENT_KEY, info)
const box = new Uint8Array(publicOf(BOX_SECRET))
const sealedKey = new Uint8Array(referenceSeal(AES_256, EPHEMERAL, box, { info, aad }, CONTENT_KEY))
const part = sealPart(native, CONTEXT, CONTENT_KEY, RELEASE)
const good = { ...part, sealedKey }

const flipped = (of: Uint8Array, at: number) => of.with(at, (of[at] ?? 0) ^ 1)

describe('the reference implementation of HPKE', () => {
  it('reproduces RFC 9180 appendix A.1.1', () => {
    const skE = bytes('52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736')
    const skR = bytes('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8')
    const pkR = bytes('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d')
    const given = { info: bytes('4f6465206f6e2061204772656369616e2055726e'), aad: bytes('436f756e742d30') }
    const content = bytes('4265617574792069732074727574682c20747275746820626561757479')
    assert.equal(hex(publicOf(skR)), hex(pkR))
    const enc = '37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431'
    const secret = sharedSecret(skE, pkR, Buffer.concat([bytes(enc), pkR]))
    assert.equal(hex(secret), 'fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc')
    const { key, nonce } = schedule(AES_128, secret, given.info)
    assert.equal(hex(key), '4531685d41d65f03dc48f6b8302c05b0')
    assert.equal(hex(nonce), '56d890e5accaaf011cff4b7d')
    const sealed = referenceSeal(AES_128, skE, pkR, given, content)
    const ct = 'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a'
    assert.equal(hex(sealed), enc + ct)
    assert.equal(hex(referenceOpen(AES_128, skR, given, sealed)), hex(content))
  })
})

describe('hpkeSeal and hpkeOpen', () => {
  it('agree with the reference both ways', async () => {
    const theirs = await hpkeOpen(BOX_SECRET, { info, aad }, sealedKey)
    assert.equal(theirs && hex(theirs), hex(CONTENT_KEY))
    const ours = await hpkeSeal(box, { info, aad }, CONTENT_KEY)
    assert.ok(ours)
    assert.equal(hex(referenceOpen(AES_256, BOX_SECRET, { info, aad }, ours)), hex(CONTENT_KEY))
  })

  it('never seal twice alike', async () => {
    const [one, other] = [
      await hpkeSeal(box, { info, aad }, CONTENT_KEY),
      await hpkeSeal(box, { info, aad }, CONTENT_KEY),
    ]
    assert.ok(one && other && hex(one) !== hex(other))
  })

  it('seal nothing to a key of small order, and open nothing from one', async () => {
    for (const key of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))]) {
      assert.equal(await hpkeSeal(key, { info, aad }, CONTENT_KEY), undefined)
      const forged = Uint8Array.from([...key, ...sealedKey.subarray(32)])
      assert.equal(await hpkeOpen(BOX_SECRET, { info, aad }, forged), undefined)
    }
  })

  it('read views into larger buffers by their own bounds', async () => {
    const large = new Uint8Array(200)
    large.set(sealedKey, 50)
    const opened = await hpkeOpen(BOX_SECRET, { info, aad }, large.subarray(50, 50 + sealedKey.length))
    assert.equal(opened && hex(opened), hex(CONTENT_KEY))
  })
})

describe('sealPart and openPart', () => {
  it('make and open the vectors', async () => {
    assert.equal(readFileSync('test/vectors/access/sealed.json', 'utf8'), sealVectorText())
    type Vectors = {
      readonly sealedKey: string
      readonly releases: readonly { readonly first: number; readonly bytes: number }[]
    }
    const vectors = readVectors<Vectors>('access/sealed.json')
    for (const { first, bytes: length } of vectors.releases) {
      const release = counting(length, first)
      const sealed = {
        ...sealPart(native, CONTEXT, CONTENT_KEY, release),
        sealedKey: bytes(vectors.sealedKey),
      }
      assert.deepEqual(await openPart(native, CONTEXT, await hpkeOpener(BOX_SECRET), sealed), {
        ok: true,
        value: release,
      })
    }
  })

  it('open what they sealed, and give the same ciphertext again for the same content key', async () => {
    const fresh = await sealContentKey(native, CONTEXT, CONTENT_KEY, box)
    assert.ok(fresh)
    assert.equal(fresh.length, 80)
    assert.deepEqual(
      await openPart(native, CONTEXT, await hpkeOpener(BOX_SECRET), { ...good, sealedKey: fresh }),
      {
        ok: true,
        value: RELEASE,
      },
    )
    assert.deepEqual(sealPart(native, CONTEXT, CONTENT_KEY, RELEASE), part)
  })

  const other = counting(32, 0x44)
  const faultOf = async (
    changes: Partial<typeof good>,
    context: SealContext = CONTEXT,
    secret = BOX_SECRET,
  ) => {
    const opened = await openPart(native, context, await hpkeOpener(secret), { ...good, ...changes })
    return opened.ok ? undefined : opened.fault
  }
  const rehashed = (ciphertext: Uint8Array) => ({
    ciphertext,
    offer: { ...part.offer, ciphertext: native.sha256(ciphertext), length: ciphertext.length },
  })
  const withCommitment = (keyCommitment: Uint8Array) => ({ offer: { ...part.offer, keyCommitment } })
  const sealedFor = (content: Uint8Array, over = aad) =>
    new Uint8Array(referenceSeal(AES_256, EPHEMERAL, box, { info, aad: over }, content))

  const cases: readonly (readonly [string, SealedFault, () => Promise<SealedFault | undefined>])[] = [
    ['another recipient', 'sealed-recipient', () => faultOf({}, CONTEXT, other)],
    ['another network', 'sealed-recipient', () => faultOf({}, { ...CONTEXT, network: 'a'.repeat(52) })],
    ['another request', 'sealed-recipient', () => faultOf({}, { ...CONTEXT, request: other })],
    ['another grant', 'sealed-recipient', () => faultOf({}, { ...CONTEXT, grant: other })],
    ['another tier', 'sealed-recipient', () => faultOf({}, { ...CONTEXT, tier: 'partner' })],
    ['another key id', 'sealed-recipient', () => faultOf({}, { ...CONTEXT, recipient: other })],
    ['another key commitment', 'sealed-recipient', () => faultOf(withCommitment(other))],
    ['an altered sealed key', 'sealed-recipient', () => faultOf({ sealedKey: flipped(sealedKey, 40) })],
    ['an altered encapsulated key', 'sealed-recipient', () => faultOf({ sealedKey: flipped(sealedKey, 3) })],
    ['a truncated sealed key', 'sealed-recipient', () => faultOf({ sealedKey: sealedKey.subarray(0, -1) })],
    [
      'a sealed key of 31 bytes',
      'sealed-recipient',
      () => faultOf({ sealedKey: sealedFor(counting(31, 0)) }),
    ],
    ['an empty sealed key', 'sealed-recipient', () => faultOf({ sealedKey: new Uint8Array(0) })],
    ['a key that was not committed to', 'sealed-commitment', () => faultOf({ sealedKey: sealedFor(other) })],
    [
      'an altered ciphertext',
      'sealed-ciphertext',
      () => faultOf({ ciphertext: flipped(part.ciphertext, 100) }),
    ],
    [
      'a truncated ciphertext',
      'sealed-ciphertext',
      () => faultOf({ ciphertext: part.ciphertext.subarray(0, -1) }),
    ],
    [
      'a longer ciphertext',
      'sealed-ciphertext',
      () => faultOf({ ciphertext: Uint8Array.from([...part.ciphertext, 0]) }),
    ],
    [
      'another length than offered',
      'sealed-ciphertext',
      () => faultOf({ offer: { ...part.offer, length: 1 } }),
    ],
    [
      'an altered ciphertext that was offered',
      'sealed-content',
      () => faultOf(rehashed(flipped(part.ciphertext, 100))),
    ],
    [
      'an altered tag',
      'sealed-content',
      () => faultOf(rehashed(flipped(part.ciphertext, part.ciphertext.length - 1))),
    ],
    [
      'a truncated ciphertext that was offered',
      'sealed-content',
      () => faultOf(rehashed(part.ciphertext.slice(0, -1))),
    ],
    ['a tag alone', 'sealed-content', () => faultOf(rehashed(part.ciphertext.slice(-16)))],
    ['nothing at all', 'sealed-content', () => faultOf(rehashed(new Uint8Array(0)))],
    [
      'padding that says something',
      'sealed-padding',
      () => faultOf(rehashed(ciphered(pad(RELEASE).with(8_000, 1)))),
    ],
  ]
  for (const [name, fault, act] of cases)
    it(`refuse ${name}: ${fault}`, async () => assert.equal(await act(), fault))

  it('tell an offered ciphertext from any other before a receipt is signed', () => {
    assert.ok(isOffered(native, part.offer, part.ciphertext))
    assert.ok(!isOffered(native, part.offer, flipped(part.ciphertext, 0)))
  })
})

function ciphered(padded: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', cipherKey(native, CONTENT_KEY, info), new Uint8Array(12))
  cipher.setAAD(info)
  return new Uint8Array(Buffer.concat([cipher.update(padded), cipher.final(), cipher.getAuthTag()]))
}

describe('pad and unpad', () => {
  it('are inverses, and lengths are powers of two from 4,096', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (content) => {
        const padded = pad(content)
        assert.ok(padded.length >= 4_096 && Number.isInteger(Math.log2(padded.length)))
        assert.ok(padded.length === 4_096 || padded.length < 2 * (content.length + 4))
        assert.deepEqual(unpad(padded), { ok: true, value: content })
      }),
    )
  })

  it('refuse every other length, a length that does not fit and bytes behind the content', () => {
    const padded = pad(counting(10, 1))
    for (const wrong of [
      padded.subarray(0, 4_095),
      new Uint8Array(8_192),
      padded.with(4_095, 1),
      padded.with(0, 0xff),
      padded.with(2, 0x10),
      new Uint8Array(0),
    ])
      assert.deepEqual(unpad(wrong), { ok: false, fault: 'sealed-padding' })
  })
})
