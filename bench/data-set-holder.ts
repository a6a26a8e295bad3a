/** The process of the bench that sends: holds a data set, serves it, and serves as many bytes over a bare stream. */
import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { randomFillSync } from 'node:crypto'
import { grantTo, startHolder } from '../test/support/blob-peers.ts'
import { dataSetsIn } from '../test/support/data-set.ts'
import { counting } from '../test/support/statements.ts'
import { UNSENT_BYTES_MAX } from '../node/net/limits.ts'
import { isKind, type Copy } from '../node/dataset/copy.ts'
import type { OwnHead } from '../node/dataset/head.ts'

/** A bare stream, by how many bytes it is handed at once: as most programs do it, and as we do it. */
export const RAW_PROTOCOLS = { raw: '/candor-bench/raw/1', 'raw-large': '/candor-bench/raw-large/1' } as const
const WRITE_BYTES = { raw: 65_536, 'raw-large': 1_048_576 } as const
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
  for (const what of ['raw', 'raw-large'] as const)
    await holder.peer.host.handle(RAW_PROTOCOLS[what], (stream) => sendRaw(stream, bytes, WRITE_BYTES[what]))
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

async function sendRaw(stream: Stream, bytes: number, writeBytes: number): Promise<void> {
  const blocks = Array.from({ length: RAW_BLOCKS }, () => randomFillSync(Buffer.alloc(MEBIBYTE)))
  // The reader says when it listens.
  await new Promise((resolve) => stream.addEventListener('message', resolve, { once: true }))
  for (let sent = 0; sent < bytes; sent += writeBytes) {
    const block = blocks[Math.floor(sent / MEBIBYTE) % RAW_BLOCKS]
    const at = sent % MEBIBYTE
    if (stream.send(new Uint8ArrayList(block?.subarray(at, at + writeBytes) ?? new Uint8Array(0)))) continue
    // As our own streams do: a sender that goes on at each `drain` fills the buffer until its stream is aborted.
    do await moved(stream)
    while (stream.writeBufferLength > UNSENT_BYTES_MAX)
  }
  await stream.close()
}

/** Answers when something of what waited was sent, or all of it. */
function moved(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.removeEventListener('drain', done)
      stream.removeEventListener('idle', done)
      resolve()
    }
    stream.addEventListener('drain', done)
    stream.addEventListener('idle', done)
  })
}

/** Fresh blocks, so that nothing on the way can be the faster for having seen them. */
async function* noise(bytes: number): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; left -= MEBIBYTE) {
    yield randomFillSync(Buffer.alloc(Math.min(MEBIBYTE, left)))
    await Promise.resolve()
  }
}
