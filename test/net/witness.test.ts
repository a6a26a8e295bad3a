import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { native } from '../../node/keys/native.ts'
import { CandorNode } from '../../node/node.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { cosignersOf, printCosigned } from '../../protocol/log/cosigned-head.ts'
import { quorum } from '../../protocol/log/cosignature.ts'
import { printOrigin } from '../../protocol/log/checkpoint.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { until } from '../support/until.ts'

const MEMBERS = 4

describe('a coalition that cosigns', function () {
  this.timeout(60_000)
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
    const head = node(3).opened.cosigned.get(originOf(0))?.quorum
    assert.ok(head)
    const mirrors = cosignersOf(head, 'mirror')
    assert.ok(mirrors.size >= quorum(MEMBERS - 1))
    assert.ok(!mirrors.has('a.example'))
    assert.equal(cosignersOf(head, 'witness').size, MEMBERS - 1)
  })

  it('reaches the same lines everywhere, also a node that was away', async () => {
    await node(2).stop()
    await node(0).publisher.publish([{ kind: 'incident', public: { title: 'Two' } }])
    await until('the others confirm it', () => quorumSize(node(1), originOf(0)) === 3).catch(() => undefined)
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

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b)
}
