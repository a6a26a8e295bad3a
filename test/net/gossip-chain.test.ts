import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { printNews } from '../../protocol/sync/message.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { declaredKeys, forged } from '../support/cosigned-store.ts'
import { chunkOf, Gossiping, lineOn, noteOver } from '../support/gossiping.ts'
import { Mirror } from '../support/mirror.ts'
import { NETWORK_ID, noteOf } from '../support/notes.ts'
import { ORIGIN } from '../support/own-log.ts'
import { startRawPeer, type RawPeer } from '../support/raw-peer.ts'
import { until } from '../support/until.ts'

/** A member whose cosigner keys the node in the middle does not know. */
const STRANGE = 3

describe('gossip along a chain of nodes, each connected to the next alone', function () {
  this.timeout(120_000)
  const { heads: topic } = protocolsOf(NETWORK_ID)
  let first: Mirror
  let hosts: readonly RawPeer[]
  let middle: Gossiping
  let last: Gossiping
  let lastWorld: Mirror

  beforeEach(async () => {
    first = await Mirror.open()
    const middleWorld = Mirror.beside(first)
    lastWorld = Mirror.beside(first)
    hosts = await Promise.all(
      [0, 1, 2].map(() => startRawPeer(randomBytes(32), NETWORK_ID, ['/ip4/127.0.0.1/tcp/0'])),
    )
    const [a, b, c] = hosts
    assert.ok(a && b && c)
    const keysOf = (domain: string) => (domain === `m${STRANGE}.example` ? undefined : declaredKeys(domain))
    middle = new Gossiping(middleWorld, b.host.services.pubsub, topic, { keysOf })
    last = new Gossiping(lastWorld, c.host.services.pubsub, topic)
    a.host.services.pubsub.subscribe(topic)
    for (const other of [a, c]) {
      const [address] = b.host.getMultiaddrs()
      assert.ok(address)
      await other.host.dial(multiaddr(address.toString()))
    }
    await until('they hear one another', () =>
      [a, b, c].every(
        ({ host }) => host.services.pubsub.getSubscribers(topic).length === (host === b.host ? 2 : 1),
      ),
    )
    assert.equal(a.host.getConnections().length + c.host.getConnections().length, 2)
  })

  afterEach(async () => {
    for (const host of hosts) await host.stop()
    first.own.remove()
  })

  const say = async (...[note, chunk]: readonly [Uint8Array, ReturnType<typeof chunkOf> | null]) => {
    await hosts[0]?.host.services.pubsub.publish(topic, printNews({ t: 'news', note, chunk }))
  }
  const linesAt = (node: Gossiping) => node.heads.get(ORIGIN)?.newest.cosignatures.map(({ domain }) => domain)

  it('brings heads, their entries and the cosignatures on them to its end', async () => {
    for (const grown of [1, 2, 3]) {
      if (grown > 1) first.leaves.push(first.own.incident())
      await say(noteOver(first), chunkOf(first, grown - 1))
      await until('the entries are at the end', () => lastWorld.heldSize() === grown)
      for (const n of [1, 2]) {
        await say(noteOver(first, ...Array.from({ length: n }, (_, at) => lineOn(first, at + 1))), null)
        await until('the lines are at the end', () => linesAt(last)?.length === n)
      }
    }
    assert.deepEqual([middle.forged, last.forged], [[], []])
  })

  it('brings no line to its end that the node in the middle could not verify, and nobody blames that node', async () => {
    await say(noteOver(first), chunkOf(first, 0))
    await until('the entries are at the end', () => lastWorld.heldSize() === 1)
    const lie = forged(lineOn(first, STRANGE))
    await say(noteOver(first, lie, lineOn(first, 1)), null)
    await until('the good line is at the end', () => linesAt(last)?.length === 1)
    await say(noteOver(first, lineOn(first, STRANGE), lineOn(first, 1), lineOn(first, 2)), null)
    await until('the good lines are at the end', () => linesAt(last)?.length === 2)
    assert.deepEqual(linesAt(last), ['m1.example', 'm2.example'])
    assert.deepEqual([middle.forged, last.forged], [[], []])
    // The end knows the key and would have found the lie.
    assert.deepEqual((await last.heads.heed(noteOver(first, lie))).forged, [lie.name])
    assert.equal(noteOf(last.heads.noteWith(noteOver(first))).signatures.length, 3)
  })
})
