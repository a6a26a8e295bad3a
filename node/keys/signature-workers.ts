/**
 * Signatures on threads of their own, many to a message. Handing a thread one signature costs the main thread a
 * fifth of what making it does; handing it a hundred packed into one buffer costs nothing that shows. Few
 * signatures at a time stay on Node's own pool, which answers sooner.
 */
import { availableParallelism } from 'node:os'
import type { KeyObject } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { assert } from '../../protocol/assert.ts'
import { NodeError } from '../errors.ts'
import type { VerifyJob } from './native.ts'
import { pack, SIGNATURE_BYTES, type Answer, type Order } from './signature-order.ts'

/** Fewer signatures than this are not worth a message. */
export const WORKER_JOBS_MIN = 32

const WORKERS_MAX = 8

type Waiting = { readonly resolve: (bytes: Uint8Array) => void; readonly reject: (error: unknown) => void }
type Running = { readonly worker: Worker; readonly waiting: Map<number, Waiting> }

// Started at first use and kept; `ask` and `end` alone change it.
const running: Running[] = []
let orders = 0

/** Whether each signature is good, by the rule of the protocol, in the order of the jobs. */
export async function verifyOnWorkers(jobs: readonly VerifyJob[]): Promise<readonly boolean[]> {
  const answers = await Promise.all(
    slices(jobs).map((slice) => {
      const keys = [...new Set(slice.map(({ key }) => key))]
      const places = new Map(keys.map((key, place) => [key, place]))
      const keyOf = Uint32Array.from(slice, ({ key }) => places.get(key) ?? 0)
      const packed = pack(slice.flatMap(({ message, signature }) => [message, signature]))
      return ask({ what: 'verify', keys, keyOf, ...packed }, [keyOf.buffer])
    }),
  )
  return answers.flatMap((bytes) => Array.from(bytes, (byte) => byte === 1))
}

/** Signs each message with this Ed25519 key; the key object crosses to the thread, its bytes do not. */
export async function signOnWorkers(
  key: KeyObject,
  messages: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const answers = await Promise.all(
    slices(messages).map((slice) => ask({ what: 'sign', key, ...pack(slice) }, [])),
  )
  return answers.flatMap((bytes) =>
    Array.from({ length: bytes.length / SIGNATURE_BYTES }, (_, i) =>
      bytes.slice(i * SIGNATURE_BYTES, (i + 1) * SIGNATURE_BYTES),
    ),
  )
}

/** One run of neighbours for each worker. */
function slices<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.min(workerCount(), Math.ceil(items.length / WORKER_JOBS_MIN))
  const length = Math.ceil(items.length / count)
  return Array.from({ length: count }, (_, i) => items.slice(i * length, (i + 1) * length))
}

function workerCount(): number {
  return Math.min(WORKERS_MAX, availableParallelism())
}

function ask(order: Order, alsoMoved: readonly ArrayBuffer[]): Promise<Uint8Array> {
  const { worker, waiting } = leastBusy()
  orders += 1
  const id = orders
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    worker.ref()
    worker.postMessage({ id, order }, [order.bytes.buffer, order.ends.buffer, ...alsoMoved])
  })
}

function leastBusy(): Running {
  if (running.length < workerCount()) running.push(start())
  const [first, ...others] = running
  assert(first !== undefined, 'a worker was started')
  return others.reduce((best, one) => (one.waiting.size < best.waiting.size ? one : best), first)
}

function start(): Running {
  const worker = new Worker(new URL('./signature-worker.js', import.meta.url))
  const started: Running = { worker, waiting: new Map() }
  worker.on('message', (answer: Answer) => {
    const asked = started.waiting.get(answer.id)
    started.waiting.delete(answer.id)
    if ('bytes' in answer) asked?.resolve(answer.bytes)
    else asked?.reject(new NodeError('SIGNATURES_FAILED', answer.failure))
    // An idle worker does not keep a program alive.
    if (started.waiting.size === 0) worker.unref()
  })
  worker.on('error', (error) => end(started, error))
  worker.on('exit', () => end(started, undefined))
  worker.unref()
  return started
}

/** What was asked of a thread that died is refused; the next order starts another. */
function end(ended: Running, cause: unknown): void {
  const at = running.indexOf(ended)
  if (at !== -1) running.splice(at, 1)
  const error = new NodeError('SIGNATURES_FAILED', 'a thread that handles signatures has ended', { cause })
  for (const { reject } of ended.waiting.values()) reject(error)
  ended.waiting.clear()
}
