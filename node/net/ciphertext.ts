/** A ciphertext in frames of its own: as many bytes as were agreed on and no more. */
import { concat } from '../../protocol/bytes.ts'
import type { Frames } from './framing.ts'
import { ACCESS_CHUNK_BYTES } from './limits.ts'

export function chunksIn(ciphertext: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < ciphertext.length; at += ACCESS_CHUNK_BYTES)
    chunks.push(ciphertext.subarray(at, at + ACCESS_CHUNK_BYTES))
  return chunks
}

/** Undefined when the stream ends before. Throws FrameError. */
export async function readCiphertext(
  frames: Frames,
  length: number,
  within: () => AbortSignal,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let held = 0
  while (held < length) {
    const chunk = await frames.read(Math.min(ACCESS_CHUNK_BYTES, length - held), within())
    if (chunk === undefined || chunk.length === 0) return undefined
    chunks.push(chunk)
    held += chunk.length
  }
  return concat(...chunks)
}
