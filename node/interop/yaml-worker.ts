/**
 * Long YAML on a thread of its own, with a deadline and a bound on memory: a hostile file of a megabyte keeps a
 * parser busy for minutes, and a node must go on answering meanwhile.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { parseYaml, type YamlRead } from './yaml.ts'

/** Characters parsed in place. Case studies have at most 11,000; the worst of these takes half a second. */
const DIRECT_LENGTH_MAX = 16_384

/** A release of ATLAS takes 0.2 s. */
const DEADLINE_MS = 10_000

const HEAP_MEGABYTES_MAX = 512

const MARK = 'candor/yaml-worker'

/** Reads YAML without blocking this thread for long. */
export async function readYaml(text: string): Promise<YamlRead> {
  return text.length <= DIRECT_LENGTH_MAX ? parseYaml(text) : onThread(text, DEADLINE_MS)
}

/** The same on a thread of its own, given up after `deadlineMs`. */
export async function onThread(text: string, deadlineMs: number): Promise<YamlRead> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { mark: MARK, text },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX },
  })
  const read = await new Promise<YamlRead>((resolve) => {
    const timer = setTimeout(() => resolve({ ok: false, reason: 'takes too long to parse' }), deadlineMs)
    worker.once('message', (message: YamlRead) => resolve(message))
    worker.once('error', () => resolve({ ok: false, reason: 'takes too much memory to parse' }))
    worker.once('exit', () => clearTimeout(timer))
  })
  await worker.terminate()
  return read
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin.
if (!isMainThread && workerData?.mark === MARK) parentPort?.postMessage(parseYaml(workerData.text))
