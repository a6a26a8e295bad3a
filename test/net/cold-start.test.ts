import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { native } from '../../node/keys/native.ts'
import { CandorNode } from '../../node/node.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { hasCode } from '../support/directory.ts'
import { signedLogOf } from '../support/signed-log.ts'
import { until } from '../support/until.ts'

const RECORD = [{ kind: 'incident', public: { title: 'A title' } }] as const

describe('starting a coalition', function () {
  this.timeout(180_000)
  let coalition: Coalition
  let running: CandorNode[] = []

  beforeEach(async () => {
    coalition = await makeCoalition(3)
  })

  afterEach(async () => {
    await stopAll()
    coalition.remove()
  })

  const homeOf = (number: number) => {
    const home = coalition.members[number]?.home
    assert.ok(home)
    return home
  }
  const start = async (number: number) => {
    const options = { home: homeOf(number), passphrase: undefined, charterFile: coalition.charterFile }
    const node = await CandorNode.start({ ...options, tickMs: 150, onGrown: () => undefined })
    running.push(node)
    return node
  }
  const startAll = () => Promise.all([0, 1, 2].map(start))
  const stopAll = async () => {
    await Promise.all(running.map((node) => node.stop()))
    running = []
  }
  const isReady = (node: CandorNode) => node.readOnly() === undefined
  const sizeOf = (node: CandorNode) => node.opened.logs.get(node.opened.origin)?.edge.size
  /** What one of them has lost since then, the others have. */
  const holdAll = (nodes: readonly CandorNode[]) =>
    nodes.every((one) =>
      nodes.every((other) => {
        const held = other.opened.logs.get(one.opened.origin)
        return held?.complete !== undefined && held.edge.size === sizeOf(one)
      }),
    )

  it('with all nodes at once comes up, the first time and again', async () => {
    for (const round of [1, 2, 3]) {
      const nodes = await startAll()
      await until(`all may sign in round ${round}`, () => nodes.every(isReady))
      for (const node of nodes) await node.publisher.publish(RECORD)
      assert.deepEqual(nodes.map(sizeOf), [1 + round, 1 + round, 1 + round])
      await stopAll()
    }
  })

  it('for the first time does not wait for a member that is late, and the late one joins', async () => {
    const [a, b] = [await start(0), await start(1)]
    await until('the first two may sign', () => [a, b].every(isReady))
    await a.publisher.publish(RECORD)
    const c = await start(2)
    await until('the third may sign', () => isReady(c))
    await until('it has what it missed', () => c.opened.logs.get(a.opened.origin)?.edge.size === 2)
  })

  it('again waits for both others, says so, and goes on when they are there', async () => {
    const first = await startAll()
    await until('all may sign', () => first.every(isReady))
    await stopAll()
    const [a, b] = [await start(0), await start(1)]
    await sleep(2_000)
    for (const node of [a, b]) {
      assert.match(node.readOnly()?.why ?? '', /1 of 2 other members .*; 2 must/)
      await assert.rejects(node.publisher.publish(RECORD), hasCode('READ_ONLY'))
    }
    const c = await start(2)
    await until('all may sign again', () => [a, b, c].every(isReady))
  })

  it('with an empty database is no first start for keys that have signed', async () => {
    const first = await startAll()
    await until('all may sign', () => first.every(isReady))
    await until('all hold the logs of all', () => holdAll(first))
    const before = first.map(sizeOf)
    await stopAll()
    rmSync(homeOf(0).database, { recursive: true })
    rmSync(homeOf(1).database, { recursive: true })
    const [a, b] = [await start(0), await start(1)]
    await sleep(2_000)
    // Nobody who answered knows a head of A's: that is not enough, since A remembers that there is one.
    assert.ok(![a, b].some(isReady))
    assert.deepEqual([sizeOf(a), sizeOf(b)], [undefined, undefined])
    const c = await start(2)
    await until('all hold their logs again', () => [a, b, c].every(isReady))
    assert.deepEqual([a, b, c].map(sizeOf), before)
    assert.deepEqual(
      [a, b, c].map(({ recovery }) => {
        const state = recovery.current()
        return state.kind === 'recovered' ? state.how : state.kind
      }),
      ['restored', 'restored', 'current'],
    )
  })

  it('never goes on with a log that is frozen, and says why', async () => {
    const nodes = await startAll()
    await until('all may sign', () => nodes.every(isReady))
    const [a, b] = nodes
    assert.ok(a && b)
    await until('B holds the log of A', () => b.opened.logs.get(a.opened.origin)?.complete !== undefined)
    // Somebody else has the log key.
    const thief = signedLogOf(coalition, 0, 2)
    const subject = { name: thief.origin, type: SIGNATURE_TYPE.ed25519, key: thief.logKey }
    const [one, two] = [thief.leaves.slice(0, 2), [...thief.leaves.slice(0, 1), ...thief.leaves.slice(2)]]
    const proof = proveSameSize(native, { subject, a: thief.noteOf(one), b: thief.noteOf(two) })
    assert.ok(proof.ok)
    const file = printEquivocation(native, proof.value)
    assert.equal((await b.opened.evidence.add(file, 'a test')).kind, 'new')
    await until('A has heard', () => a.readOnly()?.error.code === 'LOG_FROZEN')
    await assert.rejects(a.publisher.publish(RECORD), hasCode('LOG_FROZEN'))
    await stopAll()
    const again = await startAll()
    await until('the others may sign', () => again.slice(1).every(isReady))
    const [frozen] = again
    assert.ok(frozen)
    await assert.rejects(frozen.publisher.publish(RECORD), hasCode('LOG_FROZEN'))
    assert.equal(sizeOf(frozen), 1)
    assert.match(frozen.readOnly()?.why ?? '', /two histories/)
  })
})
