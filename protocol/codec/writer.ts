/**
 * Writes the fixed shapes that are hashed and signed for every statement: the same deterministic CBOR as
 * `encode`, without building values first. One buffer is used again and again; nothing is kept between two uses.
 */
import { bytesOfText } from '../bytes.ts'
import { MAJOR, printHead } from './heads.ts'

const FIRST_BYTES = 1_024

export class Writer {
  private buffer = new Uint8Array(FIRST_BYTES)
  private at = 0

  /** Forgets what was written before. */
  begin(): this {
    this.at = 0
    return this
  }

  head(major: number, argument: number): this {
    if (argument >= 0x1_00 || !Number.isInteger(argument) || argument < 0)
      return this.raw(printHead(major, argument))
    this.reserve(2)
    const isShort = argument < 24
    this.buffer[this.at] = (major << 5) | (isShort ? argument : 24)
    this.at += 1
    if (isShort) return this
    this.buffer[this.at] = argument
    this.at += 1
    return this
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.at)
    this.at += bytes.length
    return this
  }

  bytes(bytes: Uint8Array): this {
    return this.head(MAJOR.bytes, bytes.length).raw(bytes)
  }

  text(text: string): this {
    const start = this.at
    this.head(MAJOR.text, text.length).reserve(text.length)
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return this.wideText(start, text)
      this.buffer[this.at + i] = code
    }
    this.at += text.length
    return this
  }

  /** What was written, good until the next use of this writer. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.at)
  }

  /** What was written. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.at)
  }

  private wideText(start: number, text: string): this {
    const bytes = bytesOfText(text)
    this.at = start
    return this.head(MAJOR.text, bytes.length).raw(bytes)
  }

  private reserve(count: number): this {
    if (this.at + count <= this.buffer.length) return this
    const larger = new Uint8Array(2 * (this.at + count))
    larger.set(this.view())
    this.buffer = larger
    return this
  }
}
