/** The blocks of a marked copy, made of those of its base: its bytes with a few rows inserted. */
import { assert } from '../../protocol/assert.ts'
import { blockLength } from '../../protocol/dataset/blocks.ts'
import { BLOCK_BYTES } from '../../protocol/limits.ts'
import type { Insertion, MarkedHead } from './head.ts'

type Blocks = { readonly read: (index: number) => Promise<Uint8Array | undefined> }

/** Reads blocks of the marked file. Those in order read each block of the base about once. */
export function readInserted(
  { bytes, insertions }: Pick<MarkedHead, 'bytes' | 'insertions'>,
  baseBytes: number,
  base: Blocks,
): Blocks['read'] {
  const pieces = piecesOf(insertions, baseBytes)
  let last: { readonly index: number; readonly block: Uint8Array } | undefined
  const blockOf = async (index: number) => {
    if (last?.index === index) return last.block
    const block = await base.read(index)
    if (block !== undefined) last = { index, block }
    return block
  }
  return async (index) => {
    const start = index * BLOCK_BYTES
    const length = blockLength(bytes, index)
    const out = Buffer.allocUnsafe(length)
    for (const piece of pieces) {
      const [from, to] = [Math.max(start, piece.at), Math.min(start + length, piece.at + piece.length)]
      if (from >= to) continue
      if (piece.bytes !== undefined) {
        out.set(piece.bytes.subarray(from - piece.at, to - piece.at), from - start)
        continue
      }
      for (let at = from; at < to;) {
        const place = piece.offset + at - piece.at
        const block = await blockOf(Math.floor(place / BLOCK_BYTES))
        if (block === undefined) return undefined
        const part = block.subarray(place % BLOCK_BYTES, (place % BLOCK_BYTES) + to - at)
        assert(part.length > 0, 'a base has the bytes that its pieces name')
        out.set(part, at - start)
        at += part.length
      }
    }
    return out
  }
}

/** A run of bytes of the marked file: rows that were inserted, or bytes of the base from an offset on. */
type Piece =
  | { readonly at: number; readonly length: number; readonly bytes: Uint8Array }
  | { readonly at: number; readonly length: number; readonly bytes?: never; readonly offset: number }

function piecesOf(insertions: readonly Insertion[], baseBytes: number): readonly Piece[] {
  const pieces: Piece[] = []
  let [at, offset] = [0, 0]
  for (const insertion of insertions) {
    const length = insertion.offset - offset
    if (length > 0) pieces.push({ at, length, offset })
    at += length
    offset = insertion.offset
    pieces.push({ at, length: insertion.bytes.length, bytes: insertion.bytes })
    at += insertion.bytes.length
  }
  if (offset < baseBytes) pieces.push({ at, length: baseBytes - offset, offset })
  return pieces
}
