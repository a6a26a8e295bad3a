import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { hpkeOpen } from '../../../node/disclosure/hpke.ts'
import { openBytes } from '../../../node/disclosure/seal.ts'
import { combineShares, splitKey } from '../../../node/escrow/shares.ts'
import { native } from '../../../node/keys/native.ts'
import { systemRandom } from '../../../node/keys/random.ts'
import { escrowInfo, releaseInfo, shareDigest, shareInfo } from '../../../protocol/sealing/escrowed.ts'
import { sealBytes } from '../../../node/disclosure/seal.ts'
import { escrowVectorText, SEALED, SHARES } from '../../support/escrow-vectors.ts'
import { hex } from '../../support/notation.ts'
import { referenceCombine } from '../../support/shamir-reference.ts'

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

describe('shares of a content key', () => {
  it('are made again by any k of n, and by no fewer', async () => {
    const sizes = fc.integer({ min: 2, max: 16 }).chain((holders) =>
      fc.record({
        holders: fc.constant(holders),
        threshold: fc.integer({ min: 2, max: holders }),
        order: fc.shuffledSubarray(
          Array.from({ length: holders }, (_, at) => at),
          { minLength: holders },
        ),
      }),
    )
    await fc.assert(
      fc.asyncProperty(sizes, async ({ holders, threshold, order }) => {
        const key = systemRandom.bytes(32)
        const shares = await splitKey(key, holders, threshold)
        const chosen = order.slice(0, threshold).flatMap((at) => shares[at] ?? [])
        assert.deepEqual(await combineShares(chosen), key)
        assert.deepEqual(referenceCombine(chosen), key)
        const few = chosen.slice(1)
        const made = few.length < 2 ? undefined : await combineShares(few)
        assert.notDeepEqual(made, key)
        assert.equal(new Set(shares.map((share) => hex(shareDigest(native, share)))).size, holders)
      }),
      { numRuns: 60 },
    )
  })

  it('make some wrong key without a word when one is altered, and its digest says which', async () => {
    const key = systemRandom.bytes(32)
    const shares = await splitKey(key, 4, 3)
    const digests = shares.map((share) => hex(shareDigest(native, share)))
    const altered = shares.map((share, at) => (at === 1 ? share.with(5, (share[5] ?? 0) ^ 1) : share))
    const made = await combineShares(altered.slice(0, 3))
    assert.ok(made !== undefined && made.length === 32)
    assert.notDeepEqual(made, key)
    const wrong = altered.flatMap((share, at) =>
      hex(shareDigest(native, share)) === digests[at] ? [] : [at],
    )
    assert.deepEqual(wrong, [1])
  })

  it('are no shares when a place stands twice or only one is there', async () => {
    const [one] = await splitKey(systemRandom.bytes(32), 2, 2)
    assert.ok(one)
    assert.equal(await combineShares([one, one]), undefined)
    assert.equal(await combineShares([one]), undefined)
    assert.equal(await combineShares([]), undefined)
  })

  it('are those of the vectors, byte for byte, and so is what they open', async () => {
    const text = readFileSync('test/vectors/access/escrow.json', 'utf8')
    assert.equal(text, escrowVectorText())
    const vector = JSON.parse(text) as Record<string, string> & { length: number }
    const { CONTENT_KEY, BOX_SECRET, RELEASE } = SEALED
    for (const chosen of [SHARES.slice(0, 3), SHARES.slice(1), [...SHARES.slice(2), ...SHARES.slice(0, 1)]])
      assert.deepEqual(await combineShares(chosen), CONTENT_KEY)
    const info = bytesOf(vector['info'] ?? '')
    const { ciphertext, offer } = sealBytes(native, info, CONTENT_KEY, RELEASE)
    assert.deepEqual(openBytes(native, info, CONTENT_KEY, { offer, ciphertext }), {
      ok: true,
      value: RELEASE,
    })
    const aad = shareDigest(native, SHARES[0] ?? new Uint8Array(0))
    for (const [bound, sealed] of [
      ['shareInfo', 'sealedShare'],
      ['releaseInfo', 'releasedShare'],
    ] as const) {
      const context = { info: bytesOf(vector[bound] ?? ''), aad }
      assert.deepEqual(await hpkeOpen(BOX_SECRET, context, bytesOf(vector[sealed] ?? '')), SHARES[0])
      const other = { info: bytesOf(vector[bound === 'shareInfo' ? 'releaseInfo' : 'shareInfo'] ?? ''), aad }
      assert.equal(await hpkeOpen(BOX_SECRET, other, bytesOf(vector[sealed] ?? '')), undefined)
    }
  })

  it('are bound to network, deposit, tier and holder', () => {
    const of = { network: 'n', escrow: new Uint8Array(32), tier: 'partner', holder: 'b.example' } as const
    const other = [
      { network: 'm' },
      { escrow: new Uint8Array(31) },
      { tier: 'research' },
      { holder: 'c.example' },
    ] as const
    const infos = [of, ...other.map((change) => ({ ...of, ...change }))]
    const all = [...infos.map(shareInfo), ...infos.map((one) => releaseInfo(one, new Uint8Array(32)))]
    const on = { origin: 'a', index: 1, leaf: new Uint8Array(32) }
    all.push(escrowInfo({ network: 'n', on, tier: 'partner', commitment: new Uint8Array(32) }))
    assert.equal(new Set(all.map(hex)).size, all.length)
  })
})
