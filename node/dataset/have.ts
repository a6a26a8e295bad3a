/** Which blocks of a copy are held: one bit each, on disk only after the blocks it speaks of. */
import { existsSync } from 'node:fs'
import { FILE_BLOCKS_MAX } from '../../protocol/limits.ts'
import { readFileBounded, writeFileDurably } from '../keys/files.ts'

export class Have {
  readonly count: number
  private readonly path: string
  // Written by `mark` and `clear`; on disk by `save`.
  private readonly bits: Uint8Array

  constructor(path: string, count: number) {
    this.path = path
    this.count = count
    this.bits = new Uint8Array(Math.ceil(count / 8))
    const stored = existsSync(path) ? readFileBounded(path, FILE_BLOCKS_MAX / 8) : undefined
    // A bit that says too much is found when the block does not open, so a file of another length is no harm.
    if (stored?.length === this.bits.length) this.bits.set(stored)
  }

  has(index: number): boolean {
    return ((this.bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
  }

  mark(index: number): void {
    this.bits[index >> 3] = (this.bits[index >> 3] ?? 0) | (1 << (index & 7))
  }

  clear(index: number): void {
    this.bits[index >> 3] = (this.bits[index >> 3] ?? 0) & ~(1 << (index & 7))
  }

  /** The first run of at most `max` blocks that are not held. */
  missing(max: number): { readonly from: number; readonly count: number } | undefined {
    let from = 0
    while (from < this.count && this.has(from)) from += 1
    if (from === this.count) return undefined
    let end = from
    while (end < this.count && end - from < max && !this.has(end)) end += 1
    return { from, count: end - from }
  }

  held(): number {
    let held = 0
    for (let index = 0; index < this.count; index++) if (this.has(index)) held += 1
    return held
  }

  save(): void {
    writeFileDurably(this.path, this.bits, 0o600)
  }
}
