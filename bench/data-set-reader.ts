/** The process of the bench that receives: a data set, verified and sealed on disk, or as many bytes of a bare stream. */
import type { Connection } from '@libp2p/interface'
import { connect, fetchOnce, GRANT, startReader } from '../test/support/blob-peers.ts'
import { dataSetsIn } from '../test/support/data-set.ts'
import { counting } from '../test/support/statements.ts'
import { RAW_PROTOCOLS } from './data-set-holder.ts'

export const READER_SEED = counting(32, 0xa0)

export type ReaderOrder = {
  readonly what: keyof typeof RAW_PROTOCOLS | 'set'
  readonly bytes: number
  readonly directory: string
  readonly address: string
  readonly root: string
  readonly contentKey: string
}

export type ReaderSays = { readonly seconds: number; readonly rss: number }

export async function readDataSet(order: ReaderOrder): Promise<void> {
  const reader = await startReader(READER_SEED)
  const connection = await connect(reader.host, order.address)
  let rss = 0
  const watching = setInterval(() => (rss = Math.max(rss, process.memoryUsage.rss())), 50)
  const begun = performance.now()
  await (order.what === 'set' ? fetchSet(connection, order) : receiveRaw(connection, order.what, order.bytes))
  const seconds = (performance.now() - begun) / 1_000
  clearInterval(watching)
  process.send?.({ seconds, rss } satisfies ReaderSays)
  process.disconnect()
  await reader.stop()
}

/** From the request to the last block verified, stored and synced. */
async function fetchSet(connection: Connection, { directory, bytes, root, contentKey }: ReaderOrder) {
  const sets = dataSetsIn(directory, counting(32, 0))
  const granted = {
    path: 'bench.bin',
    root: fromHex(root),
    bytes,
    contentKey: fromHex(contentKey),
    grant: GRANT,
  }
  const end = await fetchOnce(sets, granted, connection, { signal: AbortSignal.timeout(600_000) })
  if (end.kind !== 'whole') throw new Error(`the data set did not come: ${JSON.stringify(end)}`)
}

async function receiveRaw(
  connection: Connection,
  what: keyof typeof RAW_PROTOCOLS,
  bytes: number,
): Promise<void> {
  const stream = await connection.newStream(RAW_PROTOCOLS[what])
  let received = 0
  const all = new Promise<void>((resolve, reject) => {
    stream.addEventListener('close', () => reject(new Error(`the bare stream ended after ${received} bytes`)))
    stream.addEventListener('message', ({ data }) => {
      received += data.byteLength
      if (received >= bytes) resolve()
    })
  })
  stream.send(Uint8Array.of(1))
  await all
  await stream.close()
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}
