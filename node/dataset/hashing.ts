/** SHA-256 of blocks without copying them: the same hashes that `protocol/dataset/blocks.ts` makes. */
import { createHash } from 'node:crypto'

const LEAF = Uint8Array.of(0)

/** SHA-256(0x00 ‖ block). */
export function leafOf(block: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(LEAF).update(block).digest())
}
