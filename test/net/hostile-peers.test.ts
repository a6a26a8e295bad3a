import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAnswer, printRequest } from '../../protocol/sync/message.ts'
import { native } from '../../node/keys/native.ts'
import { Frames } from '../../node/net/framing.ts'
import { INBOUND_STREAMS_MAX, REQUEST_BURST, REQUESTS_PER_SECOND } from '../../node/net/limits.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { CandorNode } from '../../node/node.ts'
import { readCharter } from '../../protocol/governance/charter-file.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { nodeSeedOf, serveLog, startRawPeer, type RawPeer } from '../support/raw-peer.ts'
import { signedLogOf } from '../support/signed-log.ts'
import { until } from '../support/until.ts'

const FRONTIER = printRequest({
  t: 'frontier',
  digest: new Uint8Array(32),
  own: `a.example/candor/${'a'.repeat(52)}/1`,
  struck: new Uint8Array(32),
})

/** How often the node under attack asks its peers. */
const TICK_MS = 200

/** Streams of a flood that are open at once: half of those that one connection may have. */
const AT_ONCE = INBOUND_STREAMS_MAX / 2

describe('hostile peers', function () {
  this.timeout(180_000)
  let coalition: Coalition
  let networkId: string
  let stopping: (() => Promise<void>)[] = []

  beforeEach(async () => {
    coalition = await makeCoalition(2)
    const charter = readCharter(native, readFileSync(coalition.charterFile))
    assert.ok(charter.ok)
    networkId = charter.value.networkId
  })

  afterEach(async () => {
    for (const stop of stopping.toReversed()) await stop()
    stopping = []
    coalition.remove()
  })

  const memberOf = (number: number) => {
    const member = coalition.members[number]
    assert.ok(member)
    return member
  }
  /** The honest node under attack: the second member. */
  const startHonest = async () => {
    const node = await CandorNode.start({
      home: memberOf(1).home,
      passphrase: undefined,
      charterFile: coalition.charterFile,
      tickMs: TICK_MS,
      onGrown: () => undefined,
    })
    stopping.push(() => node.stop())
    return node
  }
  const start = async (seed: Uint8Array, network = networkId, listen: readonly string[] = []) => {
    const peer = await startRawPeer(seed, network, listen)
    stopping.push(peer.stop)
    return peer
  }
  /** A host in the place of the first member. */
  const startFirst = (network = networkId) => {
    const { home, port } = memberOf(0)
    return start(nodeSeedOf(home), network, [`/ip4/127.0.0.1/tcp/${port}`])
  }
  const openSync = (peer: RawPeer, node: CandorNode) =>
    peer.open(memberOf(1).port, node.peerId(), protocolsOf(networkId).sync)
  const kindOfFirst = (node: CandorNode) => node.network.members()[0]?.kind

  it('of another network are known as such, and nothing is asked of them', async () => {
    const other = 'a'.repeat(52)
    const peer = await startFirst(other)
    let asked = 0
    await peer.host.handle(protocolsOf(other).sync, (stream) => {
      asked += 1
      stream.abort(new Error('asked'))
    })
    const node = await startHonest()
    await until('it is known', () => kindOfFirst(node) === 'another-network')
    assert.equal(asked, 0)
    assert.deepEqual(node.opened.logs.all(), [])
    assert.notEqual(node.readOnly(), undefined)
  })

  it('that speak a newer protocol only are known as such', async () => {
    const peer = await startFirst('b'.repeat(52))
    await peer.host.handle(`/candor/${networkId}/sync/2`, (stream) => stream.abort(new Error('not yet')))
    const node = await startHonest()
    await until('it is known', () => kindOfFirst(node) === 'newer-protocol')
  })

  it('pay for a frame that is too long, at once', async () => {
    const node = await startHonest()
    const peer = await start(randomBytes(32))
    const stream = await openSync(peer, node)
    stream.send(Uint8Array.of(0x7f, 0xff, 0xff, 0xff))
    await until('it pays', () => node.network.peers.score(peer.id) < -10)
    assert.match(node.network.peers.reason(peer.id) ?? '', /too long/)
    await until('the stream is ended', () => stream.status !== 'open')
  })

  it('cannot hold a stream by sending nothing, or a byte now and then', async () => {
    const node = await startHonest()
    const peer = await start(randomBytes(32))
    const [silent, slow] = [await openSync(peer, node), await openSync(peer, node)]
    slow.send(Uint8Array.of(0, 0, 8, 0))
    const begun = performance.now()
    const drip = setInterval(() => slow.status === 'open' && slow.send(Uint8Array.of(1)), 500)
    await until('both are ended', () => silent.status !== 'open' && slow.status !== 'open')
    clearInterval(drip)
    assert.ok(performance.now() - begun < 15_000)
    assert.match(node.network.peers.reason(peer.id) ?? '', /stood still/)
  })

  it('that flood are told to wait, while others are answered', async () => {
    const node = await startHonest()
    const [flooder, other] = [await start(randomBytes(32)), await start(randomBytes(32))]
    const reasons = new Map<string, number>()
    const count = (reason: string) => reasons.get(reason) ?? 0
    const begun = performance.now()
    // How many it takes until a hundred are refused rests on how soon this machine can ask.
    await until('a hundred are told to wait', async () => {
      const flood = Array.from({ length: AT_ONCE }, async () => exchange(await openSync(flooder, node)))
      for (const asked of await Promise.allSettled(flood)) {
        const reason = asked.status === 'fulfilled' ? asked.value : 'cut'
        reasons.set(reason, count(reason) + 1)
      }
      return count('busy') >= 100
    })
    const seconds = (performance.now() - begun) / 1_000
    const most = REQUEST_BURST + REQUESTS_PER_SECOND * seconds + 1
    assert.ok(count('done') <= most, `${seconds} s: ${JSON.stringify([...reasons])}`)
    assert.equal(await exchange(await openSync(other, node)), 'done')
  })

  it('that gossip junk are banned, and a ban holds against dialling again', async () => {
    const node = await startHonest()
    const peer = await start(randomBytes(32))
    const { heads } = protocolsOf(networkId)
    const { pubsub } = peer.host.services
    pubsub.subscribe(heads)
    await (await openSync(peer, node)).close()
    await until('it hears us', () => pubsub.getSubscribers(heads).length > 0)
    await until('it is banned', async () => {
      await pubsub.publish(heads, randomBytes(200)).catch(() => undefined)
      return node.network.peers.isBanned(peer.id)
    })
    await until('it is cut off', () => peer.host.getConnections().length === 0)
    const again = await openSync(peer, node).then(
      (stream) => exchange(stream),
      () => 'refused',
    )
    assert.notEqual(again, 'done')
    assert.ok(node.problems().some(({ peer: named, fault }) => named === peer.id && /banned/.test(fault)))
  })

  it('whose log holds an entry that is not valid: the log stops there, its author is named, the sender is not', async () => {
    const log = signedLogOf(coalition, 0, 12)
    // Signed with the log's own key over a statement whose signature is not good: only its author can do that.
    const leaves = log.leaves.map((leaf, index) => {
      return index === 9 ? { ...leaf, bytes: withAlteredEnd(leaf.bytes) } : leaf
    })
    const peer = await startFirst()
    await serveLog(peer, networkId, log.noteOf(leaves), leaves)
    const node = await startHonest()
    const problem = await until('it is named', () =>
      node.problems().find(({ origin }) => origin !== undefined),
    )
    assert.deepEqual(
      [problem.origin, problem.blame, problem.fault, problem.index],
      [log.origin, 'author', 'signature', 9],
    )
    assert.equal(node.opened.logs.get(log.origin)?.edge.size, 9)
    assert.equal(node.opened.logs.get(log.origin)?.complete, undefined)
    assert.equal(node.network.peers.score(peer.id), 0)
  })

  it('cannot keep a node from signing with a head of its own log that it never signed', async () => {
    const own = signedLogOf(coalition, 1, 0)
    const foreign = signedLogOf(coalition, 0, 40)
    const head = parseSignedCheckpoint(foreign.noteOf(foreign.leaves))
    assert.ok(head.ok)
    const forged = Buffer.from(
      Buffer.from(foreign.noteOf(foreign.leaves)).toString().replaceAll(foreign.origin, own.origin),
    )
    const peer = await startFirst()
    await serveLog(peer, networkId, forged, foreign.leaves)
    const node = await startHonest()
    await until('it may sign', () => node.readOnly() === undefined)
    assert.ok(node.network.peers.score(peer.id) < 0)
  })

  it('are heard although each answer takes longer than the time between two questions', async () => {
    const log = signedLogOf(coalition, 0, 12)
    const peer = await startFirst()
    await serveLog(peer, networkId, log.noteOf(log.leaves), log.leaves, { afterMs: 3 * TICK_MS })
    const node = await startHonest()
    await until('it may sign', () => node.readOnly() === undefined)
    assert.equal(node.opened.logs.get(log.origin)?.edge.size, log.leaves.length)
  })

  it('that hold a longer log of ours, signed with our key, keep us from signing another one', async () => {
    const first = await startHonest()
    const own = signedLogOf(coalition, 1, 20)
    stopping.pop()
    await first.stop()
    rmSync(memberOf(1).home.database, { recursive: true })
    const peer = await startFirst()
    // The head is ours; what leads to it is withheld.
    await serveLog(peer, networkId, own.noteOf(own.leaves), own.leaves.slice(0, 3))
    const node = await startHonest()
    await until('it was told', () => /21 entries|hold 21/.test(node.readOnly()?.why ?? ''))
    await sleep(2_000)
    assert.match(node.readOnly()?.why ?? '', /21/)
    await assert.rejects(node.publisher.publish([{ kind: 'incident', public: {} }]), { code: 'READ_ONLY' })
  })

  it('that saw another history of our log, however little of it, keep us from signing', async () => {
    const first = await startHonest()
    const own = signedLogOf(coalition, 1, 20)
    const other = signedLogOf(coalition, 1, 15)
    assert.notDeepEqual(other.noteOf(other.leaves), own.noteOf(own.leaves.slice(0, 15)))
    stopping.pop()
    await first.stop()
    rmSync(memberOf(1).home.database, { recursive: true })
    const peer = await startFirst()
    await serveLog(peer, networkId, own.noteOf(own.leaves), own.leaves, { seen: other.noteOf(other.leaves) })
    const node = await startHonest()
    await until('it was told', () => node.recovery.current().kind === 'forked')
    assert.match(node.readOnly()?.why ?? '', /contradicts/)
    // It accuses nobody, least of all itself.
    assert.equal(node.opened.evidence.frozen(node.opened.origin), undefined)
    assert.equal(node.network.peers.score(peer.id), 0)
  })
})

/** Asks for the frontier; why the answer ended. */
async function exchange(stream: Awaited<ReturnType<RawPeer['open']>>): Promise<string> {
  const frames = new Frames(stream)
  const signal = AbortSignal.timeout(5_000)
  await frames.write(FRONTIER, signal)
  for (;;) {
    const bytes = await frames.read(1_048_576, signal)
    const answer = bytes === undefined ? undefined : parseAnswer(bytes)
    if (answer?.ok !== true) return 'cut'
    if (answer.value.t === 'end') {
      await frames.end(signal)
      return answer.value.reason
    }
  }
}

function withAlteredEnd(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at === bytes.length - 40 ? byte ^ 1 : byte))
}
