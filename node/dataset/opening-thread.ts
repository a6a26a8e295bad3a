/**
 * The thread that opens sealed blocks for their leaf hash. What is opened never leaves it: it is hashed and dropped, here, where
 * collecting it costs little because there is next to nothing else on the heap. So this file imports nothing of ours.
 */
import { createDecipheriv, createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'

export type OpeningOrder = {
  readonly id: number
  readonly cipher: 'aes-256-gcm'
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly tag: Uint8Array
  /** What is authenticated beside the block. */
  readonly place: Uint8Array
  /** The sealed bytes stand at the front of this buffer, which is moved here and back. */
  readonly slot: Uint8Array<ArrayBuffer>
  readonly length: number
}

export type OpeningAnswer = {
  readonly id: number
  readonly slot: Uint8Array<ArrayBuffer>
  /** SHA-256(0x00 ‖ block); undefined where the tag does not hold. */
  readonly leaf: Uint8Array | undefined
}

/** Bytes opened at once: few enough that they are still in the processor's cache when they are hashed. */
const PIECE_BYTES = 16_384
const LEAF = Uint8Array.of(0)

const port = parentPort
if (port === null) throw new Error('bug: this file is run as a thread')

port.on('message', (order: OpeningOrder) => {
  const { id, slot } = order
  const answer: OpeningAnswer = { id, slot, leaf: leafOf(order) }
  port.postMessage(answer, [slot.buffer])
})

function leafOf({ cipher, key, nonce, tag, place, slot, length }: OpeningOrder): Uint8Array | undefined {
  const decipher = createDecipheriv(cipher, key, nonce, { authTagLength: tag.length })
  decipher.setAAD(place).setAuthTag(tag)
  const hasher = createHash('sha256').update(LEAF)
  for (let at = 0; at < length; at += PIECE_BYTES)
    hasher.update(decipher.update(slot.subarray(at, Math.min(at + PIECE_BYTES, length))))
  try {
    decipher.final()
  } catch {
    // The tag does not hold; then the hash is of nothing that anybody sealed.
    return undefined
  }
  return new Uint8Array(hasher.digest())
}
