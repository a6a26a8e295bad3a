/**
 * A process that reads a file in, or fetches one, and can be killed at any moment. Its orders are one argument of JSON;
 * it says `{"block": n}` at each block and `{"end": …}` last.
 */
import { createReadStream, statSync } from 'node:fs'
import { dataSetsIn } from './data-set.ts'
import { connect, fetchOnce, startReader } from './blob-peers.ts'

export type Order =
  | { readonly do: 'import'; readonly directory: string; readonly vaultKey: string; readonly file: string }
  | {
      readonly do: 'fetch'
      readonly directory: string
      readonly vaultKey: string
      readonly seed: string
      readonly address: string
      readonly granted: {
        readonly path: string
        readonly root: string
        readonly bytes: number
        readonly contentKey: string
        readonly grant: string
      }
    }

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const say = (message: object) => process.send?.(message)

const order = JSON.parse(process.argv[2] ?? '') as Order
const sets = dataSetsIn(order.directory, bytes(order.vaultKey))
if (order.do === 'import') {
  const body = (async function* () {
    let blocks = 0
    for await (const chunk of createReadStream(order.file, { highWaterMark: 1_048_576 })) {
      yield chunk as Uint8Array
      say({ block: blocks++ })
    }
  })()
  const copy = await sets.import({ path: 'rows.csv', bytes: statSync(order.file).size, body })
  say({ end: Buffer.from(copy.head.root).toString('hex') })
} else {
  const { granted, seed, address } = order
  const reader = await startReader(bytes(seed))
  const file = {
    ...granted,
    root: bytes(granted.root),
    contentKey: bytes(granted.contentKey),
    grant: bytes(granted.grant),
  }
  const connection = await connect(reader.host, address)
  const end = await fetchOnce(sets, file, connection, { onBlock: (block) => say({ block }) })
  say({ end: end.kind === 'ended' ? end.reason : end.kind })
  await reader.stop()
}
process.disconnect()
