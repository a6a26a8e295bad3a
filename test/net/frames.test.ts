/**
 * Frames over two real streams of one connection, of which one is not read for a while. Whenever the connection can take more,
 * the library says so to both, and it aborts a stream that is sent to faster than its reader takes.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Stream } from '@libp2p/interface'
import { Frames } from '../../node/net/framing.ts'
import { FRAME_BYTES_MAX, STREAM_WRITE_BUFFER_BYTES } from '../../node/net/limits.ts'
import { startRawPeer, type RawPeer } from '../support/raw-peer.ts'
import { NETWORK_ID } from '../support/statements.ts'

const [SLOW, BUSY] = ['/candor-test/slow/1', '/candor-test/busy/1']
/** Their windows are more than what a connection takes at once. */
const BUSY_STREAMS = 8
const FRAMES = (4 * STREAM_WRITE_BUFFER_BYTES) / FRAME_BYTES_MAX

describe('frames to a reader that takes nothing while another stream is busy', function () {
  this.timeout(60_000)
  let writer: RawPeer
  let reader: RawPeer
  /** The most that waited in the stream that nobody reads. */
  let waiting = 0

  before(async () => {
    writer = await startRawPeer(randomBytes(32), NETWORK_ID, ['/ip4/127.0.0.1/tcp/0'])
    reader = await startRawPeer(randomBytes(32), NETWORK_ID)
    for (const protocol of [SLOW, BUSY]) {
      await writer.host.handle(protocol, async (stream) => {
        const frames = new Frames(stream)
        const signal = AbortSignal.timeout(50_000)
        await frames.read(1, signal)
        const look = () => (waiting = Math.max(waiting, protocol === SLOW ? stream.writeBufferLength : 0))
        stream.addEventListener('drain', look)
        for (let i = 0; i < FRAMES; i++) await frames.write(new Uint8Array(FRAME_BYTES_MAX).fill(i), signal)
        await frames.end(signal)
      })
    }
  })
  after(async () => {
    await reader.stop()
    await writer.stop()
  })

  const opened = async (protocol: string) => {
    const port = Number(writer.host.getMultiaddrs()[0]?.toString().split('/')[4])
    const stream = await reader.open(port, writer.id, protocol)
    const read = readAll(stream)
    // A frame of one byte.
    stream.send(Uint8Array.of(0, 0, 0, 1, 1))
    return { stream, read }
  }

  it('wait in the writer, no more than a frame and a bit of them, and all arrive', async () => {
    const whole = FRAMES * (4 + FRAME_BYTES_MAX)
    const slow = await opened(SLOW)
    slow.stream.pause()
    const busy = await Promise.all(Array.from({ length: BUSY_STREAMS }, () => opened(BUSY)))
    for (const { read } of busy) assert.equal(await read, whole)
    assert.ok(waiting > 0, 'the slow stream was told that the connection takes more')
    assert.ok(waiting <= 1.5 * FRAME_BYTES_MAX, `${waiting} bytes waited in it`)
    slow.stream.resume()
    assert.equal(await slow.read, whole)
  })
})

/** How much came until the other side ended. */
function readAll(stream: Stream): Promise<number> {
  return new Promise((resolve, reject) => {
    let came = 0
    stream.addEventListener('message', ({ data }) => (came += data.byteLength))
    stream.addEventListener('end', () => resolve(came))
    stream.addEventListener('close', ({ error }) => {
      if (error !== undefined) reject(error)
    })
  })
}
