import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import { PREFIX } from '../../../node/store/prefixes.ts'
import { ForeignCosigner, type ForeignParts } from '../../../node/witness/foreign.ts'
import { bytesOfText } from '../../../protocol/bytes.ts'
import { keyId } from '../../../protocol/identity/key.ts'
import { parseCosignatureLines, printAddCheckpoint } from '../../../protocol/log/add-checkpoint.ts'
import { verifyCosignature } from '../../../protocol/log/cosignature.ts'
import { SIGNATURE_TYPE } from '../../../protocol/log/note.ts'
import { ForeignLog } from '../../support/foreign-log.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { testKey } from '../../support/notes.ts'

const NAME = 'a.example/candor/witness'
const WITNESS = testKey(51)
const LOG = new ForeignLog()
const FORK = new ForeignLog({ salt: 1 })
const OTHER_KEY = new ForeignLog({ seed: 42, salt: 1 })
const signer = {
  publicKey: WITNESS.key,
  keyId: keyId(native, WITNESS.key),
  sign: WITNESS.sign,
  signMany: async (all: readonly Uint8Array[]) => all.map(WITNESS.sign),
}
const known = (...logs: readonly ForeignLog[]) =>
  logs.map(({ origin, key }) => ({ key: { name: origin, type: SIGNATURE_TYPE.ed25519, key: key.key } }))

function witnessing(change: Partial<ForeignParts> = {}) {
  const store = new MemoryKeyValue()
  const clock = { at: 1_700_000_000_000, now: () => clock.at }
  const parts: ForeignParts = {
    primitives: native,
    clock,
    store,
    ownDomain: 'a.example',
    signers: () => [signer],
    mayCosign: () => true,
    known: known(LOG),
    ...change,
  }
  return { cosigner: new ForeignCosigner(parts), parts, store, clock }
}

describe('a witness for the logs of others', () => {
  for (const extension of ['', 'extension\n']) {
    it(`cosigns the whole text of a head${extension === '' ? '' : ' with its extension lines'}`, async () => {
      const { cosigner, clock } = witnessing()
      const answer = await cosigner.answer(LOG.request(0, 7, extension))
      assert.equal(answer.status, 200)
      const lines = parseCosignatureLines(answer.body)
      assert.ok(lines.ok)
      const note = { text: LOG.text(7, extension), signatures: lines.value }
      const verified = verifyCosignature(native, { name: NAME, key: WITNESS.key }, note)
      assert.ok(verified.ok)
      assert.equal(verified.value.time, clock.at / 1_000)
    })
  }

  it('has what it states on disk before it answers, in a key space of its own', async () => {
    const { cosigner, store } = witnessing()
    const seen: string[] = []
    store.onBatch = (operations) => {
      for (const { key } of operations) seen.push(String.fromCharCode(key[0] ?? 0))
    }
    await cosigner.answer(LOG.request(0, 7))
    assert.deepEqual(seen, [String.fromCharCode(PREFIX.foreign)])
    store.onBatch = () => {
      throw new Error('the disk is full')
    }
    await assert.rejects(cosigner.answer(LOG.request(7, 12)), /the disk is full/)
    store.onBatch = () => undefined
    const { status, body } = await cosigner.answer(LOG.request(12, 20))
    assert.deepEqual([status, Buffer.from(body).toString()], [409, '7\n'])
  })

  it('never goes back over a restart', async () => {
    const { cosigner, store, clock } = witnessing()
    assert.equal((await cosigner.answer(LOG.request(0, 12))).status, 200)
    const again = witnessing({ store: store.copy(), clock })
    assert.equal((await again.cosigner.answer(LOG.request(0, 7))).status, 409)
    assert.equal((await again.cosigner.answer(LOG.request(12, 12))).status, 200)
    clock.at -= 1_000
    assert.deepEqual((await again.cosigner.answer(LOG.request(12, 20))).why, 'clock-behind')
    clock.at += 1_000
    assert.equal((await again.cosigner.answer(LOG.request(12, 20))).status, 200)
  })

  it('answers one of two requests that overlap with the size of the other', async () => {
    const { cosigner } = witnessing()
    const answers = await Promise.all([
      cosigner.answer(LOG.request(0, 7)),
      cosigner.answer(LOG.request(0, 12)),
    ])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 409],
    )
  })

  it('keeps two roots of one size as what they are, and cosigns that log no more', async () => {
    const { cosigner, store } = witnessing()
    await cosigner.answer(LOG.request(0, 12))
    const forked = await cosigner.answer(FORK.request(12, 12))
    assert.deepEqual([forked.status, forked.why], [409, 'root-differs'])
    assert.equal((await cosigner.answer(LOG.request(12, 20))).why, 'log-frozen')
    const again = witnessing({ store: store.copy() })
    assert.equal((await again.cosigner.answer(LOG.request(12, 20))).why, 'log-frozen')
  })

  it('convicts no log of what two of its keys signed apart', async () => {
    const { cosigner } = witnessing({ known: known(LOG, OTHER_KEY) })
    await cosigner.answer(LOG.request(0, 12))
    assert.equal((await cosigner.answer(OTHER_KEY.request(12, 12))).why, 'root-differs')
    assert.equal((await cosigner.answer(LOG.request(12, 20))).status, 200)
  })

  const unknown = new ForeignLog({ origin: 'unknown.example' })
  for (const [what, body, status] of [
    ['a log that is not in its file', unknown.request(0, 7), 404],
    ['a head under another key', OTHER_KEY.request(0, 7), 403],
    ['a head below the size it is said to have', LOG.request(9, 7), 400],
    ['rubbish', bytesOfText('old x\n\n'), 400],
    ['no note', bytesOfText('old 0\n\nx'), 400],
    [
      'a proof from nothing',
      printAddCheckpoint({ oldSize: 0, proof: [new Uint8Array(32)], note: LOG.note(7) }),
      422,
    ],
  ] as const) {
    it(`refuses ${what} with ${status}`, async () => {
      const { cosigner, store } = witnessing()
      assert.equal((await cosigner.answer(body)).status, status)
      assert.equal(store.size, 0)
    })
  }

  it('cosigns nothing before its own log is recovered', async () => {
    const { cosigner } = witnessing({ mayCosign: () => false })
    assert.equal((await cosigner.answer(LOG.request(0, 7))).status, 503)
  })

  it('says nothing where its record is damaged', async () => {
    const { cosigner, store } = witnessing()
    await cosigner.answer(LOG.request(0, 7))
    for await (const [key, value] of store.iterate({
      gte: Uint8Array.of(PREFIX.foreign),
      lt: Uint8Array.of(PREFIX.foreign + 1),
    }))
      await store.batch([{ type: 'put', key, value: value.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) }])
    await assert.rejects(cosigner.answer(LOG.request(7, 12)), /record of what was cosigned is damaged/)
  })
})
