/**
 * Memory in which a block is laid out as it lies on disk: a page with its nonce and tag, then its sealed bytes. It begins
 * where a page begins, so a disk takes it and fills it without a copy in between, and a thread can read it where it is.
 */
import { BLOCK_NONCE_BYTES, BLOCK_TAG_BYTES, type SealedBlock } from '../../protocol/dataset/stream.ts'
import { BLOCK_BYTES } from '../../protocol/limits.ts'

/** What disks and file systems align to: 4,096 bytes, or 512, which divides it. */
const PAGE_BYTES = 4_096
/** Bytes from one block to the next. */
export const CELL_BYTES = PAGE_BYTES + BLOCK_BYTES

/** Memory of WebAssembly is the only one of this platform that begins on a page; it comes in units of so many bytes. */
const UNIT_BYTES = 65_536

const CELLS_AT_ONCE = 8

const WORD_BYTES = 8
/** Few enough that they are still in the processor's cache when they are copied on. */
const STAGING_BYTES = 65_536 + WORD_BYTES

export class Cell {
  private readonly memory: Uint8Array
  private readonly staging = new Uint8Array(STAGING_BYTES)

  constructor(memory: Uint8Array) {
    this.memory = memory
  }

  /**
   * Puts sealed bytes of a block where they go, `at` bytes behind its first. Bytes go into shared memory one by one, and
   * several times slower, unless they stand as far behind a word where they come from as where they go; those that do not take
   * a step in between.
   */
  put(bytes: Uint8Array, at: number): void {
    const shift = at % WORD_BYTES
    if (bytes.byteOffset % WORD_BYTES === shift) {
      this.memory.set(bytes, PAGE_BYTES + at)
      return
    }
    const step = STAGING_BYTES - WORD_BYTES
    for (let done = 0; done < bytes.length; done += step) {
      const piece = bytes.subarray(done, done + step)
      this.staging.set(piece, shift)
      this.memory.set(this.staging.subarray(shift, shift + piece.length), PAGE_BYTES + at + done)
    }
  }

  /** The first sealed bytes, of those that were put, for a thread to read. */
  sealed(length: number): Uint8Array {
    return this.memory.subarray(PAGE_BYTES, PAGE_BYTES + length)
  }

  /** What to write of this block, whose sealed bytes were put. */
  laid({ nonce, tag, bytes: { length } }: SealedBlock): Uint8Array {
    const end = cellLength(length)
    this.memory.set(nonce, 0)
    this.memory.set(tag, BLOCK_NONCE_BYTES)
    this.memory.fill(0, BLOCK_NONCE_BYTES + BLOCK_TAG_BYTES, PAGE_BYTES)
    this.memory.fill(0, PAGE_BYTES + length, end)
    return this.memory.subarray(0, end)
  }

  /** What to read a block of this length into. */
  room(length: number): Uint8Array {
    return this.memory.subarray(0, cellLength(length))
  }
}

/** The block that was read into this room. */
export function sealedIn(room: Uint8Array, length: number): SealedBlock {
  const end = BLOCK_NONCE_BYTES + BLOCK_TAG_BYTES
  return {
    nonce: room.subarray(0, BLOCK_NONCE_BYTES),
    tag: room.subarray(BLOCK_NONCE_BYTES, end),
    bytes: room.subarray(PAGE_BYTES, PAGE_BYTES + length),
  }
}

// Cells that nobody uses. Memory of this kind is never given back, so they are kept.
const unused: Cell[] = []

/** A cell that is the caller's until it is handed back, once, when nothing reads or writes it any more. */
export function takeCell(): Cell {
  const cell = unused.pop()
  if (cell !== undefined) return cell
  const [first, ...others] = makeCells()
  unused.push(...others)
  return first
}

export function handBack(cell: Cell): void {
  unused.push(cell)
}

/** Several at once: for each memory some gigabytes of addresses are set aside, of which only what is written costs memory. */
function makeCells(): readonly [Cell, ...Cell[]] {
  const units = Math.ceil((CELLS_AT_ONCE * CELL_BYTES) / UNIT_BYTES)
  const { buffer } = new WebAssembly.Memory({ initial: units, maximum: units, shared: true })
  const cellAt = (index: number) => new Cell(new Uint8Array(buffer, index * CELL_BYTES, CELL_BYTES))
  return [cellAt(0), ...Array.from({ length: CELLS_AT_ONCE - 1 }, (_, index) => cellAt(index + 1))]
}

/** Bytes on disk of a block of this length. */
function cellLength(length: number): number {
  return PAGE_BYTES + Math.ceil(length / PAGE_BYTES) * PAGE_BYTES
}
