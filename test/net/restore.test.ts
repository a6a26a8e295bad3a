import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Home } from '../../node/home.ts'
import { CandorNode } from '../../node/node.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { hasCode } from '../support/directory.ts'
import { seededRandom } from '../support/random.ts'
import { SeenHeads } from '../support/seen.ts'
import { until } from '../support/until.ts'

const POINTS = 50

/** Older backups that may come back: the newest is restored most often. */
const KEPT_MAX = 6

/** A copy of database and keys as they lay on disk at some moment; `what` of it is put back. */
type Backup = { readonly path: string; readonly what: 'database' | 'home'; readonly size: number }

describe('a node restored from a backup', function () {
  this.timeout(300_000)
  const { random, seed } = seededRandom()
  const pick = (count: number) => Math.floor(random() * count)
  const running = new Set<CandorNode>()
  const backups: Backup[] = []
  let coalition: Coalition
  let home: Home

  before(async () => {
    coalition = await makeCoalition(3)
    home = homeOf(0)
  })

  after(async () => {
    await Promise.all([...running].map((node) => node.stop()))
    coalition.remove()
  })

  const homeOf = (number: number): Home => {
    const one = coalition.members[number]?.home
    assert.ok(one)
    return one
  }
  const start = async (number: number): Promise<CandorNode> => {
    const { charterFile } = coalition
    const options = { home: homeOf(number), passphrase: undefined, charterFile, tickMs: 150 }
    const node = await CandorNode.start({ ...options, onGrown: () => undefined })
    running.add(node)
    return node
  }
  const stop = async (node: CandorNode) => {
    running.delete(node)
    await node.stop()
  }
  const isReady = (node: CandorNode) => node.readOnly() === undefined
  const sizeOf = (node: CandorNode) => node.opened.logs.get(node.opened.origin)?.edge.size ?? 0
  const publish = (node: CandorNode, count: number) =>
    node.publisher.publish(
      Array.from({ length: count }, (_, i) => ({ kind: 'incident', public: { title: `${i}` } })),
    )

  const publishFor = async (node: CandorNode, ms: number) => {
    for (const end = Date.now() + ms; Date.now() < end;) {
      await publish(node, 1 + pick(4))
      await sleep(pick(12))
    }
  }
  const copy = (from: Pick<Home, 'database' | 'keys'>, to: string) => {
    rmSync(to, { recursive: true, force: true })
    cpSync(from.database, join(to, 'db'), { recursive: true })
    cpSync(from.keys, join(to, 'keys'), { recursive: true })
  }
  const backUp = (point: number, size: number) => {
    const path = join(coalition.directory, `backup-${point}`)
    try {
      copy(home, path)
    } catch {
      // The database dropped a file while it was being copied: no backup came of it.
      return
    }
    backups.push({ path, what: pick(2) === 0 ? 'database' : 'home', size })
    if (backups.length > KEPT_MAX) backups.shift()
  }
  const putBack = (path: string, what: Backup['what']) => {
    rmSync(home.database, { recursive: true })
    cpSync(join(path, 'db'), home.database, { recursive: true })
    if (what === 'database') return
    rmSync(home.keys, { recursive: true })
    cpSync(join(path, 'keys'), home.keys, { recursive: true })
  }

  /** Starts what was restored, and hands it over if it may sign. A backup that cannot be opened signs nothing. */
  const tryRestored = async (when: string, meanwhile: (node: CandorNode | undefined) => Promise<void>) => {
    const node = await start(0).catch((error: unknown) => {
      assert.ok(hasCode('STORE_DAMAGED')(error), `${when}: ${String(error)}`)
      return undefined
    })
    await meanwhile(node)
    if (node === undefined) return undefined
    const settled = () => isReady(node) || node.recovery.current().kind !== 'asking'
    await until(when, settled, 30_000).catch(() => undefined)
    if (isReady(node)) return node
    await stop(node)
    return undefined
  }

  it(`at ${POINTS} random points never signs a head that contradicts one that anybody saw`, async () => {
    let [a, c] = [await start(0), await start(2)]
    const b = await start(1)
    const seen = new SeenHeads(a.opened.origin)
    for (const peer of [b, c]) seen.watch(peer)
    const tally = { behind: 0, current: 0, refused: 0, waited: 0 }
    await until('all may sign', () => [a, b, c].every(isReady))

    for (let point = 0; point < POINTS; point++) {
      const when = `point ${point}, CANDOR_SEED=${seed}`
      const publishing = publishFor(a, pick(160))
      await sleep(pick(80))
      backUp(point, sizeOf(a))
      await publishing
      const before = sizeOf(a)
      await stop(a)
      const disk = join(coalition.directory, 'disk')
      copy(home, disk)
      const backup = backups[Math.max(0, backups.length - 1 - pick(pick(KEPT_MAX) + 1))]
      assert.ok(backup)
      putBack(backup.path, backup.what)

      const isAlone = pick(10) === 0
      if (isAlone) {
        seen.stopped(c)
        await stop(c)
      }
      const restored = await tryRestored(when, async (node) => {
        if (!isAlone) return
        await sleep(400)
        assert.ok(node === undefined || !isReady(node), `${when}: one of two answered, and it signs`)
        tally.waited += 1
        c = await start(2)
        seen.watch(c)
      })
      tally[restored === undefined ? 'refused' : backup.size < before ? 'behind' : 'current'] += 1
      // Where nothing may be signed the real disk is found again, or there would be nothing more to test.
      if (restored === undefined) putBack(disk, 'home')
      a = restored ?? (await start(0))
      await until(`${when}: it may sign`, () => isReady(a)).catch((error: unknown) => {
        const state = inspect([a.readOnly()?.why, a.recovery.current(), a.network.members()])
        throw new Error(`${when}: it may not sign: ${state}`, { cause: error })
      })
      await publish(a, 1)
      seen.check(when)
    }

    const origin = a.opened.origin
    const holds = (node: CandorNode) => node.opened.logs.get(origin)?.edge.size === sizeOf(a)
    await until('B and C hold all of it', () => [b, c].every(holds))
    seen.check(`at the end, CANDOR_SEED=${seed}`)
    assert.ok(tally.behind >= POINTS / 4 && tally.refused <= POINTS / 4, JSON.stringify(tally))
    assert.ok(seen.count > POINTS)
  })
})
