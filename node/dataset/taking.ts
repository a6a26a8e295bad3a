/**
 * Blocks that came whole, on their way in: each is opened, checked against the root and stored, in that order, while the
 * next ones come. Only what was checked is written.
 */
import { checkBlock, type ProvenBlock } from '../../protocol/dataset/blocks.ts'
import { native } from '../keys/native.ts'
import { handBack, takeCell, type Cell } from './cell.ts'
import type { Coming } from './coming.ts'
import type { FetchEnd, FetchParts } from './fetching.ts'
import { leafOfSealed } from './openings.ts'

/** One that comes, one that is opened, the others on their way to the disk. */
const CELLS_MAX = 4

export class Taking {
  private readonly parts: Pick<FetchParts, 'receiving' | 'onBlock'>
  // Written by `cell` and `release` only.
  private readonly cells = new Set<Cell>()
  private wake: (() => void) | undefined
  // Written by `take` only.
  private readonly underWay = new Set<Promise<void>>()
  private wrong: FetchEnd | undefined
  private failure: { readonly error: unknown } | undefined

  constructor(parts: Pick<FetchParts, 'receiving' | 'onBlock'>) {
    this.parts = parts
  }

  /** Room for the next block, when there is some. One asks at a time. */
  async cell(): Promise<Cell> {
    while (this.cells.size === CELLS_MAX) await new Promise<void>((resolve) => (this.wake = resolve))
    const cell = takeCell()
    this.cells.add(cell)
    return cell
  }

  release(cell: Cell): void {
    if (!this.cells.delete(cell)) return
    handBack(cell)
    this.wake?.()
  }

  /** Takes a block that came whole; its cell is free again when it is written. */
  take(coming: Coming): void {
    const taken = this.takeIn(coming)
      .catch((error: unknown) => {
        this.failure ??= { error }
      })
      .finally(() => {
        this.release(coming.cell)
        this.underWay.delete(taken)
      })
    this.underWay.add(taken)
  }

  /** What is wrong with a block that was taken, as far as is known. Throws what kept one from being stored. */
  found(): FetchEnd | undefined {
    if (this.failure !== undefined) throw this.failure.error
    return this.wrong
  }

  /** The same, when nothing is under way any more. */
  async end(): Promise<FetchEnd | undefined> {
    await this.settled()
    return this.found()
  }

  /** Answers when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay)
  }

  private async takeIn(coming: Coming): Promise<void> {
    const { receiving, onBlock } = this.parts
    const { cell, block } = coming
    const { index, proof } = block
    const came = coming.sealed()
    const leaf = await leafOfSealed(receiving.copy.head.contentKey, index, came)
    // Answers come in order; what came behind a wrong block is not taken.
    this.wrong ??= this.faultOf({ index, length: came.bytes.length, proof }, leaf)
    if (this.wrong !== undefined) return
    // It is stored as it came.
    await receiving.put(index, cell, came)
    onBlock?.(index)
  }

  private faultOf(block: Omit<ProvenBlock, 'leaf'>, leaf: Uint8Array | undefined): FetchEnd | undefined {
    if (leaf === undefined) return { kind: 'damaged' }
    const checked = checkBlock(native, this.parts.receiving.copy.head, { ...block, leaf })
    return checked.ok ? undefined : { kind: 'lied', fault: checked.fault }
  }
}
