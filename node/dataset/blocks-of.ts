/** Cuts a stream of bytes into blocks of 1 MiB, the last perhaps shorter. */
import { BLOCK_BYTES } from '../../protocol/limits.ts'

/** Each block is a buffer of its own: the next is read while this one is written. */
export async function* blocksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafe(BLOCK_BYTES)
  let filled = 0
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(BLOCK_BYTES - filled, chunk.length - at)
      block.set(chunk.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled < BLOCK_BYTES) continue
      yield block
      block = Buffer.allocUnsafe(BLOCK_BYTES)
      filled = 0
    }
  }
  if (filled > 0) yield block.subarray(0, filled)
}
