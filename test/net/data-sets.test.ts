import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BLOCK_BYTES } from '../../protocol/limits.ts'
import { printBlobRequest } from '../../protocol/dataset/message.ts'
import type { Copy } from '../../node/dataset/copy.ts'
import type { DataSets } from '../../node/dataset/data-sets.ts'
import type { OwnHead } from '../../node/dataset/head.ts'
import { Watermarks } from '../../node/dataset/watermarks.ts'
import { askBlob, type SentBlock } from '../../node/net/ask-blob.ts'
import { Frames } from '../../node/net/framing.ts'
import type { RawPeer } from '../support/raw-peer.ts'
import {
  BLOB,
  connect,
  fetchOnce,
  GRANT,
  grantedOf,
  grantTo,
  startHolder,
  startReader,
  type Holder,
} from '../support/blob-peers.ts'
import { contentOf, dataSetsIn, filesHolding, inChunks, markedFile, MARKER } from '../support/data-set.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { counting } from '../support/statements.ts'
import { until } from '../support/until.ts'

const FILE = markedFile(70 * BLOCK_BYTES + 4_321)

describe('a granted data set', function () {
  this.timeout(180_000)
  let home: ReturnType<typeof temporaryDirectory>
  let ours: DataSets
  let theirs: DataSets
  let copy: Copy<OwnHead>
  let holder: Holder
  let reader: RawPeer
  const stopping: (() => Promise<void>)[] = []

  beforeEach(async () => {
    home = temporaryDirectory()
    for (const name of ['holder', 'reader']) mkdirSync(join(home.path, name))
    ours = dataSetsIn(join(home.path, 'holder', 'data-sets'))
    theirs = dataSetsIn(join(home.path, 'reader', 'data-sets'), counting(32, 7))
    copy = await ours.import({ path: 'data/rows.csv', bytes: FILE.length, body: inChunks(FILE) })
    holder = await startHolder(ours)
    reader = await startReader()
    stopping.push(holder.peer.stop, reader.stop)
  })

  afterEach(async () => {
    for (const stop of stopping.splice(0).toReversed()) await stop()
    home.remove()
  })

  const whole = async () => {
    const [got] = theirs.granted(GRANT)
    assert.ok(got)
    return contentOf(theirs, got)
  }

  it('reaches the reader whole, verified and sealed, and rests unsealed nowhere', async () => {
    grantTo(holder, reader.id, [copy.head.root])
    const connection = await connect(reader.host, holder.address)
    assert.deepEqual(await fetchOnce(theirs, grantedOf(copy), connection), { kind: 'whole' })
    assert.ok((await whole()).equals(FILE))
    assert.deepEqual(filesHolding(home.path, MARKER), [])
    assert.deepEqual(filesHolding(home.path, FILE.subarray(BLOCK_BYTES, BLOCK_BYTES + 32)), [])
    assert.deepEqual(
      holder.served.map(({ from, count, peer }) => [from, count, peer]),
      [[0, 71, reader.id]],
    )
    assert.equal(holder.peers.score(reader.id), 0)
    assert.ok(holder.asked >= 5, 'asked again while it was sent')
  })

  it('is refused alike to the wrong peer, for another file, without a grant, and beyond its end', async () => {
    const other = await startReader()
    stopping.push(other.stop)
    const unheld = { ...grantedOf(copy), root: counting(32, 9) }
    const refused = { kind: 'ended', reason: 'refused' } as const
    grantTo(holder, reader.id, [copy.head.root])
    assert.deepEqual(
      await fetchOnce(theirs, grantedOf(copy), await connect(other.host, holder.address)),
      refused,
    )
    const connection = await connect(reader.host, holder.address)
    assert.deepEqual(await fetchOnce(theirs, unheld, connection), refused)
    assert.deepEqual(await fetchOnce(theirs, grantedOf(copy, counting(32, 3)), connection), refused)
    grantTo(holder, reader.id, [copy.head.root, unheld.root])
    assert.deepEqual(await fetchOnce(theirs, unheld, connection), refused)
    const beyond = askBlob(
      connection,
      BLOB,
      {
        grant: GRANT,
        root: copy.head.root,
        from: 71,
        count: 1,
        bytes: FILE.length,
        begin: () => ({ take: () => undefined }),
      },
      AbortSignal.timeout(5_000),
    )
    assert.deepEqual(await beyond.next(), { done: true, value: 'refused' })
    assert.deepEqual(holder.served, [])
    assert.equal(
      theirs.granted(GRANT).every(({ head }) => !head.isWhole),
      true,
    )
  })

  it('cannot be read by a peer that was answered without the content key', async () => {
    grantTo(holder, reader.id, [copy.head.root])
    const connection = await connect(reader.host, holder.address)
    const keyless = { ...grantedOf(copy), contentKey: counting(32, 1) }
    assert.deepEqual(await fetchOnce(theirs, keyless, connection), { kind: 'damaged' })
    const seen: Uint8Array[] = []
    const begin = ({ index }: SentBlock) => ({ index, take: (piece: Uint8Array) => void seen.push(piece) })
    const asked = { grant: GRANT, root: copy.head.root, from: 0, count: 2, bytes: FILE.length, begin }
    const blocks = askBlob(connection, BLOB, asked, AbortSignal.timeout(5_000))
    for await (const { index } of blocks) assert.ok(index < 2)
    assert.equal(Buffer.concat(seen).length, 2 * BLOCK_BYTES)
    assert.equal(Buffer.concat(seen).includes(MARKER), false)
  })

  it('stops within 16 blocks when the grant ends on its way', async () => {
    const grant = grantTo(holder, reader.id, [copy.head.root])
    const connection = await connect(reader.host, holder.address)
    const end = await fetchOnce(theirs, grantedOf(copy), connection, {
      onBlock: (index) => {
        if (index === 3) grant.until = 0
      },
    })
    assert.deepEqual(end, { kind: 'ended', reason: 'refused' })
    const receiving = await theirs.receive(grantedOf(copy))
    const held = receiving.held()
    await receiving.close()
    assert.ok(held >= 4 && held < 71, `${held} blocks came`)
    grantTo(holder, reader.id, [copy.head.root])
    assert.deepEqual(await fetchOnce(theirs, grantedOf(copy), connection), { kind: 'whole' })
    assert.equal(holder.served.at(-1)?.from, held, 'what was verified is not sent again')
    assert.ok((await whole()).equals(FILE))
  })

  it('is not sent when it cannot be written down that it is', async () => {
    grantTo(holder, reader.id, [copy.head.root])
    holder.failing = new Error('the disk is full')
    const connection = await connect(reader.host, holder.address)
    const refused = { kind: 'ended', reason: 'failed' } as const
    assert.deepEqual(await fetchOnce(theirs, grantedOf(copy), connection), refused)
    const receiving = await theirs.receive(grantedOf(copy))
    assert.equal(receiving.held(), 0)
    await receiving.close()
  })

  it('ends at a block that is damaged at the holder, and goes on when it is whole again', async () => {
    grantTo(holder, reader.id, [copy.head.root])
    const sound = readFileSync(copy.files.blocks)
    const spoilt = Buffer.from(sound)
    const at = 9 * (4_096 + BLOCK_BYTES) + 5_000
    spoilt[at] = (spoilt[at] ?? 0) ^ 1
    writeFileSync(copy.files.blocks, spoilt)
    const connection = await connect(reader.host, holder.address)
    assert.deepEqual(await fetchOnce(theirs, grantedOf(copy), connection), { kind: 'damaged' })
    writeFileSync(copy.files.blocks, sound)
    assert.deepEqual(await fetchOnce(theirs, grantedOf(copy), connection), { kind: 'whole' })
    assert.deepEqual(
      holder.served.map(({ from }) => from),
      [0, 9],
    )
  })

  it('that is damaged here is mended when it is fetched again', async () => {
    grantTo(holder, reader.id, [copy.head.root])
    const connection = await connect(reader.host, holder.address)
    assert.deepEqual(await fetchOnce(theirs, grantedOf(copy), connection), { kind: 'whole' })
    const [got] = theirs.granted(GRANT)
    assert.ok(got)
    const spoilt = readFileSync(got.files.blocks)
    const at = 9 * (4_096 + BLOCK_BYTES) + 5_000
    spoilt[at] = (spoilt[at] ?? 0) ^ 1
    writeFileSync(got.files.blocks, spoilt)
    assert.deepEqual(await fetchOnce(theirs, grantedOf(copy), connection), { kind: 'whole' })
    assert.deepEqual(
      holder.served.map(({ from, count }) => [from, count]),
      [
        [0, 71],
        [9, 1],
      ],
      'that block alone was asked for',
    )
    assert.ok((await whole()).equals(FILE))
  })

  it('is erased at the holder in the middle of being sent', async () => {
    grantTo(holder, reader.id, [copy.head.root])
    const connection = await connect(reader.host, holder.address)
    const end = await fetchOnce(theirs, grantedOf(copy), connection, {
      onBlock: (index) => {
        if (index === 2) ours.erase(copy)
      },
    })
    assert.deepEqual(end, { kind: 'ended', reason: 'failed' })
  })

  it('is fetched whole four times under one grant, and no more', async () => {
    grantTo(holder, reader.id, [copy.head.root])
    const connection = await connect(reader.host, holder.address)
    const ends: unknown[] = []
    for (let time = 0; time < 5; time++) {
      const [got] = theirs.granted(GRANT)
      if (got !== undefined) theirs.erase(got)
      const end = await fetchOnce(theirs, grantedOf(copy), connection)
      ends.push(end.kind === 'ended' ? end.reason : end.kind)
    }
    assert.deepEqual(ends, ['whole', 'whole', 'whole', 'whole', 'spent'])
  })

  it('is sent to four readers at once; the fifth is asked to wait', async () => {
    grantTo(holder, reader.id, [copy.head.root])
    const request = printBlobRequest({ grant: GRANT, root: copy.head.root, from: 0, count: 71 })
    const others = await Promise.all(Array.from({ length: 3 }, () => startReader()))
    stopping.push(...others.map(({ stop }) => stop))
    const idle = await Promise.all(
      [reader, reader, ...others.slice(0, 2)].map(async ({ host }) => {
        const connection = await connect(host, holder.address)
        const stream = await connection.newStream(BLOB)
        stream.pause()
        return stream
      }),
    )
    for (const stream of idle.slice(0, 2)) await new Frames(stream).write(request, AbortSignal.timeout(5_000))
    await until('all four are open', async () => {
      const [last] = others.slice(2)
      assert.ok(last)
      const connection = await connect(last.host, holder.address)
      const end = await fetchOnce(theirs, grantedOf(copy, counting(32, 1)), connection)
      return end.kind === 'ended' && end.reason === 'busy'
    })
    for (const stream of idle) stream.abort(new Error('enough'))
  })

  it('that was made for its reader is sent in the place of the committed one, and traced', async () => {
    const text = Array.from({ length: 80_000 }, (_, i) => `${100_000 + i},${MARKER},ward ${i % 17}\n`).join(
      '',
    )
    const file = Buffer.from(`id,what,where\n${text}`)
    const base = await ours.import({ path: 'wards.csv', bytes: file.length, body: inChunks(file) })
    const marks = new Watermarks(ours)
    const { root, bytes } = await marks.mark(base.head.root, counting(32, 5))
    grantTo(holder, reader.id, [root])
    const connection = await connect(reader.host, holder.address)
    const refused = { kind: 'ended', reason: 'refused' } as const
    assert.deepEqual(await fetchOnce(theirs, grantedOf(base), connection), refused)
    const [begun] = theirs.granted(GRANT)
    assert.ok(begun)
    theirs.erase(begun)
    assert.deepEqual(await fetchOnce(theirs, { ...grantedOf(base), root, bytes }, connection), {
      kind: 'whole',
    })
    const content = await whole()
    assert.equal(content.length, bytes)
    assert.ok(content.length > file.length)
    const [traced] = await marks.trace(inChunks(content))
    assert.deepEqual([traced?.request, traced?.found], [counting(32, 5), 16])
    assert.deepEqual(filesHolding(home.path, MARKER), [])
  })

  it('makes a request that is none pay', async () => {
    const connection = await connect(reader.host, holder.address)
    const frames = new Frames(await connection.newStream(BLOB))
    await frames.write(counting(40, 0), AbortSignal.timeout(5_000))
    const answer = await frames.read(1_024, AbortSignal.timeout(5_000))
    assert.match(Buffer.from(answer ?? []).toString('latin1'), /bad-request/)
    await until('it pays', () => holder.peers.score(reader.id) < 0)
  })
})
