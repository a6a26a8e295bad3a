import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { EscrowAnswer } from '../../protocol/access/escrow-message.ts'
import { parseEscrowAnswer, printEscrowMessage } from '../../protocol/access/escrow-message.ts'
import type { EscrowAnswered } from '../../node/escrow/parts.ts'
import { askEscrow } from '../../node/net/ask-escrow.ts'
import { Frames } from '../../node/net/framing.ts'
import { escrowHandler } from '../../node/net/handlers/escrow.ts'
import { Peers } from '../../node/net/peers.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { multiaddr } from '@multiformats/multiaddr'
import { freePort } from '../support/port.ts'
import { startRawPeer, type RawPeer } from '../support/raw-peer.ts'
import { counting, NETWORK_ID } from '../support/statements.ts'
import { until } from '../support/until.ts'

const PROTOCOL = protocolsOf(NETWORK_ID).escrow
const MESSAGE = { kind: 'deposit', signed: counting(300, 1), share: counting(81, 2) } as const
/** More than one frame. */
const LENGTH = 1_500_000

describe('streams of escrow/1', function () {
  this.timeout(180_000)
  const stopping: (() => Promise<void>)[] = []
  let port = 0
  let holder: RawPeer
  let peers: Peers
  let taken: Uint8Array[] = []
  let answers: (() => Promise<EscrowAnswered>) | undefined

  const start = async (listen: readonly string[] = []): Promise<RawPeer> => {
    const peer = await startRawPeer(randomBytes(32), NETWORK_ID, listen)
    stopping.push(peer.stop)
    return peer
  }
  const finish = (ciphertext: Uint8Array): Promise<EscrowAnswered> => {
    taken.push(ciphertext)
    return Promise.resolve({ answer: { kind: 'kept', ack: counting(200, 3) } })
  }
  const send = () =>
    Promise.resolve<EscrowAnswered>({ answer: { kind: 'send' }, take: { length: LENGTH, finish } })

  before(async () => {
    port = await freePort()
    holder = await start([`/ip4/127.0.0.1/tcp/${port}`])
  })
  beforeEach(async () => {
    taken = []
    answers = send
    // Nobody earns anything while a slow machine asks.
    peers = new Peers({ now: () => 0 }, () => undefined)
    await holder.host.unhandle(PROTOCOL)
    const handler = escrowHandler(() => answers?.() ?? send(), peers, new AbortController().signal)
    await holder.host.handle(PROTOCOL, handler, { maxInboundStreams: 64 })
  })
  after(async () => {
    for (const stop of stopping.toReversed()) await stop()
  })

  const ask = async (from: RawPeer, ciphertext?: Uint8Array): Promise<EscrowAnswer | undefined> => {
    const address = multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${holder.id}`)
    const connection = await from.host.dial(address, { signal: AbortSignal.timeout(5_000) })
    return askEscrow(connection, PROTOCOL, MESSAGE, ciphertext, new AbortController().signal)
  }
  const open = async (from: RawPeer) => new Frames(await from.open(port, holder.id, PROTOCOL))
  const within = () => AbortSignal.timeout(10_000)

  it('carry a ciphertext where it is asked for, whole and in its order', async () => {
    const ciphertext = randomBytes(LENGTH)
    const answer = await ask(await start(), ciphertext)
    assert.deepEqual(answer, { kind: 'kept', ack: counting(200, 3) })
    assert.ok(taken.length === 1 && ciphertext.equals(taken[0] ?? new Uint8Array(0)))
  })

  it('carry none where it is not', async () => {
    answers = () => Promise.resolve({ answer: { kind: 'refused', reason: 'too-many' } })
    assert.deepEqual(await ask(await start(), randomBytes(LENGTH)), { kind: 'refused', reason: 'too-many' })
    assert.deepEqual(taken, [])
  })

  it('take nothing that is cut short, and nothing beyond what was said', async () => {
    const from = await start()
    assert.equal(await ask(from), undefined)
    for (const chunks of [
      [counting(1_000, 1)],
      [counting(0, 0)],
      [randomBytes(524_288), randomBytes(524_288), randomBytes(524_288)],
    ]) {
      const frames = await open(from)
      await frames.write(printEscrowMessage(MESSAGE), within())
      const first = parseEscrowAnswer((await frames.read(1_000, within())) ?? new Uint8Array(0))
      assert.deepEqual(first, { ok: true, value: { kind: 'send' } })
      for (const chunk of chunks) await frames.write(chunk, within())
      await frames.end(within())
    }
    assert.deepEqual(taken, [])
    // The last frame was longer than what was left.
    await until('it is counted', () => peers.score(from.id) < 0)
  })

  it('cost whoever says what no member says', async () => {
    const rubbish = await start()
    const frames = await open(rubbish)
    await frames.write(counting(50, 1), within())
    assert.equal(await frames.read(1_000, within()).catch(() => undefined), undefined)
    await until('it is counted', () => peers.score(rubbish.id) < -15)
    const long = await start()
    const more = await open(long)
    await more.write(new Uint8Array(20_000), within()).catch(() => undefined)
    await until('it is counted', () => peers.score(long.id) < -15)
    const liar = await start()
    answers = () => Promise.resolve({ answer: { kind: 'refused', reason: 'key-unknown' }, fault: 'forged' })
    await ask(liar)
    assert.ok(peers.score(liar.id) < -35)
  })

  it('put off whoever asks more than its share', async () => {
    const from = await start()
    answers = () => Promise.resolve({ answer: { kind: 'pending' } })
    const kinds = new Set<string | undefined>()
    for (let asked = 0; asked < 60; asked++) kinds.add((await ask(from))?.kind)
    assert.deepEqual([...kinds].toSorted(), ['pending', 'wait'])
  })
})
