import assert from 'node:assert/strict'
import { join } from 'node:path'
import { BLOCK_BYTES } from '../../protocol/limits.ts'
import { printBlobAnswer, printBlobRequest, type BlobEndReason } from '../../protocol/dataset/message.ts'
import type { Copy } from '../../node/dataset/copy.ts'
import type { DataSets } from '../../node/dataset/data-sets.ts'
import type { FetchEnd } from '../../node/dataset/fetching.ts'
import type { OwnHead } from '../../node/dataset/head.ts'
import { Frames } from '../../node/net/framing.ts'
import {
  connect,
  BLOB,
  fetchOnce,
  GRANT,
  grantedOf,
  grantTo,
  startHolder,
  startReader,
} from '../support/blob-peers.ts'
import { dataSetsIn, inChunks, markedFile } from '../support/data-set.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { framesOf, startLyingHolder, type BlockLie } from '../support/lying-holder.ts'
import { counting } from '../support/statements.ts'
import { until } from '../support/until.ts'

const BLOCKS = 6
const FILE = markedFile((BLOCKS - 1) * BLOCK_BYTES + 999)

const end = (reason: BlobEndReason) => [printBlobAnswer({ t: 'end', reason })]
const spoilt = (bytes: Uint8Array) => {
  const copy = new Uint8Array(bytes)
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1
  return copy
}

/** Each lie is told at block 2 alone: before it the holder is honest. */
const LIES: readonly (readonly [string, FetchEnd, BlockLie])[] = [
  [
    'a changed byte',
    { kind: 'damaged' },
    async (index, truth) => {
      const block = await truth(index)
      return framesOf(index, { ...block, bytes: spoilt(block.bytes) })
    },
  ],
  [
    'a tag of its own',
    { kind: 'damaged' },
    async (index, truth) => framesOf(index, { ...(await truth(index)), tag: counting(16, 0) }),
  ],
  [
    'another block with its own proof',
    { kind: 'damaged' },
    async (index, truth) => framesOf(index, await truth(index + 1)),
  ],
  [
    'another proof',
    { kind: 'lied', fault: 'block-proof' },
    async (index, truth) =>
      framesOf(index, { ...(await truth(index)), proof: (await truth(index + 1)).proof }),
  ],
  [
    'no proof',
    { kind: 'lied', fault: 'block-proof' },
    async (index, truth) => framesOf(index, { ...(await truth(index)), proof: [] }),
  ],
  [
    'a block that is too short',
    { kind: 'lied', fault: 'blob-length' },
    async (index, truth) => {
      const block = await truth(index)
      return framesOf(index, { ...block, bytes: block.bytes.subarray(1) })
    },
  ],
  [
    'a block that is too long',
    { kind: 'lied', fault: 'blob-length' },
    async (index, truth) => {
      const block = await truth(index)
      return framesOf(index, { ...block, bytes: Buffer.concat([block.bytes, Buffer.alloc(1)]) })
    },
  ],
  [
    'the block before it again',
    { kind: 'lied', fault: 'blob-order' },
    async (index, truth) => framesOf(index - 1, await truth(index - 1)),
  ],
  [
    'a header that is none',
    { kind: 'lied', fault: 'blob-shape' },
    () => [printBlobRequest({ grant: GRANT, root: counting(32, 0), from: 0, count: 1 })],
  ],
  ['rubbish', { kind: 'lied', fault: 'blob-cbor' }, () => [counting(30, 0xf0)]],
  ['an end without a word', { kind: 'lied', fault: 'blob-unended' }, () => []],
  ['that it has had enough', { kind: 'ended', reason: 'spent' }, () => end('spent')],
]

describe('a holder that lies about a data set', function () {
  this.timeout(180_000)
  let home: ReturnType<typeof temporaryDirectory>
  let ours: DataSets
  let theirs: DataSets
  let copy: Copy<OwnHead>
  const stopping: (() => Promise<void>)[] = []

  beforeEach(async () => {
    home = temporaryDirectory()
    ours = dataSetsIn(join(home.path, 'ours'))
    theirs = dataSetsIn(join(home.path, 'theirs'), counting(32, 7))
    copy = await ours.import({ path: 'rows.csv', bytes: FILE.length, body: inChunks(FILE) })
  })

  afterEach(async () => {
    for (const stop of stopping.splice(0).toReversed()) await stop()
    home.remove()
  })

  const held = async () => {
    const receiving = await theirs.receive(grantedOf(copy))
    const damaged = await receiving.check()
    const count = receiving.held()
    await receiving.close()
    assert.deepEqual(damaged, [])
    return count
  }
  const lying = async (lie: BlockLie) => {
    const holder = await startLyingHolder(ours, lie)
    const reader = await startReader()
    stopping.push(holder.peer.stop, reader.stop)
    const connection = await connect(reader.host, holder.address)
    return { holder, fetched: fetchOnce(theirs, grantedOf(copy), connection), connection }
  }

  for (const [what, expected, lie] of LIES)
    it(`with ${what} is found out, and what came before it is kept`, async () => {
      const { fetched, connection } = await lying(async (index, truth) =>
        index === 2 ? lie(index, truth) : index > 2 ? end('done') : framesOf(index, await truth(index)),
      )
      assert.deepEqual(await fetched, expected)
      assert.equal(await held(), 2)
      await until(
        'no stream is left open',
        () => !connection.streams.some(({ protocol }) => protocol === BLOB),
      )
    })

  it('without end is heard no further than what was asked for', async () => {
    const { fetched, holder } = await lying(async (index, truth) =>
      framesOf(index, await truth(index % BLOCKS)),
    )
    assert.deepEqual(await fetched, { kind: 'lied', fault: 'blob-more' })
    await until('it is cut off', () => holder.told.cut)
    assert.equal(await held(), BLOCKS)
  })

  it('with «done» and nothing is not asked for ever', async () => {
    const { fetched } = await lying(() => end('done'))
    assert.deepEqual(await fetched, { kind: 'ended', reason: 'short' })
  })

  it('with an end before the end is asked for the rest', async () => {
    const { fetched } = await lying(async (index, truth) =>
      framesOf(index, await truth(index)).concat(index % 2 === 1 ? end('done') : []),
    )
    assert.deepEqual(await fetched, { kind: 'whole' })
    assert.equal(await held(), BLOCKS)
  })
})

describe('a reader that is slow', function () {
  this.timeout(180_000)

  it('is let go when it takes nothing for as long as it may, and pays', async () => {
    const home = temporaryDirectory()
    const ours = dataSetsIn(join(home.path, 'ours'))
    const file = markedFile(40 * BLOCK_BYTES)
    const copy = await ours.import({ path: 'rows.csv', bytes: file.length, body: inChunks(file) })
    const holder = await startHolder(ours, { frameMs: 500 })
    const reader = await startReader()
    grantTo(holder, reader.id, [copy.head.root])
    const connection = await connect(reader.host, holder.address)
    const stream = await connection.newStream(BLOB)
    await new Frames(stream).write(
      printBlobRequest({ grant: GRANT, root: copy.head.root, from: 0, count: 40 }),
      AbortSignal.timeout(5_000),
    )
    await until('it is let go', () => stream.status !== 'open')
    assert.match(holder.peers.reason(reader.id) ?? '', /stood still/)
    await until('its turn is another’s', async () => {
      const end = await fetchOnce(dataSetsIn(join(home.path, 'theirs')), grantedOf(copy), connection)
      return end.kind === 'whole'
    })
    await reader.stop()
    await holder.peer.stop()
    home.remove()
  })
})
