/**
 * The thread that opens sealed blocks for their leaf hash. What is opened never leaves it: it is hashed and dropped here. It has
 * next to nothing on its heap, so this file imports nothing of ours.
 */
import { createDecipheriv, createHash } from 'node:crypto'
import { MessageChannel, parentPort } from 'node:worker_threads'

export type OpeningOrder = {
  readonly id: number
  readonly cipher: 'aes-256-gcm'
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly tag: Uint8Array
  /** What is authenticated beside the block. */
  readonly place: Uint8Array
  /** The sealed bytes, in memory that the thread shares and to which nobody writes meanwhile. */
  readonly sealed: Uint8Array
}

export type OpeningAnswer = {
  readonly id: number
  /** SHA-256(0x00 ‖ block); undefined where the tag does not hold. */
  readonly leaf: Uint8Array | undefined
}

/** Bytes opened at once: few enough that they are still in the processor's cache when they are hashed. */
const STEP_BYTES = 65_536
const LEAF = Uint8Array.of(0)

const port = parentPort
if (port === null) throw new Error('bug: this file is run as a thread')

port.on('message', (order: OpeningOrder) => {
  const answer: OpeningAnswer = { id: order.id, leaf: leafOf(order) }
  port.postMessage(answer)
})

function leafOf({ cipher, key, nonce, tag, place, sealed }: OpeningOrder): Uint8Array | undefined {
  const decipher = createDecipheriv(cipher, key, nonce, { authTagLength: tag.length })
  decipher.setAAD(place).setAuthTag(tag)
  const hash = createHash('sha256').update(LEAF)
  for (let at = 0; at < sealed.length; at += STEP_BYTES) {
    const opened = decipher.update(sealed.subarray(at, at + STEP_BYTES))
    hash.update(opened)
    drop(opened.buffer)
  }
  try {
    decipher.final()
  } catch {
    // The tag does not hold; then the hash is of nothing that anybody sealed.
    return undefined
  }
  return new Uint8Array(hash.digest())
}

const { port1: nowhere, port2 } = new MessageChannel()
port2.close()

/** Frees memory now: nothing here makes the collector run before tens of megabytes of what was opened lie about. */
function drop(buffer: ArrayBuffer): void {
  nowhere.postMessage(undefined, [buffer])
}
