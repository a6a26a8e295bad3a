/** What every witness of ours keeps to, whatever logs it cosigns: the conformance suite of `answer`. DESIGN §4.3, spec 03 §12. */
import assert from 'node:assert/strict'
import { native } from '../../node/keys/native.ts'
import type { CosignAnswer } from '../../node/witness/cosigner.ts'
import { bytesOfText } from '../../protocol/bytes.ts'
import { parseCosignatureLines, printAddCheckpoint } from '../../protocol/log/add-checkpoint.ts'
import { verifyCosignature } from '../../protocol/log/cosignature.ts'
import type { ForeignLog } from './foreign-log.ts'
import type { MemoryKeyValue } from './memory-kv.ts'
import { testKey } from './notes.ts'

export const WITNESS = testKey(51)
export const WITNESS_NAME = 'a.example/candor/witness'

export type WitnessUnderTest = {
  readonly answer: (body: Uint8Array) => Promise<CosignAnswer>
  /** The same witness again, over what is on disk now. */
  readonly restarted: () => Promise<WitnessUnderTest>
  /** Waits for whatever an answer set going. */
  readonly settled: () => Promise<void>
  readonly store: MemoryKeyValue
  readonly clock: { at: number }
}

export type Witnessed = {
  /** A log that it cosigns, another history of it under the same key, one under another key, and a log that it does not know. */
  readonly log: ForeignLog
  readonly fork: ForeignLog
  readonly otherKey: ForeignLog
  readonly unknown: ForeignLog
  /** The first byte of the keys under which its records stand. */
  readonly prefix: number
  readonly open: (how: 'recovered' | 'not recovered') => Promise<WitnessUnderTest>
}

export function keepsToTheRules({ log, fork, otherKey, unknown, prefix, open }: Witnessed): void {
  it('cosigns the text of a head, at the time of its clock', async () => {
    const { answer, clock } = await open('recovered')
    const { status, body } = await answer(log.request(0, 7))
    assert.equal(status, 200)
    const lines = parseCosignatureLines(body)
    assert.ok(lines.ok)
    const note = { text: log.text(7), signatures: lines.value }
    const verified = verifyCosignature(native, { name: WITNESS_NAME, key: WITNESS.key }, note)
    assert.ok(verified.ok)
    assert.equal(verified.value.time, clock.at / 1_000)
  })

  it('has what it states on disk before it answers, in a key space of its own', async () => {
    const { answer, store } = await open('recovered')
    const seen: (number | undefined)[] = []
    store.onBatch = (operations) => {
      for (const { key } of operations) seen.push(key[0])
    }
    await answer(log.request(0, 7))
    assert.deepEqual(seen, [prefix])
    store.onBatch = () => {
      throw new Error('the disk is full')
    }
    await assert.rejects(answer(log.request(7, 12)), /the disk is full/)
    store.onBatch = () => undefined
    const { status, body } = await answer(log.request(12, 20))
    assert.deepEqual([status, Buffer.from(body).toString()], [409, '7\n'])
  })

  it('never goes back over a restart', async () => {
    const first = await open('recovered')
    assert.equal((await first.answer(log.request(0, 12))).status, 200)
    const { answer, clock } = await first.restarted()
    assert.equal((await answer(log.request(0, 7))).status, 409)
    assert.equal((await answer(log.request(12, 12))).status, 200)
    clock.at -= 1_000
    assert.deepEqual((await answer(log.request(12, 20))).why, 'clock-behind')
    clock.at += 1_000
    assert.equal((await answer(log.request(12, 20))).status, 200)
  })

  it('answers one of two requests that overlap with the size of the other', async () => {
    const { answer } = await open('recovered')
    const answers = await Promise.all([answer(log.request(0, 7)), answer(log.request(0, 12))])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 409],
    )
  })

  it('keeps two roots of one size as what they are, and cosigns that log no more', async () => {
    const witness = await open('recovered')
    await witness.answer(log.request(0, 12))
    const forked = await witness.answer(fork.request(12, 12))
    assert.deepEqual([forked.status, forked.why], [409, 'root-differs'])
    await witness.settled()
    assert.equal((await witness.answer(log.request(12, 20))).why, 'log-frozen')
    const again = await witness.restarted()
    assert.equal((await again.answer(log.request(12, 20))).why, 'log-frozen')
  })

  for (const [what, body, status] of [
    ['a log that it does not know', unknown.request(0, 7), 404],
    ['a head under another key', otherKey.request(0, 7), 403],
    ['a head below the size it is said to have', log.request(9, 7), 400],
    ['rubbish', bytesOfText('old x\n\n'), 400],
    ['no note', bytesOfText('old 0\n\nx'), 400],
    [
      'a proof from nothing',
      printAddCheckpoint({ oldSize: 0, proof: [new Uint8Array(32)], note: log.note(7) }),
      422,
    ],
  ] as const) {
    it(`refuses ${what} with ${status}`, async () => {
      const { answer, store } = await open('recovered')
      assert.equal((await answer(body)).status, status)
      assert.equal(store.size, 0)
    })
  }

  it('cosigns nothing before its own log is recovered', async () => {
    const { answer } = await open('not recovered')
    assert.equal((await answer(log.request(0, 7))).status, 503)
  })

  it('says nothing where its record is damaged', async () => {
    const { answer, store } = await open('recovered')
    await answer(log.request(0, 7))
    for await (const [key, value] of store.iterate({
      gte: Uint8Array.of(prefix),
      lt: Uint8Array.of(prefix + 1),
    }))
      await store.batch([{ type: 'put', key, value: value.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) }])
    await assert.rejects(answer(log.request(7, 12)), /record of what was cosigned is damaged/)
  })
}
