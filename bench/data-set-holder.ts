/** The process of the bench that sends: holds a data set, serves it, and serves as many bytes over a bare stream. */
import { Uint8ArrayList } from 'uint8arraylist'
import { randomFillSync } from 'node:crypto'
import { grantTo, startHolder } from '../test/support/blob-peers.ts'
import { dataSetsIn } from '../test/support/data-set.ts'
import { counting } from '../test/support/statements.ts'
import { isKind, type Copy } from '../node/dataset/copy.ts'
import type { OwnHead } from '../node/dataset/head.ts'

export const RAW_PROTOCOL = '/candor-bench/raw/1'
const MEBIBYTE = 2 ** 20
/** Blocks that the bare stream sends in turn: more than a processor's cache holds, as any real data are. */
const RAW_BLOCKS = 16

export type HolderOrder = { readonly directory: string; readonly bytes: number; readonly reader: string }

export type HolderSays = {
  readonly address: string
  readonly root: string
  readonly contentKey: string
  /** 0 where the file was there already. */
  readonly importSeconds: number
}

export async function holdDataSet({ directory, bytes, reader }: HolderOrder): Promise<void> {
  const sets = dataSetsIn(directory, counting(32, 1))
  const begun = performance.now()
  const held = sets.list().find((copy): copy is Copy<OwnHead> => isKind(copy, 'own'))
  const copy = held ?? (await sets.import({ path: 'bench.bin', bytes, body: noise(bytes) }))
  const importSeconds = held === undefined ? (performance.now() - begun) / 1_000 : 0
  let rss = 0
  setInterval(() => (rss = Math.max(rss, process.memoryUsage.rss())), 50)
  const holder = await startHolder(sets)
  grantTo(holder, reader, [copy.head.root])
  await holder.peer.host.handle(RAW_PROTOCOL, async (stream) => {
    const blocks = Array.from({ length: RAW_BLOCKS }, () => randomFillSync(Buffer.alloc(MEBIBYTE)))
    // The reader says when it listens.
    await new Promise((resolve) => stream.addEventListener('message', resolve, { once: true }))
    for (let sent = 0; sent < bytes; sent += MEBIBYTE) {
      if (stream.send(new Uint8ArrayList(blocks[(sent / MEBIBYTE) % RAW_BLOCKS] ?? new Uint8Array(0))))
        continue
      await new Promise((resolve) => stream.addEventListener('drain', resolve, { once: true }))
    }
    await stream.close()
  })
  process.on('message', () => {
    process.send?.({ rss }, () => process.exit(0))
  })
  process.send?.({
    address: holder.address,
    root: Buffer.from(copy.head.root).toString('hex'),
    contentKey: Buffer.from(copy.head.contentKey).toString('hex'),
    importSeconds,
  } satisfies HolderSays)
}

/** Fresh blocks, so that nothing on the way can be the faster for having seen them. */
async function* noise(bytes: number): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; left -= MEBIBYTE) {
    yield randomFillSync(Buffer.alloc(Math.min(MEBIBYTE, left)))
    await Promise.resolve()
  }
}
