/**
 * Files in one request body: a line of JSON `{"path": …, "bytes": …}`, then that many bytes, and again. The
 * sender walks the folders; the node opens no path that somebody named.
 */
import type { Upload } from '../interop/upload.ts'
import { NodeError } from '../errors.ts'

/** Bytes of one header line: a long path and its size. */
const HEADER_BYTES_MAX = 8_192

const NEWLINE = 0x0a

export async function* printFrames(uploads: AsyncIterable<Upload>): AsyncGenerator<Uint8Array> {
  for await (const { path, bytes, body } of uploads) {
    yield Buffer.from(`${JSON.stringify({ path, bytes })}\n`)
    let sent = 0
    for await (const chunk of body) {
      sent += chunk.length
      if (sent > bytes) throw changed(path)
      yield chunk
    }
    if (sent !== bytes) throw changed(path)
  }
}

/** Reads the files in order. What a reader leaves of one file is skipped before the next. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Upload> {
  const source = new Source(chunks)
  try {
    for (;;) {
      const line = await source.line()
      if (line === undefined) return
      const { path, bytes } = headerOf(line)
      const body = source.exactly(bytes)
      yield { path, bytes, body }
      for await (const _ of body);
    }
  } finally {
    await source.close()
  }
}

class Source {
  private readonly chunks: AsyncIterator<Uint8Array>
  // What was read and not yet given out. Written by `more`, `line` and `exactly` only.
  private rest: Uint8Array = new Uint8Array(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next line, or undefined at the end. */
  async line(): Promise<Uint8Array | undefined> {
    for (;;) {
      const end = this.rest.indexOf(NEWLINE)
      if (end > HEADER_BYTES_MAX || (end === -1 && this.rest.length > HEADER_BYTES_MAX)) throw misframed()
      if (end !== -1) {
        const line = this.rest.subarray(0, end)
        this.rest = this.rest.subarray(end + 1)
        return line
      }
      const chunk = await this.next()
      if (chunk === undefined) {
        if (this.rest.length > 0) throw misframed()
        return undefined
      }
      this.rest = Buffer.concat([this.rest, chunk])
    }
  }

  async *exactly(bytes: number): AsyncGenerator<Uint8Array> {
    let left = bytes
    while (left > 0) {
      const chunk = this.rest.length > 0 ? this.rest : await this.next()
      if (chunk === undefined) throw misframed()
      this.rest = chunk.subarray(Math.min(left, chunk.length))
      left -= Math.min(left, chunk.length)
      yield chunk.subarray(0, chunk.length - this.rest.length)
    }
  }

  async close(): Promise<void> {
    await this.chunks.return?.()
  }

  private async next(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.chunks.next()
    return done === true ? undefined : value
  }
}

function headerOf(line: Uint8Array): { path: string; bytes: number } {
  try {
    const { path, bytes, ...rest } = JSON.parse(Buffer.from(line).toString('utf8'))
    if (Object.keys(rest).length > 0 || typeof path !== 'string' || !isSize(bytes)) throw misframed()
    return { path, bytes }
  } catch (error) {
    throw misframed(error)
  }
}

function isSize(bytes: unknown): bytes is number {
  return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0
}

function misframed(cause?: unknown): NodeError {
  return new NodeError('USAGE', 'the upload ended early or is not a sequence of files', { cause })
}

function changed(path: string): NodeError {
  return new NodeError('CONFLICT', `${path} changed its size while it was read`)
}
