import assert from 'node:assert/strict'
import { dailyOf } from '../../../node/log/daily.ts'
import { composeKeyEvents } from '../../../node/log/key-events.ts'
import { NodeError } from '../../../node/errors.ts'
import { DayCounts } from '../../../node/store/day-counts.ts'
import { OwnLog } from '../../support/own-log.ts'

const DAY_MS = 86_400_000

describe('a log of ours', () => {
  let own: OwnLog
  let now = Date.UTC(2026, 10, 28)
  beforeEach(async () => {
    own = await OwnLog.open()
  })
  afterEach(() => own.remove())

  it('grows in a day by no more than the charter lets it, and keeps room for its keys', async () => {
    const counts = new DayCounts(own.store, { entriesPerDay: 10, bytesPerDay: 1_000_000 })
    const appender = own.newAppender(dailyOf(counts, 'own.example', { now: () => now }))
    await appender.start()
    const words = (count: number) => Array.from({ length: count }, () => own.incident())
    const isFull = (error: unknown) => error instanceof NodeError && error.code === 'DAILY_CAP'
    // Ten in a day, one of them kept for what protects somebody; what does not fit as a whole stays out as a whole.
    await assert.rejects(appender.append(words(10)), isFull)
    assert.equal(own.logs.get(own.composer().origin)?.edge.size, 1)
    await appender.append(words(9))
    await assert.rejects(appender.append(words(1)), isFull)
    const events = composeKeyEvents(own.keystore, own.composer(), [{ kind: 'add', purpose: 'statement' }])
    await appender.append(events)
    await assert.rejects(
      appender.append(
        composeKeyEvents(own.keystore, own.composer(), [{ kind: 'add', purpose: 'statement' }]),
      ),
      isFull,
    )
    now += DAY_MS
    const [placed] = await appender.append([own.incident(own.keystore.signers('statement')[0])])
    assert.equal(placed?.index, 11)
    await appender.stop()
  })
})
