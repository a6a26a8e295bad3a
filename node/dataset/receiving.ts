/**
 * A granted file on its way in. Blocks arrive here verified, in any order; every 32 of them are synced and then noted,
 * so that a kill costs at most those and never leaves a note of a block that is not there.
 */
import { blockCount } from '../../protocol/dataset/blocks.ts'
import type { SealedBlock } from '../../protocol/dataset/stream.ts'
import { BLOB_BLOCKS_MAX } from '../../protocol/limits.ts'
import { BlockFile } from './block-file.ts'
import type { Cell } from './cell.ts'
import { blocksPlace, type Copy } from './copy.ts'
import { Have } from './have.ts'
import type { GrantedHead } from './head.ts'

/** Blocks between two notes on disk. */
const NOTE_BLOCKS = 32

export type ReceivingEvents = {
  /** All blocks are here; or, after a check, some are not. */
  readonly onWhole: (isWhole: boolean) => void
  readonly onClosed: () => void
}

export class Receiving {
  readonly copy: Copy<GrantedHead>
  private readonly file: BlockFile
  private readonly have: Have
  private readonly onWhole: (isWhole: boolean) => void
  private readonly onClosed: () => void
  // Written by `put` and `note` only.
  private writing: Promise<void>[] = []
  private unnoted: number[] = []
  private noting: Promise<void> = Promise.resolve()
  // Written by `check` and `close` only.
  private isWhole: boolean

  private constructor(
    copy: Copy<GrantedHead>,
    file: BlockFile,
    have: Have,
    { onWhole, onClosed }: ReceivingEvents,
  ) {
    this.copy = copy
    this.file = file
    this.have = have
    this.onWhole = onWhole
    this.onClosed = onClosed
    this.isWhole = copy.head.isWhole
  }

  static async open(copy: Copy<GrantedHead>, events: ReceivingEvents): Promise<Receiving> {
    const file = await BlockFile.open(blocksPlace(copy))
    const have = new Have(copy.files.have, blockCount(copy.head.bytes))
    await findUnnoted(file, have)
    return new Receiving(copy, file, have, events)
  }

  /** What to ask for next, or undefined when all is here. */
  missing(): { readonly from: number; readonly count: number } | undefined {
    return this.have.missing(BLOB_BLOCKS_MAX)
  }

  held(): number {
    return this.have.held()
  }

  /**
   * Stores a block that was verified, is sealed under the content key and was put into this cell. It answers when the
   * cell is no longer needed; `settle` when all are on disk.
   */
  async put(index: number, cell: Cell, sealed: SealedBlock): Promise<void> {
    const written = this.file.writeCell(index, cell, sealed)
    this.writing.push(written)
    this.unnoted.push(index)
    const noted = this.unnoted.length >= NOTE_BLOCKS ? this.note() : undefined
    await written
    await noted
  }

  /** Reads every block that is noted; forgets those that do not open. Returns their indices. */
  async check(): Promise<readonly number[]> {
    const damaged: number[] = []
    for (let index = 0; index < this.have.count; index++) {
      if (this.have.has(index) && (await this.file.read(index)) === undefined) damaged.push(index)
    }
    for (const index of damaged) this.have.clear(index)
    if (damaged.length === 0) return damaged
    this.turn(false)
    this.have.save()
    return damaged
  }

  /** Answers when everything that was put is on disk and noted. */
  async settle(): Promise<void> {
    await this.note()
    await this.noting
  }

  /** Ends the work for now, or for good when nothing is missing. */
  async close(): Promise<void> {
    try {
      await this.settle()
      if (this.missing() === undefined) this.turn(true)
    } finally {
      await this.file.close()
      this.onClosed()
    }
  }

  private turn(isWhole: boolean): void {
    if (this.isWhole === isWhole) return
    this.isWhole = isWhole
    this.onWhole(isWhole)
  }

  /** One note is on its way to the disk at a time; answers when the one before is there. */
  private note(): Promise<void> {
    const [before, writes, indices] = [this.noting, this.writing, this.unnoted]
    this.writing = []
    this.unnoted = []
    this.noting = this.syncThenMark(before, writes, indices)
    // Whoever waits for it next hears of a failure; without a listener it would end the process.
    this.noting.catch(() => undefined)
    return before
  }

  private async syncThenMark(
    before: Promise<void>,
    writes: readonly Promise<void>[],
    indices: readonly number[],
  ): Promise<void> {
    await before
    await Promise.all(writes)
    if (indices.length === 0) return
    await this.file.sync()
    for (const index of indices) this.have.mark(index)
    this.have.save()
  }
}

/**
 * After a kill some blocks are there that no note speaks of. They were verified before they were written, and one that
 * opens is one that was written, so it need not be sent again.
 */
async function findUnnoted(file: BlockFile, have: Have): Promise<void> {
  for (let found = 0; found < 2 * NOTE_BLOCKS; found++) {
    const next = have.missing(1)
    if (next === undefined || (await file.read(next.from)) === undefined) return
    have.mark(next.from)
  }
}
