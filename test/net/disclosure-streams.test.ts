import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Connection, Stream } from '@libp2p/interface'
import { printAccessAnswer, printAccessMessage } from '../../protocol/access/message.ts'
import { CIPHERTEXT_BYTES_MAX } from '../../protocol/limits.ts'
import { askAccess } from '../../node/net/ask-access.ts'
import { Frames } from '../../node/net/framing.ts'
import { accessHandler, type Answered } from '../../node/net/handlers/access.ts'
import { REQUEST_BURST, REQUESTS_PER_SECOND } from '../../node/net/limits.ts'
import { Peers } from '../../node/net/peers.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { freePort } from '../support/port.ts'
import { startRawPeer, type RawPeer } from '../support/raw-peer.ts'
import { NETWORK_ID, counting } from '../support/statements.ts'
import { until } from '../support/until.ts'

const PROTOCOL = protocolsOf(NETWORK_ID).access

/** A message whose answer is up to the test. */
const MESSAGE = printAccessMessage({ kind: 'request', signed: counting(300, 1) })

const GRANTED: Answered['answer'] = {
  kind: 'granted',
  grant: counting(300, 1),
  offer: { ciphertext: counting(32, 1), length: CIPHERTEXT_BYTES_MAX, keyCommitment: counting(32, 2) },
}

/** Messages of a flood, and how many of them at once. */
const SENT = 1_000
const AT_ONCE = 8

