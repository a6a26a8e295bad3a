/** `candor audit` as a process that is killed half-way: the next one goes on where it was. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Service } from '../../node/api/client.ts'
import type { Fake } from '../support/fake-service.ts'
import { serving } from '../support/api.ts'
import { makeSignedLog, type SignedLog } from '../support/signed-log.ts'
import { until } from '../support/until.ts'

const MAIN = resolve('dist/cli/main.js')
const SIZE = 9_000
/** Up to here the node answers until it is let go on. */
const HALF_WAY = 6_144

type Ran = { readonly exit: number | null; readonly report: Report }
type Report = {
  readonly verdict: string
  readonly logs: readonly {
    readonly resumed: number | null
    readonly entries: number
    readonly signatures: number
  }[]
  readonly notShown: readonly string[]
}

describe('candor audit, killed half-way', function () {
  this.timeout(180_000)
  let log: SignedLog
  before(async () => {
    log = await makeSignedLog(SIZE - 1)
  })

  /** A node that holds this log and, until `open` is called, hands over only the first part of it. */
  function nodeWith() {
    let open: () => void = () => undefined
    const opened = new Promise<void>((done) => (open = done))
    const note = log.noteOf(log.leaves)
    const view = { origin: log.origin, size: SIZE, domain: 'a.example' }
    const service: Partial<Service> = {
      charter: () => Promise.resolve(log.charterBytes),
      logs: () => Promise.resolve([view] as never),
      head: () => Promise.resolve(note),
      quorumHeads: () => Promise.resolve([]),
      evidenceList: () => Promise.resolve([]),
    }
    const answerOf = (fake: () => Fake): Service['entries'] => {
      return async (_origin, from, count) => {
        fake().calls.push(`entries ${from} ${count}`)
        if (from >= HALF_WAY) await opened
        const some = log.leaves.slice(from, from + count)
        const parts = some.map(({ part }) => [part.opening, part.mediaType, part.bytes] as const)
        return { from, entries: some.map(({ bytes }) => bytes), parts }
      }
    }
    return { service, answerOf, open: () => open() }
  }

  const words = (home: string, more: readonly string[]) => [MAIN, '--home', home, '--json', 'audit', ...more]

  async function run(home: string, ...more: readonly string[]): Promise<Ran> {
    const child = spawn(process.execPath, words(home, more), { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    for await (const text of child.stdout.setEncoding('utf8')) said += String(text)
    if (child.exitCode === null) await once(child, 'exit')
    return { exit: child.exitCode, report: JSON.parse(said).data }
  }

  /** Starts an audit and kills it once it waits for what lies beyond the half. */
  async function killHalfWay(
    home: string,
    calls: readonly string[],
    ...more: readonly string[]
  ): Promise<string> {
    const child = spawn(process.execPath, words(home, more), { stdio: 'ignore' })
    const directory = join(home, 'audits')
    await until('the audit is half-way', () => {
      const isThere = existsSync(directory) && readdirSync(directory).some((name) => name.endsWith('.state'))
      return isThere && calls.some((call) => Number(call.split(' ')[1]) >= HALF_WAY)
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    return join(directory, readdirSync(directory).find((name) => name.endsWith('.state')) ?? '')
  }

  async function withNode(
    use: (home: string, calls: string[], open: () => void) => Promise<void>,
  ): Promise<void> {
    const { service, answerOf, open } = nodeWith()
    const made: { fake?: Fake } = {}
    const fake = () => {
      if (made.fake === undefined) throw new Error('bug: nothing is asked before it serves')
      return made.fake
    }
    const entries = answerOf(fake)
    await serving({ ...service, entries }, async ({ home, fake: served }) => {
      made.fake = served
      await use(home, served.calls, open)
    })
  }

  for (const jobs of ['0', '2']) {
    it(`goes on where it was, with --jobs ${jobs}, and says so`, () =>
      withNode(async (home, calls, open) => {
        await killHalfWay(home, calls, '--jobs', jobs)
        calls.length = 0
        open()
        const { exit, report } = await run(home, '--jobs', jobs)
        assert.equal(exit, 0)
        const [only] = report.logs
        assert.ok(only !== undefined && only.resumed !== null && only.resumed >= 4_096)
        assert.deepEqual([only.entries, only.signatures], [SIZE, SIZE])
        assert.ok(report.notShown.some((line) => line.includes('--fresh')))
        const asked = calls.map((call) => call.split(' ').map(Number)).filter(([, , count = 0]) => count > 1)
        assert.ok(
          asked.every(([, from = 0]) => from >= (only.resumed ?? 0)),
          'what was checked is not fetched again',
        )
        assert.equal(existsSync(join(home, 'audits')), false, 'a finished audit leaves nothing to go on with')
      }))
  }

  it('says that it was interrupted and goes on, in a pipe without control characters', () =>
    withNode(async (home, calls, open) => {
      const plain = words(home, ['--jobs', '0']).filter((word) => word !== '--json')
      const child = spawn(process.execPath, plain, { stdio: ['ignore', 'pipe', 'pipe'] })
      let [out, err] = ['', '']
      child.stdout.on('data', (bytes) => (out += String(bytes)))
      child.stderr.on('data', (bytes) => (err += String(bytes)))
      await until('the audit is half-way', () => calls.some((call) => Number(call.split(' ')[1]) >= HALF_WAY))
      const closed = once(child, 'close')
      child.kill('SIGINT')
      await closed
      assert.deepEqual([child.exitCode, child.signalCode, out], [null, 'SIGINT', ''])
      assert.match(
        err,
        /^(?:a\.example: .*\n)*interrupted: the same command goes on where this one was; --fresh begins anew\n$/,
      )
      open()
      const { report } = await run(home, '--jobs', '0')
      assert.ok((report.logs[0]?.resumed ?? 0) >= 4_096)
    }))

  it('begins anew with --fresh, or where the file is damaged', () =>
    withNode(async (home, calls, open) => {
      const state = await killHalfWay(home, calls)
      const good = readFileSync(state)
      open()
      const whole = async (...more: readonly string[]) => {
        const { exit, report } = await run(home, ...more)
        assert.deepEqual([exit, report.logs[0]?.resumed, report.logs[0]?.entries], [0, null, SIZE])
      }
      await whole('--fresh')
      mkdirSync(join(home, 'audits'), { recursive: true })
      writeFileSync(
        state,
        good.map((byte, at) => (at === 100 ? byte ^ 1 : byte)),
      )
      await whole()
      mkdirSync(join(home, 'audits'), { recursive: true })
      writeFileSync(state, good)
      const again = await run(home)
      assert.ok((again.report.logs[0]?.resumed ?? 0) >= 4_096, 'the same file, sound, is gone on with')
    }))
})
