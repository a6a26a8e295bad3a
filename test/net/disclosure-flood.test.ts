/** A flood of signed requests against a real gate, over libp2p: what others are answered meanwhile, and what it leaves behind. */
import assert from 'node:assert/strict'
import { parseAccessAnswer, printAccessMessage, type AccessMessage } from '../../protocol/access/message.ts'
import { askAccess } from '../../node/net/ask-access.ts'
import { accessHandler } from '../../node/net/handlers/access.ts'
import { Frames } from '../../node/net/framing.ts'
import { Peers } from '../../node/net/peers.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { AccessDesk } from '../support/access-desk.ts'
import { AccessWorld } from '../support/access-world.ts'
import { collect } from '../support/crash-check.ts'
import { freePort } from '../support/port.ts'
import { startRawPeer, type RawPeer } from '../support/raw-peer.ts'

/** Messages of the flood, and how many of them at once. */
const REQUESTS = 1_000
const AT_ONCE = 8
const REQUESTS_PER_MINUTE = 10_000
/** So often a part is asked for besides: less often than the rate allows. */
const GIVEN_EVERY = 80
/** What the policy of the test lets one key ask for in a day. */
const RATE = 20

describe('ten thousand signed requests a minute', function () {
  this.timeout(180_000)
  let world: AccessWorld
  let desk: AccessDesk
  let port = 0
  const peers: Record<string, RawPeer> = {}
  /** By the owner's clock it is ten thousand a minute, however fast this machine is. */
  const clock = { at: 0, now: () => clock.at }

  before(async () => {
    world = await AccessWorld.make()
    desk = await AccessDesk.open(world)
    port = await freePort()
    const { networkId } = world.parties.charter
    const start = (keys: { nodeSeed: () => Uint8Array }, listen: readonly string[] = []) =>
      startRawPeer(keys.nodeSeed(), networkId, listen)
    peers['owner'] = await start(world.parties.party(0).keystore, [`/ip4/127.0.0.1/tcp/${port}`])
    peers['honest'] = await start(world.parties.party(1).keystore)
    peers['flooder'] = await start(world.researcher.keystore)
    const scores = new Peers(clock, () => undefined)
    const handler = accessHandler(
      (message, key) => desk.owner.disclosure.answer(message, key),
      scores,
      new AbortController().signal,
    )
    await peer('owner').host.handle(protocol(), handler, { maxInboundStreams: 64 })
  })

  after(async () => {
    for (const { stop } of Object.values(peers)) await stop()
    world.remove()
  })

  const protocol = () => protocolsOf(world.parties.charter.networkId).access
  const peer = (name: string): RawPeer => {
    const found = peers[name]
    assert.ok(found)
    return found
  }

  /** One message on a stream of its own; the kind of the answer, and why. */
  const flood = async (signed: Uint8Array): Promise<string> => {
    const frames = new Frames(await peer('flooder').open(port, peer('owner').id, protocol()))
    const signal = AbortSignal.timeout(5_000)
    try {
      await frames.write(printAccessMessage({ kind: 'request', signed }), signal)
      const answer = parseAccessAnswer((await frames.read(300_000, signal)) ?? new Uint8Array(0))
      if (!answer.ok) return 'ended'
      return answer.value.kind === 'refused' ? answer.value.reason : answer.value.kind
    } catch {
      return 'cut'
    } finally {
      await frames.end(signal).catch(() => undefined)
    }
  }

  /** A new request of the honest member, to the key of its part. */
  const disclosed = async (): Promise<void> => {
    const { host, open } = peer('honest')
    if (host.getConnections().length === 0) await (await open(port, peer('owner').id, protocol())).close()
    const [connection] = host.getConnections()
    assert.ok(connection)
    const say = (message: AccessMessage) =>
      askAccess(connection, protocol(), message, AbortSignal.timeout(10_000), 10_000)
    const { signed } = desk.byReader(world.request())
    const granted = await say({ kind: 'request', signed })
    assert.ok(granted?.answer.kind === 'granted' && granted.ciphertext !== undefined)
    const receipt = desk.byReader(world.receipt(granted.answer, signed)).signed
    assert.equal((await say({ kind: 'receipt', signed: receipt }))?.answer.kind, 'key')
  }

  it('leave a trail of no more than the rate allows, and others are given their parts meanwhile', async () => {
    const signed = Array.from(
      { length: REQUESTS },
      () => desk.byResearcher(world.research('in force')).signed,
    )
    const [size, rows] = [desk.owner.disclosure.trail.head().size, desk.owner.disk.size]
    const said = new Map<string, number>()
    let [given, slowest] = [0, 0]
    for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
      clock.at += (AT_ONCE * 60_000) / REQUESTS_PER_MINUTE
      const next = signed.slice(sent, sent + AT_ONCE)
      const flooding = Promise.all(next.map((one) => flood(one).catch(() => 'cut')))
      if (sent % GIVEN_EVERY === 0) {
        const begun = performance.now()
        await disclosed()
        given += 1
        slowest = Math.max(slowest, performance.now() - begun)
      }
      for (const answer of await flooding) said.set(answer, (said.get(answer) ?? 0) + 1)
    }
    const told = JSON.stringify([...said])
    assert.ok(slowest < 5_000, `one was given its part after ${slowest} ms`)
    assert.equal(said.get('granted'), RATE, told)
    // Of each grant a decision and an offer, of each part given besides a receipt; of a refusal nothing.
    const entries = (await collect(desk.owner.disclosure.trail.entries(size))).map(({ entry }) => entry.step)
    assert.equal(entries.length, 2 * RATE + 3 * given, told)
    assert.equal(entries.filter((step) => step === 'receipted').length, given)
    // A case, its name and the statements that are to be logged stand beside the entries.
    assert.ok(desk.owner.disk.size - rows <= 8 * (RATE + given), `${desk.owner.disk.size - rows} rows`)
  })

  it('are refused without a trace from then on', async () => {
    await desk.leavesNoTrace(async () => {
      clock.at += 1_000
      assert.equal(await flood(desk.byResearcher(world.research('in force')).signed), 'too-many')
    })
  })
})
