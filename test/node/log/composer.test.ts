import assert from 'node:assert/strict'
import { checkPublicPart } from '../../../protocol/codec/part.ts'
import { parseEntry, prepareEntry } from '../../../protocol/codec/statement.ts'
import { equal, printBase32 } from '../../../protocol/bytes.ts'
import { verifySignature } from '../../../protocol/identity/signature.ts'
import { native, signerOf } from '../../../node/keys/native.ts'
import { systemRandom } from '../../../node/keys/random.ts'
import { composeMany, type Content } from '../../../node/log/composer.ts'
import { NodeError } from '../../../node/errors.ts'

const origin = `a.example/candor/${'a'.repeat(51)}q/1`
const clock = { now: () => Date.UTC(2026, 0, 2, 3, 45) }
const parts = {
  primitives: native,
  origin,
  signer: signerOf(new Uint8Array(32).fill(7)),
  random: systemRandom,
  clock,
}
const content = (more: Partial<Content> = {}): Content => ({
  kind: 'incident',
  public: { title: 'x' },
  ...more,
})

async function composeOne(one: Content) {
  const [composed] = await composeMany(parts, [one])
  assert.ok(composed)
  return composed
}

describe('composing statements', () => {
  it('makes an entry that reads back, is signed and opens its public part', async () => {
    const { entry, part, record } = await composeOne(content({ partner: { narrative: 'n' } }))
    const read = parseEntry(entry.bytes)
    assert.ok(read.ok)
    assert.ok(equal(prepareEntry(entry.statement, entry.header).toBeSigned, read.value.toBeSigned))
    assert.equal(read.value.header.subject, printBase32(record))
    assert.equal(read.value.header.issuedAt % 3_600, 0)
    assert.ok(verifySignature(native, parts.signer.publicKey, read.value.toBeSigned, read.value.signature))
    assert.deepEqual(checkPublicPart(native, read.value, part), { ok: true, value: true })
  })

  it('draws fresh openings: equal content makes unequal commitments, absent parts included', async () => {
    const [one, two] = await composeMany(parts, [content(), content()])
    assert.ok(one && two)
    for (const tier of [0, 1, 2] as const) {
      assert.ok(!equal(one.entry.statement.parts[tier], two.entry.statement.parts[tier]))
    }
  })

  it('keeps the order of what it was given', async () => {
    const records = Array.from({ length: 50 }, () => systemRandom.bytes(16))
    const composed = await composeMany(
      parts,
      records.map((record) => content({ record })),
    )
    assert.deepEqual(
      composed.map(({ record }) => record),
      records,
    )
  })

  const refusals: readonly (readonly [string, Content, RegExp])[] = [
    ['a public part over 64 KiB', content({ public: { title: 'x'.repeat(70_000) } }), /public part/],
    ['restricted parts over the bound', content({ partner: { narrative: 'x'.repeat(950_000) } }), /together/],
    [
      'more items than a part may have',
      content({ partner: { list: Array.from({ length: 33_000 }, () => 1) } }),
      /items/,
    ],
  ]
  for (const [name, given, message] of refusals) {
    it(`refuses ${name} as bad input`, async () => {
      await assert.rejects(composeMany(parts, [given]), (error) => {
        return error instanceof NodeError && error.code === 'BAD_INPUT' && message.test(error.message)
      })
    })
  }
})
