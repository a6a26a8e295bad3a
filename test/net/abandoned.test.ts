import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Home } from '../../node/home.ts'
import { CandorNode } from '../../node/node.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { until } from '../support/until.ts'

const TICK_MS = 150

/** Rounds in which a node that is wrong about itself has every occasion to show it. */
const ROUNDS = 12

describe('a backup of a history that nobody saw and that went on otherwise', function () {
  this.timeout(240_000)
  const running = new Set<CandorNode>()
  let coalition: Coalition
  beforeEach(async () => {
    coalition = await makeCoalition(3)
  })
  afterEach(async () => {
    await Promise.all([...running].map((node) => node.stop()))
    running.clear()
    coalition.remove()
  })

  const homeOf = (number: number): Home => {
    const one = coalition.members[number]?.home
    assert.ok(one)
    return one
  }
  const start = async (number: number): Promise<CandorNode> => {
    const { charterFile } = coalition
    const options = { home: homeOf(number), passphrase: undefined, charterFile, tickMs: TICK_MS }
    const node = await CandorNode.start({ ...options, onGrown: () => undefined })
    running.add(node)
    return node
  }
  const stop = async (...nodes: readonly CandorNode[]) => {
    for (const node of nodes) {
      running.delete(node)
      await node.stop()
    }
  }
  const sizeOf = (node: CandorNode, origin = node.opened.origin) =>
    node.opened.logs.get(origin)?.edge.size ?? 0
  const isReady = (node: CandorNode) => node.readOnly() === undefined
  const publish = (node: CandorNode, count: number, title: string) =>
    node.publisher.publish(
      Array.from({ length: count }, (_, i) => ({ kind: 'incident', public: { title: `${title} ${i}` } })),
    )
  const database = (name: string) => join(coalition.directory, name)
  const keep = (name: string) => cpSync(homeOf(0).database, database(name), { recursive: true })
  const putBack = (name: string) => {
    rmSync(homeOf(0).database, { recursive: true })
    cpSync(database(name), homeOf(0).database, { recursive: true })
  }

  for (const [unseen, seen, how] of [
    [2, 4, 'shorter than the one that went on'],
    [6, 4, 'longer than the one that went on'],
    [4, 4, 'as long as the one that went on'],
  ] as const) {
    it(`is neither shown nor signed on, ${how}`, async () => {
      let [a, b, c] = [await start(0), await start(1), await start(2)]
      const { origin } = a.opened
      await until('all may sign', () => [a, b, c].every(isReady))
      await publish(a, 2, 'common')
      const common = sizeOf(a)
      await until('all hold it', () => [b, c].every((node) => sizeOf(node, origin) === common))
      await stop(b, c)
      await stop(a)
      keep('common')

      // Alone from the moment it may sign: what it publishes then reaches nobody.
      ;[b, c, a] = [await start(1), await start(2), await start(0)]
      await until('A may sign', () => isReady(a))
      await stop(b, c)
      await publish(a, unseen, 'unseen')
      await stop(a)
      keep('unseen')

      putBack('common')
      ;[b, c, a] = [await start(1), await start(2), await start(0)]
      await until('A may sign again', () => isReady(a))
      await publish(a, seen, 'seen')
      const size = sizeOf(a)
      await until('all hold that', () => [b, c].every((node) => sizeOf(node, origin) === size))
      await stop(a)
      keep('seen')

      putBack('unseen')
      a = await start(0)
      await until('A knows', () => a.recovery.current().kind === 'forked')
      await sleep(ROUNDS * TICK_MS)
      assert.match(a.readOnly()?.why ?? '', /contradicts/)
      assert.equal(sizeOf(a), common + unseen)
      for (const node of [a, b, c]) assert.equal(node.opened.evidence.frozen(origin), undefined)
      for (const node of [b, c]) assert.equal(sizeOf(node, origin), size)

      // The database that was left lets it go on as if nothing had been.
      await stop(a)
      putBack('seen')
      a = await start(0)
      await until('A may sign', () => isReady(a))
      await publish(a, 1, 'after')
      await until('B and C hold all of it', () => [b, c].every((node) => sizeOf(node, origin) === size + 1))
    })
  }
})
