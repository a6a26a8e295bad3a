import assert from 'node:assert/strict'
import { isMap } from '../../../protocol/codec/value.ts'
import { withoutCount } from '../../../protocol/redaction/count.ts'
import { collect, released } from '../../support/crash-check.ts'
import { CrashRun } from '../../support/crash-run.ts'
import { RECORD } from '../../support/parties.ts'

/** The longer exchanges, and many crashes in one, are tried in `test/net/disclosure-crash.test.ts`. */
describe('an exchange that crashes', () => {
  let runs: CrashRun

  before(async () => {
    runs = await CrashRun.make()
  })

  after(() => runs.remove())

  it('is whole when nothing crashes', async () => {
    const pair = await runs.run('allowed')
    const { asked } = pair.reader.disclosure
    const [one] = await collect(asked.all())
    assert.ok(one)
    const document = released(await asked.release(one.id))
    assert.deepEqual(isMap(document) && withoutCount(document), RECORD.partner)
  })

  it('discloses nothing without an entry and claims nothing that was not sent, wherever it is killed', async () => {
    const kills = await runs.kills('allowed', 'telling')
    assert.ok(kills.length >= 20, `${kills.length} points`)
    for (const fates of kills) await runs.run('allowed', fates)
  })

  it('discloses nothing when the disk of the owner is full, whichever batch fills it', async () => {
    for (const fates of await runs.failures('allowed', ['owner'])) await runs.run('allowed', fates)
  })

  it('says that a part is erased when nothing of it is left, wherever it is killed', async () => {
    const kills = await runs.kills('erased', 'telling')
    assert.ok(kills.length >= 30, `${kills.length} points`)
    for (const fates of kills) await runs.run('erased', fates)
  })
})
