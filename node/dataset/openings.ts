/**
 * Blocks that are being opened on a thread, a few at a time: each has a buffer into which its pieces are copied as they come,
 * which is moved to the thread and back, and from which it is written to disk.
 */
import { Worker } from 'node:worker_threads'
import { BLOCK_BYTES } from '../../protocol/limits.ts'
import { blockPlace, type SealedBlock } from '../../protocol/dataset/stream.ts'
import { NodeError } from '../errors.ts'
import type { OpeningAnswer, OpeningOrder } from './opening-thread.ts'
import { CIPHER } from './sealed-block.ts'

/** One that comes, one that is opened, two on their way to the disk. */
const SLOTS = 4

/** There is next to nothing on the heap of the thread. */
const HEAP = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 }

export type Slot = Uint8Array<ArrayBuffer>

/** A sealed block that came whole: its bytes stand at the front of the slot. */
export type Filled = Pick<SealedBlock, 'nonce' | 'tag'> & {
  readonly index: number
  readonly slot: Slot
  readonly length: number
}

type Opened = Pick<OpeningAnswer, 'slot' | 'leaf'>
type Waiting = { readonly resolve: (opened: Opened) => void; readonly reject: (error: unknown) => void }

// Started at first use and kept; `ask` and `end` alone change them.
let thread: Worker | undefined
let orders = 0
const waiting = new Map<number, Waiting>()

export class Openings {
  private readonly key: Uint8Array
  private readonly free: Slot[]
  private wake: (() => void) | undefined

  /** Of blocks under this content key. */
  constructor(key: Uint8Array) {
    this.key = key
    this.free = Array.from({ length: SLOTS }, () => new Uint8Array(BLOCK_BYTES))
  }

  /** Room for a block, when there is some. One asks at a time. */
  async slot(): Promise<Slot> {
    for (;;) {
      const slot = this.free.pop()
      if (slot !== undefined) return slot
      await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }

  release(slot: Slot): void {
    this.free.push(slot)
    this.wake?.()
  }

  /**
   * The leaf hash of a sealed block, undefined where its tag does not hold, and its slot, which is another object afterwards.
   * Throws IO_FAILED when the thread ends.
   */
  open({ index, nonce, tag, slot, length }: Filled): Promise<Opened> {
    return ask({ cipher: CIPHER, key: this.key, nonce, tag, place: blockPlace(index), slot, length })
  }
}

function ask(order: Omit<OpeningOrder, 'id'>): Promise<Opened> {
  thread ??= start()
  orders += 1
  const id = orders
  const opened = new Promise<Opened>((resolve, reject) => waiting.set(id, { resolve, reject }))
  thread.ref()
  thread.postMessage({ id, ...order } satisfies OpeningOrder, [order.slot.buffer])
  return opened
}

function start(): Worker {
  const started = new Worker(new URL('./opening-thread.js', import.meta.url), { resourceLimits: HEAP })
  started.on('message', ({ id, ...opened }: OpeningAnswer) => {
    waiting.get(id)?.resolve(opened)
    waiting.delete(id)
    // An idle thread does not keep a program alive.
    if (waiting.size === 0) started.unref()
  })
  started.on('error', end)
  started.on('exit', () => end(undefined))
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
