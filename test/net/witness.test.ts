import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { native } from '../../node/keys/native.ts'
import { CandorNode } from '../../node/node.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { cosignersOf, printCosigned } from '../../protocol/log/cosigned-head.ts'
import { quorum } from '../../protocol/log/cosignature.ts'
import { printOrigin } from '../../protocol/log/checkpoint.ts'
import { keyOf } from '../../node/store/prefixes.ts'
import { cosignedHeadsOf } from '../../node/witness/witnessing.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { until } from '../support/until.ts'

const MEMBERS = 4

describe('a coalition that cosigns', function () {
  this.timeout(180_000)
  let coalition: Coalition
  const nodes: CandorNode[] = []

  const start = async (number: number) => {
    const home = coalition.members[number]?.home
    assert.ok(home)
    const { charterFile } = coalition
    const node = await CandorNode.start({
      home,
      passphrase: undefined,
      charterFile,
      tickMs: 300,
      onGrown: () => undefined,
    })
    nodes[number] = node
    return node
  }
  const node = (number: number) => {
    const one = nodes[number]
    assert.ok(one)
    return one
  }
  const originOf = (number: number) => {
    const charter = readCharter(native, readFileSync(coalition.charterFile))
    const domain = coalition.members[number]?.domain
    assert.ok(charter.ok && domain !== undefined)
    return printOrigin({ domain, networkId: charter.value.networkId, epoch: 1 })
  }
  const quorumSize = (at: CandorNode, origin: string) =>
    at.opened.cosigned.get(origin)?.quorum?.checkpoint.size ?? 0

  before(async () => {
    coalition = await makeCoalition(MEMBERS)
    await Promise.all(coalition.members.map((_, number) => start(number)))
    await until('all may sign', () => nodes.every((one) => one.readOnly() === undefined))
  })

  after(async () => {
    for (const one of nodes) await one.stop()
    coalition.remove()
  })

  it('brings the newest head of every log to a quorum on every node', async () => {
    await node(0).publisher.publish([{ kind: 'incident', public: { title: 'One' } }])
    const origins = coalition.members.map((_, number) => originOf(number))
    await until('every node knows a quorum for every log', () =>
      nodes.every((one) =>
        origins.every((origin) => quorumSize(one, origin) === (origin === origins[0] ? 2 : 1)),
      ),
    )
    // A quorum is of mirrors; the last witness may be heard after it.
    const head = await until('every witness is heard', () => {
      const known = node(3).opened.cosigned.get(originOf(0))?.quorum
      return known !== undefined && cosignersOf(known, 'witness').size === MEMBERS - 1 && known
    })
    const mirrors = cosignersOf(head, 'mirror')
    assert.ok(mirrors.size >= quorum(MEMBERS - 1))
    assert.ok(!mirrors.has('a.example'))
  })

  it('reaches the same lines everywhere, also a node that was away', async () => {
    await node(2).stop()
    await node(0).publisher.publish([{ kind: 'incident', public: { title: 'Two' } }])
    await until('the others confirm it', () => {
      const known = node(1).opened.cosigned.get(originOf(0))?.newest
      return known?.checkpoint.size === 3 && cosignersOf(known, 'mirror').size === 2
    })
    // Of three others all three are needed, so nothing is confirmed while one is away.
    assert.equal(quorumSize(node(1), originOf(0)), 2)
    await start(2)
    await until('a quorum is there again', () => nodes.every((one) => quorumSize(one, originOf(0)) === 3))
    await until('all know the same lines', () => {
      const known = nodes.map((one) => one.opened.cosigned.get(originOf(0))?.newest)
      const [first] = known
      return (
        first !== undefined &&
        known.every((one) => one && sameBytes(printCosigned(one), printCosigned(first)))
      )
    })
  })

  it('confirms what is published in a burst, without holding it up', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        node(1).publisher.publish([{ kind: 'incident', public: { title: `Burst ${i}` } }]),
      ),
    )
    await until('all of it is confirmed everywhere', () =>
      nodes.every((one) => quorumSize(one, originOf(1)) === 41),
    )
  })
})

describe('cosignatures that were damaged on disk', function () {
  this.timeout(180_000)
  let coalition: Coalition
  const nodes: CandorNode[] = []

  const start = async (number: number) => {
    const home = coalition.members[number]?.home
    assert.ok(home)
    const { charterFile } = coalition
    return CandorNode.start({
      home,
      passphrase: undefined,
      charterFile,
      tickMs: 300,
      onGrown: () => undefined,
    })
  }

  before(async () => {
    coalition = await makeCoalition(2)
    for (const number of [0, 1]) nodes.push(await start(number))
  })

  after(async () => {
    for (const one of nodes) await one.stop()
    coalition.remove()
  })

  it('are found and named, never counted, and come back', async () => {
    const [a, b] = nodes
    assert.ok(a && b)
    const { origin } = b.opened
    const known = await until('A knows a quorum for the log of B', () => {
      const found = a.opened.cosigned.get(origin)
      // Both lines of A, or the one that is missing comes meanwhile and is written over the damage.
      return found?.quorum !== undefined && found.newest.cosignatures.length === 2 && found
    })
    assert.deepEqual(a.opened.cosigned.damaged(), [])
    const log = a.opened.logs.get(origin)
    assert.ok(log)
    const altered = printCosigned(known.newest)
    // The last character of the last line's signature that is not padding.
    const at = altered.length - 6
    const value = altered.map((byte, i) => (i === at ? (byte === 0x41 ? 0x42 : 0x41) : byte))
    for (const kind of [0, 1]) {
      const key = keyOf('cosigned', { log: log.number }, { byte: kind })
      await a.opened.database.batch([{ type: 'put', key, value }], 'durable')
    }
    assert.deepEqual(a.opened.cosigned.damaged(), [origin])

    // What a start finds: the damaged line is left out, and the row is named.
    const heads = cosignedHeadsOf(
      native,
      a.opened.database,
      a.opened.logs,
      a.opened.charter,
      a.opened.evidence,
    )
    assert.equal(heads.get(origin)?.newest.cosignatures.length, known.newest.cosignatures.length - 1)
    assert.deepEqual(heads.damaged(), [origin])
    assert.equal((await heads.add(printCosigned(known.newest))).kind, 'new')
    assert.deepEqual(heads.damaged(), [])
    assert.deepEqual(heads.get(origin)?.newest, known.newest)

    await a.opened.database.batch(
      [
        {
          type: 'put',
          key: keyOf('cosigned', { log: log.number }, { byte: 0 }),
          value: value.subarray(0, 90),
        },
      ],
      'durable',
    )
    assert.deepEqual(a.opened.cosigned.damaged(), [origin])
    await a.opened.cosigned.mend()
    assert.deepEqual(a.opened.cosigned.damaged(), [])
  })
})

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b)
}
