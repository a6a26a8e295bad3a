import assert from 'node:assert/strict'
import { NodeError } from '../../../node/errors.ts'
import { Publisher } from '../../../node/log/publisher.ts'
import { sealerOf } from '../../../node/keys/vault.ts'
import { Drafts, type Draft } from '../../../node/store/drafts.ts'
import { hasCode } from '../../support/directory.ts'
import { OwnLog } from '../../support/own-log.ts'

describe('drafts on their way to the log', () => {
  let own: OwnLog
  let drafts: Drafts
  let publisher: Publisher
  const record = new Uint8Array(16).fill(7)
  const draft: Draft = { record, version: 1, kind: 'incident', public: { title: 'x' }, createdAt: 0 }

  beforeEach(async () => {
    own = await OwnLog.open()
    drafts = new Drafts(own.store, sealerOf(own.keystore.vaultKey()))
    publisher = new Publisher({
      clock: { now: () => 0 },
      drafts,
      appender: () => own.appender,
      composer: () => own.composer(),
      admit: ({ public: { title } }) => {
        if (title === 'kept') throw new NodeError('LINT_REFUSED', 'it stays')
      },
      onKept: () => undefined,
    })
    await drafts.put(draft)
  })
  afterEach(() => own.remove())

  it('become one entry, however many publish them at once', async () => {
    const done = await Promise.allSettled([0, 0, 0, 60].map((hold) => publisher.publishDraft(record, hold)))
    assert.deepEqual(
      done.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'rejected'],
    )
    await assert.rejects(publisher.publishDraft(record, 0), hasCode('NOT_FOUND'))
    assert.equal(own.log.edge.size, 2)
  })

  it('wait for nobody in the outbox once they are in the log', async () => {
    await publisher.publishDraft(record, 0)
    await assert.rejects(publisher.publishDraft(record, 60), hasCode('NOT_FOUND'))
    assert.deepEqual(await drafts.held(), [])
  })

  it('are changed by nobody while they are being published, and do not come back', async () => {
    const change = () => drafts.alone(record, (one) => drafts.put({ ...one, kind: 'sighting' }))
    const publishing = publisher.publishDraft(record, 0)
    await assert.rejects(change(), hasCode('CONFLICT'))
    await publishing
    await assert.rejects(change(), hasCode('NOT_FOUND'))
    assert.equal(await drafts.get(record), undefined)
  })

  it('stay when the gate refuses what is stored, whatever was looked at before', async () => {
    await drafts.put({ ...draft, public: { title: 'kept' } })
    for (const hold of [0, 60])
      await assert.rejects(publisher.publishDraft(record, hold), hasCode('LINT_REFUSED'))
    assert.deepEqual([own.log.edge.size, (await drafts.held()).length], [1, 0])
  })
})
