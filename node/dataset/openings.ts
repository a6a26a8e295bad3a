/** Opening sealed blocks for their leaf hash, on a thread: it takes as long as everything else that is done with a block. */
import { Worker } from 'node:worker_threads'
import { blockPlace, type SealedBlock } from '../../protocol/dataset/stream.ts'
import { NodeError } from '../errors.ts'
import type { OpeningAnswer, OpeningOrder } from './opening-thread.ts'
import { CIPHER } from './sealed-block.ts'

/** There is next to nothing on the heap of the thread. */
const HEAP = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 }

type Leaf = OpeningAnswer['leaf']
type Waiting = { readonly resolve: (leaf: Leaf) => void; readonly reject: (error: unknown) => void }

// Started at first use and kept; `ask` and `end` alone change them.
let thread: Worker | undefined
let orders = 0
const waiting = new Map<number, Waiting>()

/**
 * SHA-256(0x00 ‖ block) of a block that is sealed under this key for this place; undefined where its tag does not hold. The
 * sealed bytes are in shared memory, to which nobody writes before the answer. Answers come in the order of the questions.
 * Throws IO_FAILED when the thread ends.
 */
export function leafOfSealed(
  key: Uint8Array,
  index: number,
  { nonce, tag, bytes }: SealedBlock,
): Promise<Leaf> {
  return ask({ cipher: CIPHER, key, nonce, tag, place: blockPlace(index), sealed: bytes })
}

function ask(order: Omit<OpeningOrder, 'id'>): Promise<Leaf> {
  thread ??= start()
  orders += 1
  const id = orders
  const opened = new Promise<Leaf>((resolve, reject) => waiting.set(id, { resolve, reject }))
  thread.ref()
  thread.postMessage({ id, ...order } satisfies OpeningOrder, [])
  return opened
}

function start(): Worker {
  const started = new Worker(new URL('./opening-thread.js', import.meta.url), { resourceLimits: HEAP })
  started.on('message', ({ id, leaf }: OpeningAnswer) => {
    waiting.get(id)?.resolve(leaf)
    waiting.delete(id)
    // An idle thread does not keep a program alive.
    if (waiting.size === 0) started.unref()
  })
  // One that dies of an error says `error` and later `exit`, when another may have begun.
  const onEnd = (cause: unknown) => {
    if (thread === started) end(cause)
  }
  started.on('error', onEnd)
  started.on('exit', () => onEnd(undefined))
  started.unref()
  return started
}

/** What was asked of a thread that died is refused; the next block starts another. */
function end(cause: unknown): void {
  thread = undefined
  const error = new NodeError('IO_FAILED', 'the thread that opens blocks has ended', { cause })
  for (const { reject } of waiting.values()) reject(error)
  waiting.clear()
}
