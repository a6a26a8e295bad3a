/** A block on its way in, laid out for the disk as its pieces come. */
import type { SealedBlock } from '../../protocol/dataset/stream.ts'
import type { SentBlock } from '../net/ask-blob.ts'
import type { Cell } from './cell.ts'

export class Coming {
  readonly block: SentBlock
  /** Where it is laid out; its own until it is stored. */
  readonly cell: Cell
  // Written by `take` only.
  private came = 0

  constructor(block: SentBlock, cell: Cell) {
    this.block = block
    this.cell = cell
  }

  /** The next sealed bytes; no more than a block has. */
  take(piece: Uint8Array): void {
    this.cell.put(piece, this.came)
    this.came += piece.length
  }

  /** What has come. */
  sealed(): SealedBlock {
    const { nonce, tag } = this.block
    return { nonce, tag, bytes: this.cell.sealed(this.came) }
  }
}
