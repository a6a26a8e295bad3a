/**
 * Blocks that came whole, on their way in: each is opened, checked against the root and stored, in that order, while the next
 * ones come. Only what was checked is written.
 */
import { checkBlock, blockLength } from '../../protocol/dataset/blocks.ts'
import { native } from '../keys/native.ts'
import type { SentBlock } from '../net/ask-blob.ts'
import type { FetchEnd, FetchParts } from './fetching.ts'
import type { Openings, Slot } from './openings.ts'

export class Taking {
  private readonly parts: Pick<FetchParts, 'receiving' | 'onBlock'>
  private readonly openings: Openings
  // Written by `take` and `takeIn` only.
  private readonly underWay = new Set<Promise<void>>()
  private wrong: FetchEnd | undefined
  private failure: { readonly error: unknown } | undefined

  constructor(parts: Pick<FetchParts, 'receiving' | 'onBlock'>, openings: Openings) {
    this.parts = parts
    this.openings = openings
  }

  /** Takes a block whose sealed bytes fill this slot, which is free again when they are written. */
  take(slot: Slot, block: SentBlock): void {
    const taken = this.takeIn(slot, block)
      .catch((error: unknown) => {
        this.failure ??= { error }
      })
      .finally(() => this.underWay.delete(taken))
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

  private async takeIn(slot: Slot, { index, nonce, tag, proof }: SentBlock): Promise<void> {
    const { receiving } = this.parts
    const length = blockLength(receiving.copy.head.bytes, index)
    const opened = await this.openings.open({ index, nonce, tag, slot, length })
    try {
      // The thread answers in order; what came behind a wrong block is not taken.
      this.wrong ??= this.faultOf(index, length, proof, opened.leaf)
      if (this.wrong !== undefined) return
      // It is stored as it came.
      await receiving.putSealed(index, { nonce, tag, bytes: opened.slot.subarray(0, length) })
      this.parts.onBlock?.(index)
    } finally {
      this.openings.release(opened.slot)
    }
  }

  private faultOf(
    index: number,
    length: number,
    proof: SentBlock['proof'],
    leaf: Uint8Array | undefined,
  ): FetchEnd | undefined {
    if (leaf === undefined) return { kind: 'damaged' }
    const checked = checkBlock(native, this.parts.receiving.copy.head, { index, length, leaf, proof })
    return checked.ok ? undefined : { kind: 'lied', fault: checked.fault }
  }
}
