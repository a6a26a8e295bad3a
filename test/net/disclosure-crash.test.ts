import assert from 'node:assert/strict'
import { CrashRun, type Exchange } from '../support/crash-run.ts'
import type { Fate } from '../support/crashing.ts'
import { seededRandom } from '../support/random.ts'

/** Everything that `test/node/disclosure/crash.test.ts` leaves out to be fast. No network and no processes yet. */
describe('every exchange, crashed at every point', function () {
  this.timeout(180_000)
  let runs: CrashRun

  before(async () => {
    runs = await CrashRun.make()
  })

  after(() => runs.remove())

  const exchanges = ['allowed', 'denied', 'revoked', 'erased', 'retracted', 'ended'] as const
  for (const name of exchanges satisfies readonly Exchange[]) {
    it(`is whole wherever a process is killed: ${name}`, async () => {
      for (const fates of await runs.kills(name, 'all')) await runs.run(name, fates)
    })

    it(`discloses nothing over a disk that is full: ${name}`, async () => {
      for (const fates of await runs.failures(name)) await runs.run(name, fates)
    })
  }

  it('is whole when processes are killed again and again', async () => {
    const { random, seed } = seededRandom()
    const { points } = await runs.run('revoked')
    for (let i = 0; i < 40; i++) {
      const fates = Array.from({ length: 5 }, (): [number, Fate] => [
        Math.floor(random() * points.length * 1.5),
        { kind: 'kill', side: random() < 0.5 ? 'owner' : 'reader' },
      ])
      await runs.run('revoked', new Map(fates)).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error })
      })
    }
    assert.ok(points.length > 40)
    process.stdout.write(`      ${points.length} points, 40 times 5 kills, seed ${seed}\n`)
  })
})