describe('streams of access/1', function () {
  this.timeout(180_000)
  let stopping: (() => Promise<void>)[] = []
  let port = 0
  let owner: RawPeer
  let peers: Peers

  beforeEach(async () => {
    port = await freePort()
    owner = await start([`/ip4/127.0.0.1/tcp/${port}`])
    peers = new Peers({ now: Date.now }, () => undefined)
  })

  afterEach(async () => {
    for (const stop of stopping.toReversed()) await stop()
    stopping = []
  })

  const start = async (listen: readonly string[] = []): Promise<RawPeer> => {
    const peer = await startRawPeer(randomBytes(32), NETWORK_ID, listen)
    stopping.push(peer.stop)
    return peer
  }
  /** Serves with the handler of a node. */
  const serve = (answer: () => Answered) => {
    let asked = 0
    const handler = accessHandler(
      () => {
        asked += 1
        return Promise.resolve(answer())
      },
      peers,
      new AbortController().signal,
    )
    return owner.host
      .handle(PROTOCOL, handler, { maxInboundStreams: 64 })
      .then(() => ({ count: () => asked }))
  }
  const open = (from: RawPeer): Promise<Stream> => from.open(port, owner.id, PROTOCOL)

  /** The kind of the answer to one message, or how the stream ended. */
  const ask = async (from: RawPeer, bytes: Uint8Array = MESSAGE): Promise<string> => {
    const frames = new Frames(await open(from))
    const signal = AbortSignal.timeout(5_000)
    try {
      await frames.write(bytes, signal)
      const frame = await frames.read(300_000, signal)
      if (frame === undefined) return 'ended'
      const text = Buffer.from(frame).toString('latin1')
      return ['noted', 'wait', 'granted'].find((kind) => text.includes(kind)) ?? 'other'
    } catch {
      return 'cut'
    } finally {
      await frames.end(signal)
    }
  }

  it('ten thousand messages a minute are mostly told to wait, and others are answered meanwhile', async () => {
    const clock = { at: 0, now: () => clock.at }
    peers = new Peers(clock, () => undefined)
    const served = await serve(() => ({ answer: { kind: 'noted' } }))
    const [flooder, other] = [await start(), await start()]
    const said = new Map<string, number>()
    const slowest = { ms: 0 }
    // By the owner's clock it is ten thousand a minute, however fast this machine is.
    for (let sent = 0; sent < SENT; sent += AT_ONCE) {
      clock.at += (AT_ONCE * 60_000) / 10_000
      const flood = Promise.all(Array.from({ length: AT_ONCE }, () => ask(flooder).catch(() => 'cut')))
      if (sent % 40 === 0) {
        const begun = performance.now()
        assert.equal(await ask(other), 'noted')
        slowest.ms = Math.max(slowest.ms, performance.now() - begun)
      }
      for (const answer of await flood) said.set(answer, (said.get(answer) ?? 0) + 1)
    }
    // A burst and what a second allows, of which each message costs two.
    const most = (REQUEST_BURST + (REQUESTS_PER_SECOND * clock.at) / 1_000) / 2
    assert.ok((said.get('noted') ?? 0) <= most, JSON.stringify([...said]))
    assert.ok((said.get('wait') ?? 0) > SENT / 2, JSON.stringify([...said]))
    assert.ok(served.count() < SENT / 2)
    assert.ok(slowest.ms < 2_000, `another waited ${slowest.ms} ms`)
  })

  it('a reader that takes nothing keeps no other waiting, and is ended', async () => {
    const bytes = new Uint8Array(CIPHERTEXT_BYTES_MAX)
    // More than the buffers of a stream hold, so that the owner has to wait for the reader.
    await serve(() => ({ answer: GRANTED, ciphertext: new Uint8Array(8 * bytes.length) }))
    const readers = [await start(), await start(), await start(), await start(), await start()]
    const streams: Stream[] = []
    for (const reader of readers)
      for (let i = 0; i < 6; i++) {
        const stream = await open(reader)
        stream.pause()
        await new Frames(stream).write(MESSAGE, AbortSignal.timeout(5_000))
        streams.push(stream)
      }
    const other = await start()
    const begun = performance.now()
    await until('another is answered', async () => (await ask(other)) === 'granted')
    const waited = performance.now() - begun
    // Of thirty streams of five readers no more are answered at once than four of each, and sixteen in all.
    assert.ok(waited < 15_000, `it waited ${waited} ms`)
    // The fifth of them was told to wait, like everybody else.
    await until('they pay', () => readers.filter(({ id }) => peers.score(id) < 0).length >= 4)
    for (const stream of streams) stream.abort(new Error('over'))
  })

  it('silent streams keep nobody waiting', async () => {
    await serve(() => ({ answer: { kind: 'noted' } }))
    const silent = [await start(), await start(), await start()]
    for (const peer of silent) for (let i = 0; i < 8; i++) await open(peer)
    assert.equal(await ask(await start()), 'noted')
  })

  it('what is no message, or too long, is paid for and not answered', async () => {
    const served = await serve(() => ({ answer: { kind: 'noted' } }))
    const long = await start()
    const stream = await open(long)
    stream.send(Uint8Array.of(0x7f, 0xff, 0xff, 0xff))
    await until('it pays', () => peers.score(long.id) < -10)
    for (const bytes of [counting(64, 1), new Uint8Array(0), MESSAGE.subarray(1)]) {
      const peer = await start()
      assert.notEqual(await ask(peer, bytes), 'noted')
      await until('it pays', () => peers.score(peer.id) < -10)
    }
    assert.equal(served.count(), 0)
  })

  it('what no honest reader says is paid for', async () => {
    await serve(() => ({ answer: { kind: 'refused', reason: 'key-unknown' }, fault: 'a forged claim' }))
    const liar = await start()
    await ask(liar)
    await until('it pays', () => peers.score(liar.id) < -30)
    assert.match(peers.reason(liar.id) ?? '', /a forged claim/)
  })

  /** What a reader makes of an owner that sends these frames after its answer, and then does as it likes. */
  const asked = async (send: (frames: Frames, stream: Stream) => Promise<void>) => {
    await owner.host.handle(PROTOCOL, async (stream) => {
      const frames = new Frames(stream)
      const signal = AbortSignal.timeout(30_000)
      if ((await frames.read(20_000, signal)) === undefined) return
      await send(frames, stream).catch(() => undefined)
    })
    const reader = await start()
    await (await open(reader)).close()
    const [connection] = reader.host.getConnections()
    assert.ok(connection)
    return askOnce(connection)
  }
  const askOnce = (connection: Connection) =>
    askAccess(
      connection,
      PROTOCOL,
      { kind: 'request', signed: counting(300, 1) },
      new AbortController().signal,
      3_000,
    )

  const offered = (length: number) =>
    printAccessAnswer({ ...GRANTED, offer: { ...GRANTED.offer, length } } as typeof GRANTED)
  const signal = () => AbortSignal.timeout(5_000)

  it('a ciphertext that is shorter than offered is none', async () => {
    const reply = await asked(async (frames) => {
      await frames.write(offered(1_000), signal())
      await frames.write(new Uint8Array(999), signal())
      await frames.end(signal())
    })
    assert.deepEqual([reply?.answer.kind, reply?.ciphertext], ['granted', undefined])
  })

  it('of a ciphertext that does not end no more is read than was offered', async () => {
    const sent = { bytes: 0 }
    const reply = await asked(async (frames, stream) => {
      await frames.write(offered(600_000), signal())
      await frames.write(new Uint8Array(524_288), signal())
      await frames.write(new Uint8Array(75_712), signal())
      while (stream.status === 'open' && sent.bytes < 100_000_000) {
        await frames.write(new Uint8Array(524_288), signal())
        sent.bytes += 524_288
      }
    })
    assert.equal(reply?.ciphertext?.length, 600_000)
    assert.ok(sent.bytes < 50_000_000, `${sent.bytes} bytes were taken`)
  })

  it('a frame beyond what was offered ends it', async () => {
    await assert.rejects(
      asked(async (frames) => {
        await frames.write(offered(1_000), signal())
        await frames.write(new Uint8Array(1_001), signal())
      }),
      /frame-too-long/,
    )
  })

  it('an offer of more than any part can have is no answer', async () => {
    const reply = await asked((frames) => frames.write(tooLong(), signal()))
    assert.equal(reply, undefined)
  })

  it('an owner that sends a byte now and then is waited for no longer than a whole answer may take', async () => {
    let begun = 0
    await assert.rejects(
      asked(async (frames, stream) => {
        begun = performance.now()
        await frames.write(offered(1_000_000), signal())
        while (stream.status === 'open') {
          await frames.write(Uint8Array.of(1), signal())
          await new Promise((resolve) => setTimeout(resolve, 100))
        }
      }),
      /stream/,
    )
    assert.ok(performance.now() - begun < 6_000)
  })
})

function tooLong(): Uint8Array {
  const bytes = printAccessAnswer(GRANTED)
  // The length stands in four bytes after its head.
  const head = Buffer.from([
    0x1a,
    ...new Uint8Array(new Uint32Array([CIPHERTEXT_BYTES_MAX]).buffer).toReversed(),
  ])
  const at = Buffer.from(bytes).indexOf(head)
  assert.ok(at > 0, 'the length is found')
  return bytes.map((byte, index) => (index === at + 4 ? byte + 1 : byte))
}
