/**
 * One data set between two processes, against a bare stream of the same library between two others, that is handed 64 KiB at a
 * time as streams usually are; and, for who wonders, one that is handed a mebibyte at a time as blocks are. Each measurement has
 * processes of its own, so that none is the faster or slower for what ran in them before.
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
  const values: Record<'raw' | 'large' | 'set' | 'reader' | 'holder', number[]> = {
    raw: [],
    large: [],
    set: [],
    reader: [],
    holder: [],
  }
  let importSeconds = 0
  try {
    importSeconds = await importOnce(order)
    for (let run = 0; run < runs; run++) {
      const of = (what: ReaderOrder['what']) =>
        measure(order, { what, bytes, directory: join(directory, `${what}-${run}`) })
      const [raw, set, large] = [await of('raw'), await of('set'), await of('raw-large')]
      values.raw.push(bytes / MEBIBYTE / raw.seconds)
      values.large.push(bytes / MEBIBYTE / large.seconds)
      values.set.push(bytes / MEBIBYTE / set.seconds)
      values.reader.push(set.rss / MEBIBYTE)
      values.holder.push(set.holderRss / MEBIBYTE)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  const n = Math.ceil(bytes / MEBIBYTE)
  print({ name: 'disclose.raw-stream', unit: 'MiB/s', n, values: values.raw })
  print({ name: 'disclose.raw-stream-large', unit: 'MiB/s', n, values: values.large })
  print({ name: 'disclose.dataset', unit: 'MiB/s', n, values: values.set, baseline: median(values.raw) })
  print({ name: 'disclose.dataset-rss', unit: 'MiB', n, values: values.reader })
  print({ name: 'disclose.holder-rss', unit: 'MiB', n, values: values.holder })
  print({ name: 'disclose.import', unit: 'MiB/s', n, values: [n / importSeconds] })
}

async function importOnce(order: HolderOrder): Promise<number> {
  const holder = fork(process.argv[1] ?? '', ['holder', JSON.stringify(order)])
  try {
    const { importSeconds } = await heard<HolderSays>(holder)
    await stopped(holder)
    return importSeconds
  } finally {
    holder.kill()
  }
}

async function measure(
  order: HolderOrder,
  { what, bytes, directory }: Pick<ReaderOrder, 'what' | 'bytes' | 'directory'>,
) {
  const holder = fork(process.argv[1] ?? '', ['holder', JSON.stringify(order)])
  try {
    const { address, root, contentKey } = await heard<HolderSays>(holder)
    const asked: ReaderOrder = { what, bytes, directory, address, root, contentKey }
    const reader = fork(process.argv[1] ?? '', ['reader', JSON.stringify(asked)])
    const { seconds, rss } = await heard<ReaderSays>(reader)
    await ended(reader)
    const holderRss = await stopped(holder)
    rmSync(directory, { recursive: true, force: true })
    return { seconds, rss, holderRss }
  } finally {
    holder.kill()
  }
}

/** Ends a holder. Returns the most memory that it had. */
async function stopped(holder: ChildProcess): Promise<number> {
  holder.send('stop')
  const { rss } = await heard<{ readonly rss: number }>(holder)
  await ended(holder)
  return rss
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
