import assert from 'node:assert/strict'
import { StreamMessageEvent, type Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { Frames } from '../../../node/net/framing.ts'
import { FRAME_BYTES_MAX, UNREAD_BYTES_MAX, UNSENT_BYTES_MAX } from '../../../node/net/limits.ts'

/** A stream of which only what reading needs is there: paused, it keeps what comes, as the library's does. */
class FakeStream extends EventTarget {
  status = 'open'
  readStatus: 'readable' | 'paused' | 'closed' = 'readable'
  writeBufferLength = 0
  readonly sent: Uint8Array[] = []
  private kept: Uint8Array[] = []
  private isEnded = false

  /** Takes nothing at once: all of it waits for windows. */
  send(data: Uint8ArrayList): boolean {
    this.sent.push(data.subarray())
    this.writeBufferLength += data.byteLength
    return false
  }

  /** The other side takes so many bytes of what waits. */
  open(bytes: number): void {
    this.writeBufferLength = Math.max(0, this.writeBufferLength - bytes)
    this.dispatchEvent(new Event('drain'))
    if (this.writeBufferLength === 0) this.dispatchEvent(new Event('idle'))
  }

  arrive(bytes: Uint8Array): void {
    if (this.readStatus === 'paused') this.kept.push(bytes)
    else this.dispatchEvent(new StreamMessageEvent(bytes))
  }

  /** The other side sends nothing more. What was kept is still to be read. */
  endRemotely(): void {
    this.isEnded = true
    if (this.kept.length === 0) this.closeReading()
  }

  pause(): void {
    if (this.readStatus === 'closed') throw new Error('Cannot pause a stream that is closing/closed')
    this.readStatus = 'paused'
  }

  resume(): void {
    if (this.readStatus === 'closed') throw new Error('Cannot resume a stream that is closing/closed')
    this.readStatus = 'readable'
    for (const bytes of this.kept.splice(0)) this.dispatchEvent(new StreamMessageEvent(bytes))
    if (this.isEnded) this.closeReading()
  }

  abort(): void {
    this.status = 'aborted'
  }

  private closeReading(): void {
    this.readStatus = 'closed'
    this.dispatchEvent(new Event('remoteCloseWrite'))
  }
}

function frame(bytes: number, fill: number): Buffer {
  const framed = Buffer.alloc(4 + bytes, fill)
  framed.writeUInt32BE(bytes)
  return framed
}

describe('frames of a stream', () => {
  let signal: AbortSignal
  beforeEach(() => (signal = AbortSignal.timeout(5_000)))

  const begin = () => {
    const stream = new FakeStream()
    return { stream, frames: new Frames(stream as unknown as Stream) }
  }

  it('are all read when the peer ended its side while it was paused', async () => {
    const { stream, frames } = begin()
    const count = (2 * UNREAD_BYTES_MAX) / FRAME_BYTES_MAX
    for (let i = 0; i < count; i++) stream.arrive(frame(FRAME_BYTES_MAX, i))
    assert.equal(stream.readStatus, 'paused')
    stream.endRemotely()
    for (let i = 0; i < count; i++) {
      const read = await frames.read(FRAME_BYTES_MAX, signal)
      assert.deepEqual([read?.length, read?.at(-1)], [FRAME_BYTES_MAX, i])
    }
    assert.equal(await frames.read(FRAME_BYTES_MAX, signal), undefined)
  })

  it('are handed on piece by piece, and the next begins where one ends', async () => {
    const { stream, frames } = begin()
    const bytes = Buffer.concat([frame(10, 1), frame(0, 0), frame(5, 2)])
    const pieces: Uint8Array[] = []
    const reading = frames.readEach(10, signal, (piece) => void pieces.push(Buffer.from(piece)))
    for (const byte of bytes.subarray(0, 9)) stream.arrive(Uint8Array.of(byte))
    await Promise.resolve()
    stream.arrive(bytes.subarray(9))
    assert.equal(await reading, 10)
    assert.deepEqual(Buffer.concat(pieces), Buffer.alloc(10, 1))
    assert.equal(await frames.readEach(10, signal, () => assert.fail('it is empty')), 0)
    assert.deepEqual(await frames.read(10, signal), new Uint8Array(5).fill(2))
  })

  it('that are too long, cut or late are refused, in pieces too', async () => {
    const take = () => undefined
    const long = begin()
    long.stream.arrive(frame(11, 0))
    await assert.rejects(long.frames.readEach(10, signal, take), { fault: 'frame-too-long' })
    const cut = begin()
    cut.stream.arrive(frame(10, 0).subarray(0, 8))
    cut.stream.endRemotely()
    await assert.rejects(cut.frames.readEach(10, signal, take), { fault: 'frame-cut' })
    const late = begin()
    late.stream.arrive(frame(10, 0).subarray(0, 8))
    await assert.rejects(late.frames.readEach(10, AbortSignal.timeout(20), take), { fault: 'stream-late' })
    const ended = begin()
    ended.stream.endRemotely()
    assert.equal(await ended.frames.readEach(10, signal, take), undefined)
  })

  it('are sent no faster than windows open, however small these are', async () => {
    const { stream, frames } = begin()
    const bytes = new Uint8Array(FRAME_BYTES_MAX).fill(7)
    let isSent = false
    const sending = frames.write(bytes, signal).then(() => (isSent = true))
    while (stream.writeBufferLength > UNSENT_BYTES_MAX + 4_096) {
      stream.open(4_096)
      await Promise.resolve()
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(isSent, false, `with ${stream.writeBufferLength} bytes unsent`)
    }
    stream.open(4_096)
    await sending
    assert.equal(stream.sent.length, 1)
  })

  it('that go together are handed over at once, and the reader tells them apart', async () => {
    const { stream, frames } = begin()
    const sending = frames.writeAll([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)], signal)
    stream.open(Infinity)
    await sending
    assert.deepEqual(stream.sent, [Uint8Array.of(0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 3)])
    const other = begin()
    other.stream.arrive(stream.sent[0] ?? new Uint8Array(0))
    for (const expected of [[1, 2], [], [3]])
      assert.deepEqual(await other.frames.read(10, signal), Uint8Array.from(expected))
  })

  it('do not wait for a stream that is aborted by what it was handed', async () => {
    const { stream, frames } = begin()
    stream.send = () => {
      stream.abort()
      return false
    }
    await assert.rejects(frames.write(new Uint8Array(1), signal), { fault: 'stream-closed' })
  })

  it('wait no longer for a stream that was aborted', async () => {
    const { stream, frames } = begin()
    const sending = frames.write(new Uint8Array(FRAME_BYTES_MAX), signal)
    stream.abort()
    stream.dispatchEvent(new Event('close'))
    await sending
    await assert.rejects(frames.write(new Uint8Array(1), signal), { fault: 'stream-closed' })
  })
})
