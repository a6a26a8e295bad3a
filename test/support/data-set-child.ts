/**
 * A process that reads a file in, or fetches one, and is killed in the middle: by itself, after as many blocks as it was told,
 * because whoever hears of a block may hear of it too late. Its orders are one argument of JSON; it says `{"end": …}` last.
 */
import { createReadStream, statSync } from 'node:fs'
import { dataSetsIn } from './data-set.ts'
import { connect, fetchOnce, startReader } from './blob-peers.ts'

export type Order = {
  /** Blocks after which it is killed, as by `kill -9`; writes that are under way then are cut off. */
  readonly killAfter?: number
} & (
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
)

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const say = (message: object) => process.send?.(message)

const order = JSON.parse(process.argv[2] ?? '') as Order

let blocks = 0
function onBlock(): void {
  blocks += 1
  if (blocks === order.killAfter) process.kill(process.pid, 'SIGKILL')
}

const sets = dataSetsIn(order.directory, bytes(order.vaultKey))
if (order.do === 'import') {
  const body = (async function* () {
    for await (const chunk of createReadStream(order.file, { highWaterMark: 1_048_576 })) {
      yield chunk as Uint8Array
      onBlock()
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
  const end = await fetchOnce(sets, file, connection, { onBlock })
  say({ end: end.kind === 'ended' ? end.reason : end.kind })
  await reader.stop()
}
process.disconnect()
