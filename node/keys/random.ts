/** Fresh bytes from the operating system, drawn in blocks: one system call for a hundred openings. */
import { randomFillSync } from 'node:crypto'
import type { Random } from '../ports.ts'

const BLOCK_BYTES = 16_384
const block = Buffer.alloc(BLOCK_BYTES)
let used = BLOCK_BYTES

export const systemRandom: Random = {
  bytes: (count) => {
    if (count > BLOCK_BYTES) return randomFillSync(new Uint8Array(count))
    if (used + count > BLOCK_BYTES) {
      randomFillSync(block)
      used = 0
    }
    const bytes = Uint8Array.from(block.subarray(used, used + count))
    // No byte is handed out twice, and none stays behind.
    block.fill(0, used, used + count)
    used += count
    return bytes
  },
}
