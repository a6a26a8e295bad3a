/** One data set between two processes, against a bare stream of the same library over the same connection. */
import type { Connection } from '@libp2p/interface'
import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, fetchOnce, GRANT, startReader } from '../test/support/blob-peers.ts'
import { dataSetsIn } from '../test/support/data-set.ts'
import { RAW_PROTOCOL, type HolderOrder, type HolderSays } from './data-set-holder.ts'
import { median, print } from './report.ts'

const MEBIBYTE = 2 ** 20

export async function benchDataSet(bytes: number, runs: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const reader = await startReader()
  const order: HolderOrder = { directory: join(directory, 'holder'), bytes, reader: reader.id }
  const child = fork(process.argv[1] ?? '', ['holder', JSON.stringify(order)])
  try {
    const held = await heard(child)
    if (!('address' in held)) throw new Error('the holder did not start')
    const connection = await connect(reader.host, held.address)
    const [raw, fetched, memory]: [number[], number[], number[]] = [[], [], []]
    for (let run = 0; run < runs; run++) {
      raw.push(await rawRate(connection, bytes))
      const watch = watchMemory()
      fetched.push(await fetchRate(connection, join(directory, `reader-${run}`), bytes, held))
      memory.push(watch() / MEBIBYTE)
      rmSync(join(directory, `reader-${run}`), { recursive: true })
    }
    child.send('stop')
    const said = await heard(child)
    await new Promise((resolve) => child.once('exit', resolve))
    const blocks = Math.ceil(bytes / MEBIBYTE)
    print({ name: 'disclose.raw-stream', unit: 'MiB/s', n: blocks, values: raw })
    print({
      name: 'disclose.dataset',
      unit: 'MiB/s',
      n: blocks,
      values: fetched,
      baseline: median(raw),
    })
    print({ name: 'disclose.dataset-rss', unit: 'MiB', n: blocks, values: memory })
    if ('rss' in said)
      print({ name: 'disclose.holder-rss', unit: 'MiB', n: blocks, values: [said.rss / MEBIBYTE] })
    print({
      name: 'disclose.import',
      unit: 'MiB/s',
      n: blocks,
      values: [bytes / MEBIBYTE / held.importSeconds],
    })
  } finally {
    if (child.exitCode === null) child.kill()
    await reader.stop()
    rmSync(directory, { recursive: true })
  }
}

/** From the request to the last block verified, sealed and synced. */
async function fetchRate(
  connection: Connection,
  directory: string,
  bytes: number,
  { root, contentKey }: { readonly root: string; readonly contentKey: string },
): Promise<number> {
  const sets = dataSetsIn(directory, randomBytes(32))
  const granted = {
    path: 'bench.bin',
    root: fromHex(root),
    bytes,
    contentKey: fromHex(contentKey),
    grant: GRANT,
  }
  const begun = performance.now()
  const end = await fetchOnce(sets, granted, connection, { signal: AbortSignal.timeout(600_000) })
  const seconds = (performance.now() - begun) / 1_000
  if (end.kind !== 'whole') throw new Error(`the data set did not come: ${JSON.stringify(end)}`)
  return bytes / MEBIBYTE / seconds
}

async function rawRate(connection: Connection, bytes: number): Promise<number> {
  const begun = performance.now()
  const stream = await connection.newStream(RAW_PROTOCOL)
  let received = 0
  const all = new Promise<void>((resolve) => {
    stream.addEventListener('message', ({ data }) => {
      received += data.byteLength
      if (received >= bytes) resolve()
    })
  })
  stream.send(Uint8Array.of(1))
  await all
  await stream.close()
  return bytes / MEBIBYTE / ((performance.now() - begun) / 1_000)
}

function watchMemory(): () => number {
  let peak = 0
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 100)
  return () => {
    clearInterval(timer)
    return peak
  }
}

function heard(child: ChildProcess): Promise<HolderSays> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as HolderSays)))
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}
