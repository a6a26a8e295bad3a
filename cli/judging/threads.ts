/**
 * Judging runs of leaves on threads. Runs go out in order and come back in any; whoever asked puts them in order again.
 * The key state crosses once per thread and change, because copying it costs more than judging a leaf. Threads stay for the next
 * log: they are warm then, and idle ones keep no program alive.
 */
import { Worker } from 'node:worker_threads'
import { NodeError } from '../../node/api/client.ts'
import type { Judgement } from '../../protocol/audit/judgement.ts'
import { branded } from '../../protocol/brand.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import type { HashedLeaves } from '../../protocol/log/merkle.ts'
import { splitHashes, type Answer, type Order, type Run } from './run.ts'

export type JudgedRun = { readonly leaves: HashedLeaves; readonly judgement: Judgement }

type Waiting = {
  readonly width: number
  readonly resolve: (run: JudgedRun | undefined) => void
  readonly reject: (error: unknown) => void
}
type Thread = { readonly worker: Worker; readonly waiting: Map<number, Waiting>; keys: unknown }

// Started at first use and kept; `threadsOf` alone changes it.
let kept: Threads | undefined

/** That many threads; those of the log before, where they still run. */
export function threadsOf(count: number): Threads {
  if (kept?.isFit(count) === true) return kept
  void kept?.end()
  kept = new Threads(count)
  return kept
}

export class Threads {
  private readonly threads: Thread[]
  private orders = 0
  private hasFailed = false

  constructor(count: number) {
    this.threads = Array.from({ length: count }, () => this.start())
  }

  isFit(count: number): boolean {
    return this.threads.length === count && !this.hasFailed
  }

  /** Answers when every thread has loaded what it needs. */
  async ready(): Promise<void> {
    const place = { origin: '', rootKey: branded<PublicKey>(new Uint8Array(0)), scope: new Set<number>() }
    const nothing = () => ({ from: 0, width: 0, entries: new Uint8Array(0), parts: undefined })
    await Promise.all(this.threads.map(() => this.judge(place, undefined, nothing())))
  }

  /** Judges a run under a key state that no leaf of it changes; undefined where it is no run of that width. */
  judge(place: Order['place'], keys: Judgement['keys'], run: Run): Promise<JudgedRun | undefined> {
    if (this.hasFailed) return Promise.reject(failed(undefined))
    const [first, ...others] = this.threads
    if (first === undefined) throw new Error('bug: there is a thread')
    const thread = others.reduce((best, one) => (one.waiting.size < best.waiting.size ? one : best), first)
    this.orders += 1
    const id = this.orders
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { width: run.width, resolve, reject })
      const order: Order = { id, place, keys: thread.keys === keys ? 'as-before' : keys, run }
      thread.keys = keys
      thread.worker.ref()
      thread.worker.postMessage(order, [run.entries, run.parts].flatMap(movable))
    })
  }

  async end(): Promise<void> {
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()))
  }

  private start(): Thread {
    const worker = new Worker(new URL('./thread.js', import.meta.url))
    worker.unref()
    const thread: Thread = { worker, waiting: new Map(), keys: NEVER }
    worker.on('message', (answer: Answer) => {
      const asked = thread.waiting.get(answer.id)
      thread.waiting.delete(answer.id)
      if (thread.waiting.size === 0) worker.unref()
      if ('failure' in answer) asked?.reject(failed(answer.failure))
      else if ('unreadable' in answer) asked?.resolve(undefined)
      else asked?.resolve({ leaves: splitHashes(answer.hashes, asked.width), judgement: answer.judgement })
    })
    const end = (cause?: unknown) => {
      this.hasFailed = true
      for (const { reject } of thread.waiting.values()) reject(failed(cause))
      thread.waiting.clear()
    }
    worker.on('error', end)
    worker.on('exit', () => end())
    return thread
  }
}

/** What no key state is, so that the first order always carries one. */
const NEVER = Symbol('never')

/** Bytes that have a buffer of their own are moved; a view into a larger one is copied. */
function movable(bytes: Uint8Array | undefined): readonly ArrayBuffer[] {
  const isOwn = bytes !== undefined && bytes.length === bytes.buffer.byteLength
  return isOwn && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []
}

function failed(cause: unknown): NodeError {
  return new NodeError('SIGNATURES_FAILED', 'a thread that judges entries has ended', { cause })
}
