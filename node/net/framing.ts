/**
 * Frames on a stream: four bytes of length, then that many bytes. With flow control of our own, because the
 * library's ways of reading lose it: its async iterator reads without bound and its length-prefixed reader opens
 * the window on receipt, so a slow reader fills memory or dies. Reading here pauses the peer.
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { UNREAD_BYTES_MAX, UNSENT_BYTES_MAX } from './limits.ts'

export type FrameFault = 'frame-too-long' | 'frame-cut' | 'stream-closed' | 'stream-late'

export class FrameError extends Error {
  readonly fault: FrameFault

  constructor(fault: FrameFault, cause?: unknown) {
    super(`the stream failed: ${fault}`, { cause })
    this.fault = fault
  }
}

const HEAD_BYTES = 4
/** What a stream says when something of what waited was sent, when all was, and when nothing more will be. */
const DRAINING = ['drain', 'idle', 'close'] as const

export class Frames {
  private readonly stream: Stream
  private readonly unread = new Uint8ArrayList()
  // Written by the stream's events; read by `read`.
  private ended = false
  private failure: Error | undefined
  private paused = false
  private resuming = false
  private wake: (() => void) | undefined

  constructor(stream: Stream) {
    this.stream = stream
    stream.addEventListener('message', this.onMessage)
    for (const type of ['remoteCloseWrite', 'end'] as const) stream.addEventListener(type, this.onEnd)
    stream.addEventListener('close', (event) => {
      this.failure ??= event.error
      this.onEnd()
    })
  }

  /** The next frame of at most `bytesMax`, or undefined at the end. Throws FrameError. */
  async read(bytesMax: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const length = await this.head(bytesMax, signal)
    if (length === undefined) return undefined
    if (!(await this.fill(length, signal))) throw new FrameError('frame-cut', this.failure)
    const frame = this.unread.slice(0, length)
    this.unread.consume(length)
    this.resume()
    return frame
  }

  /**
   * The next frame in pieces, each handed on as it comes: whoever works on a large frame only when it is whole keeps
   * its sender waiting meanwhile, for a window is a quarter of a block. Returns its length.
   */
  async readEach(
    bytesMax: number,
    signal: AbortSignal,
    take: (piece: Uint8Array) => void,
  ): Promise<number | undefined> {
    const length = await this.head(bytesMax, signal)
    for (let left = length ?? 0; left > 0;) {
      if (!(await this.fill(1, signal))) throw new FrameError('frame-cut', this.failure)
      const count = Math.min(left, this.unread.length)
      for (const piece of this.unread.sublist(0, count)) take(piece)
      this.unread.consume(count)
      this.resume()
      left -= count
    }
    return length
  }

  /** Sends a frame and waits while the peer is not reading. Throws FrameError. */
  write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.writeAll([bytes], signal)
  }

  /**
   * The same with several frames. `drain` is said whenever a window opens, also one that takes only a
   * part of what waits: a sender that goes on at each of them fills the write buffer until the library aborts the stream. What
   * is sent together costs both sides less: each piece that a stream is handed is answered with some window.
   */
  async writeAll(frames: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new FrameError('stream-late')
    if (this.stream.status !== 'open') throw new FrameError('stream-closed', this.failure)
    try {
      if (this.stream.send(new Uint8ArrayList(...frames.flatMap((bytes) => [headOf(bytes), bytes])))) return
    } catch (error) {
      throw new FrameError('stream-closed', error)
    }
    // What the library aborts while it is handed something has said so already.
    if (this.stream.status !== 'open') throw new FrameError('stream-closed', this.failure)
    do await this.drained(signal)
    while (this.stream.status === 'open' && this.stream.writeBufferLength > UNSENT_BYTES_MAX)
  }

  /** Says that nothing more comes from here; the other side may still send. */
  async end(signal: AbortSignal): Promise<void> {
    await this.stream.close({ signal }).catch(() => this.abort(new FrameError('stream-closed')))
  }

  /** Ends the stream both ways. A stream that is not ended on both sides is never freed. */
  abort(error: Error): void {
    if (this.stream.status === 'open' || this.stream.status === 'closing') this.stream.abort(error)
  }

  /** The length of the next frame, or undefined at the end. */
  private async head(bytesMax: number, signal: AbortSignal): Promise<number | undefined> {
    if (!(await this.fill(HEAD_BYTES, signal))) {
      if (this.unread.length > 0) throw new FrameError('frame-cut', this.failure)
      if (this.failure !== undefined) throw new FrameError('stream-closed', this.failure)
      return undefined
    }
    const length = this.unread.getUint32(0)
    if (length > bytesMax) throw new FrameError('frame-too-long')
    this.unread.consume(HEAD_BYTES)
    return length
  }

  private async fill(bytes: number, signal: AbortSignal): Promise<boolean> {
    while (this.unread.length < bytes) {
      if (this.ended) return false
      await this.arrival(signal)
    }
    return true
  }

  private arrival(signal: AbortSignal): Promise<void> {
    return waitFor(signal, (wake) => {
      this.wake = wake
      return () => (this.wake = undefined)
    })
  }

  /** `stream.onDrain()` is never armed again after its first use, so we listen for the event itself. */
  private drained(signal: AbortSignal): Promise<void> {
    return waitFor(signal, (wake) => {
      for (const type of DRAINING) this.stream.addEventListener(type, wake)
      return () => {
        for (const type of DRAINING) this.stream.removeEventListener(type, wake)
      }
    })
  }

  private readonly onMessage = (event: StreamMessageEvent): void => {
    this.unread.append(event.data)
    // Pausing inside the event that `resume` itself fires leaves the stream flowing; `resume` looks again.
    if (!this.resuming) this.pauseWhenFull()
    this.wake?.()
  }

  private readonly onEnd = (): void => {
    this.ended = true
    this.wake?.()
  }

  private pauseWhenFull(): void {
    if (this.paused || this.unread.length < UNREAD_BYTES_MAX) return
    // A peer that ended its side sends nothing more, and pausing or resuming a side that is closed throws.
    if (isReadable(this.stream)) {
      this.paused = true
      this.stream.pause()
    }
  }

  private resume(): void {
    if (!this.paused || this.unread.length >= UNREAD_BYTES_MAX / 2) return
    this.paused = false
    this.resuming = true
    if (isReadable(this.stream)) this.stream.resume()
    this.resuming = false
    this.pauseWhenFull()
  }
}

function headOf(bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES)
  new DataView(head.buffer).setUint32(0, bytes.length)
  return head
}

function isReadable(stream: Stream): boolean {
  return stream.readStatus === 'readable' || stream.readStatus === 'paused'
}

function waitFor(signal: AbortSignal, arm: (wake: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new FrameError('stream-late', signal.reason))
      return
    }
    const done = (finish: () => void) => {
      disarm()
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const onAbort = () => done(() => reject(new FrameError('stream-late', signal.reason)))
    const disarm = arm(() => done(resolve))
    signal.addEventListener('abort', onAbort)
  })
}
