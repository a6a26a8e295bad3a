/**
 * One data set between two processes, against a bare stream of the same library between two others: each measurement
 * has processes of its own, so that none is the faster or slower for what ran in them before.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startReader } from '../test/support/blob-peers.ts'
import type { HolderOrder, HolderSays } from './data-set-holder.ts'
import { READER_SEED, type ReaderOrder, type ReaderSays } from './data-set-reader.ts'
import { median, print } from './report.ts'

const MEBIBYTE = 2 ** 20

export async function benchDataSet(bytes: number, runs: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const reader = await startReader(READER_SEED)
  await reader.stop()
  const order: HolderOrder = { directory: join(directory, 'holder'), bytes, reader: reader.id }
  const values = { raw: [] as number[], set: [] as number[], reader: [] as number[], holder: [] as number[] }
  let importSeconds = 0
  try {
    for (let run = 0; run < runs; run++) {
      const raw = await measure(order, { what: 'raw', bytes, directory: join(directory, `raw-${run}`) })
      const set = await measure(order, { what: 'set', bytes, directory: join(directory, `set-${run}`) })
      importSeconds += raw.importSeconds
      values.raw.push(bytes / MEBIBYTE / raw.seconds)
      values.set.push(bytes / MEBIBYTE / set.seconds)
      values.reader.push(set.rss / MEBIBYTE)
      values.holder.push(set.holderRss / MEBIBYTE)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  const n = Math.ceil(bytes / MEBIBYTE)
  print({ name: 'disclose.raw-stream', unit: 'MiB/s', n, values: values.raw })
  print({ name: 'disclose.dataset', unit: 'MiB/s', n, values: values.set, baseline: median(values.raw) })
  print({ name: 'disclose.dataset-rss', unit: 'MiB', n, values: values.reader })
  print({ name: 'disclose.holder-rss', unit: 'MiB', n, values: values.holder })
  print({ name: 'disclose.import', unit: 'MiB/s', n, values: [n / importSeconds] })
}

async function measure(
  order: HolderOrder,
  { what, bytes, directory }: Pick<ReaderOrder, 'what' | 'bytes' | 'directory'>,
) {
  const holder = fork(process.argv[1] ?? '', ['holder', JSON.stringify(order)])
  try {
    const { address, root, contentKey, importSeconds } = await heard<HolderSays>(holder)
    const asked: ReaderOrder = { what, bytes, directory, address, root, contentKey }
    const reader = fork(process.argv[1] ?? '', ['reader', JSON.stringify(asked)])
    const { seconds, rss } = await heard<ReaderSays>(reader)
    await ended(reader)
    holder.send('stop')
    const { rss: holderRss } = await heard<{ readonly rss: number }>(holder)
    await ended(holder)
    rmSync(directory, { recursive: true, force: true })
    return { seconds, rss, holderRss, importSeconds }
  } finally {
    holder.kill()
  }
}

function heard<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T))
    child.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code}`)))
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
}
