import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printHex } from '../../../protocol/bytes.ts'
import { makeBlockTree } from '../../../protocol/dataset/blocks.ts'
import { BLOCK_BYTES } from '../../../protocol/limits.ts'
import type { Copy } from '../../../node/dataset/copy.ts'
import type { OwnHead } from '../../../node/dataset/head.ts'
import { native } from '../../../node/keys/native.ts'
import { contentOf, dataSetsIn, filesHolding, inChunks, markedFile, MARKER } from '../../support/data-set.ts'
import { leavesOf } from '../../support/dataset-vectors.ts'
import { hasCode, temporaryDirectory } from '../../support/directory.ts'
import { counting } from '../../support/statements.ts'

const CELL_BYTES = 4_096 + BLOCK_BYTES
const FILE = markedFile(3 * BLOCK_BYTES + 12_345)

describe('the data sets of a node', () => {
  let home: ReturnType<typeof temporaryDirectory>
  beforeEach(() => (home = temporaryDirectory()))
  afterEach(() => home.remove())

  const directory = () => join(home.path, 'data-sets')
  const open = () => dataSetsIn(directory())
  const add = (path = 'data/rows.csv', file: Uint8Array = FILE) =>
    open().import({ path, bytes: file.length, body: inChunks(file) })
  const flip = (path: string, at: number) => {
    const bytes = readFileSync(path)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(path, bytes)
  }

  it('keep a file whole and sealed, and give it back', async () => {
    const copy = await add()
    assert.deepEqual(copy.head.root, makeBlockTree(native, leavesOf(FILE)).root)
    assert.equal(printHex(copy.head.digest), createHash('sha256').update(FILE).digest('hex'))
    const sets = open()
    const [again] = sets.list()
    assert.ok(again)
    assert.deepEqual(again.head, copy.head)
    assert.deepEqual(await contentOf(sets, again), FILE)
    assert.deepEqual(filesHolding(home.path, MARKER), [])
  })

  it('tell nobody who sees the disk which file it is', async () => {
    const { head } = await add()
    for (const secret of [head.root, head.digest, head.contentKey, head.markSecret]) {
      assert.deepEqual(filesHolding(home.path, secret), [])
      const names = readdirSync(home.path, { recursive: true, encoding: 'utf8' }).join('\n')
      assert.equal(names.includes(printHex(secret).slice(0, 12)), false)
    }
    assert.deepEqual(filesHolding(home.path, 'rows.csv'), [])
  })

  it('let nobody else read even the sealed bytes', async () => {
    const { files } = await add()
    for (const path of [files.head, files.blocks, files.leaves])
      assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(statSync(files.directory).mode & 0o777, 0o700)
  })

  it('keep files of every length', async () => {
    const sets = open()
    for (const bytes of [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES]) {
      const file = markedFile(bytes)
      const copy = await sets.import({ path: `f${bytes}`, bytes, body: inChunks(file) })
      assert.deepEqual(copy.head.root, makeBlockTree(native, leavesOf(file)).root)
      assert.deepEqual(await contentOf(sets, copy), file)
    }
  })

  it('keep the same file under the same path once', async () => {
    const first = await add()
    const second = await add()
    assert.deepEqual(second.id, first.id)
    assert.equal(readdirSync(directory()).length, 1)
  })

  it('refuse a path that leads out of the directory, before they read a byte', async () => {
    const body = (async function* () {
      yield await Promise.reject(new Error('read'))
    })()
    for (const path of ['../rows.csv', '/etc/passwd', 'a\nb', ''])
      await assert.rejects(open().import({ path, bytes: 4, body }), hasCode('BAD_INPUT'))
  })

  it('refuse a file that changes its length while it is read', async () => {
    for (const bytes of [FILE.length - 1, FILE.length + 1])
      await assert.rejects(open().import({ path: 'a', bytes, body: inChunks(FILE) }), hasCode('CONFLICT'))
    assert.deepEqual(open().list(), [])
  })

  it('refuse a file that the disk has no room for, before they read a byte', async () => {
    const body = inChunks(FILE)
    await assert.rejects(open().import({ path: 'a', bytes: 2 ** 38, body }), hasCode('STORE_FULL'))
  })

  describe('after an interruption', () => {
    const interrupted = async (after: number) => {
      const body = (async function* () {
        yield FILE.subarray(0, after)
        await Promise.reject(new Error('killed'))
      })()
      await assert.rejects(open().import({ path: 'a', bytes: FILE.length, body }), /killed/)
    }

    it('list and serve nothing that is half', async () => {
      await interrupted(2 * BLOCK_BYTES + 5)
      const sets = open()
      assert.deepEqual(sets.list(), [])
      assert.equal(sets.served(makeBlockTree(native, leavesOf(FILE)).root), undefined)
      assert.deepEqual(filesHolding(home.path, MARKER), [])
    })

    it('go on where they were: what is on the disk is not written again', async () => {
      await interrupted(2 * BLOCK_BYTES + 5)
      const [name = ''] = readdirSync(directory())
      const before = readFileSync(join(directory(), name, 'blocks')).subarray(0, 2 * CELL_BYTES)
      const copy = await add('a')
      assert.deepEqual(readdirSync(directory()), [name])
      const after = readFileSync(copy.files.blocks).subarray(0, 2 * CELL_BYTES)
      assert.ok(before.equals(after), 'the same sealed bytes')
      assert.deepEqual(await contentOf(open(), copy), FILE)
    })

    it('never seal two contents of a block under one nonce when the file changed', async () => {
      await interrupted(2 * BLOCK_BYTES + 5)
      const [name = ''] = readdirSync(directory())
      const before = readFileSync(join(directory(), name, 'blocks'))
      const other = Buffer.from(FILE)
      other[BLOCK_BYTES + 1] = (other[BLOCK_BYTES + 1] ?? 0) ^ 1
      const copy = await add('a', other)
      const after = readFileSync(copy.files.blocks)
      assert.ok(before.subarray(0, CELL_BYTES).equals(after.subarray(0, CELL_BYTES)))
      const nonce = (file: Buffer) => file.subarray(CELL_BYTES, CELL_BYTES + 12)
      assert.ok(!nonce(before).equals(nonce(after)))
      assert.deepEqual(await contentOf(open(), copy), other)
    })

    it('take one reader of a file at a time', async () => {
      const sets = open()
      const first = sets.import({ path: 'a', bytes: FILE.length, body: inChunks(FILE) })
      await assert.rejects(
        sets.import({ path: 'a', bytes: FILE.length, body: inChunks(FILE) }),
        hasCode('CONFLICT'),
      )
      assert.deepEqual(await contentOf(sets, await first), FILE)
    })
  })

  describe('on a disk that somebody changed', () => {
    const spoil = async (change: (copy: Copy<OwnHead>, other: Copy<OwnHead>) => void) => {
      const copy = await add('a')
      const other = await add('b', markedFile(FILE.length, 1))
      change(copy, other)
      const sets = open()
      const found = sets.list().find(({ head }) => head.path === 'a')
      return { sets, found }
    }
    const cases: readonly (readonly [string, (copy: Copy<OwnHead>, other: Copy<OwnHead>) => void])[] = [
      ['a flipped bit of a block', ({ files }) => flip(files.blocks, CELL_BYTES + 5_000)],
      ['a flipped bit of a nonce', ({ files }) => flip(files.blocks, CELL_BYTES + 3)],
      ['a flipped bit of a tag', ({ files }) => flip(files.blocks, CELL_BYTES + 27)],
      ['a file cut in the last block', ({ files }) => truncateSync(files.blocks, FILE.length)],
      ['a file cut between two blocks', ({ files }) => truncateSync(files.blocks, 3 * CELL_BYTES)],
      [
        'two blocks exchanged',
        ({ files }) => {
          const bytes = readFileSync(files.blocks)
          const [a, b] = [
            Buffer.from(bytes.subarray(0, CELL_BYTES)),
            Buffer.from(bytes.subarray(CELL_BYTES, 2 * CELL_BYTES)),
          ]
          b.copy(bytes, 0)
          a.copy(bytes, CELL_BYTES)
          writeFileSync(files.blocks, bytes)
        },
      ],
      ['the blocks of another file', ({ files }, other) => cpSync(other.files.blocks, files.blocks)],
    ]
    for (const [what, change] of cases)
      it(`give out nothing of ${what}`, async () => {
        const { sets, found } = await spoil(change)
        assert.ok(found)
        await assert.rejects(contentOf(sets, found), hasCode('STORE_DAMAGED'))
      })

    it('are mended by the same file when it is added again, under the key that was named already', async () => {
      const { sets, found } = await spoil(({ files }) => {
        flip(files.blocks, CELL_BYTES + 5_000)
        truncateSync(files.blocks, 3 * CELL_BYTES)
      })
      assert.ok(found)
      await assert.rejects(contentOf(sets, found), hasCode('STORE_DAMAGED'))
      const mended = await sets.import({ path: 'a', bytes: FILE.length, body: inChunks(FILE) })
      assert.deepEqual([mended.id, mended.head.contentKey], [found.id, found.head.contentKey])
      assert.deepEqual(await contentOf(open(), mended), FILE)
      assert.equal(sets.list().length, 2)
    })

    it('leave a head of another vault alone, and list it as unreadable', async () => {
      const { sets, found } = await spoil(({ files }, other) => cpSync(other.files.head, files.head))
      assert.equal(found, undefined)
      assert.equal(sets.unreadable.length, 1)
      assert.equal(dataSetsIn(directory(), counting(32, 9)).unreadable.length, 2)
      assert.equal(readdirSync(directory()).length, 2)
    })

    it('refuse leaf hashes that were changed', async () => {
      const { sets, found } = await spoil(({ files }) => flip(files.leaves, 40))
      assert.ok(found)
      const reader = await sets.reader(found)
      assert.throws(() => reader.tree(), hasCode('STORE_DAMAGED'))
      await reader.close()
    })
  })

  describe('that are erased', () => {
    it('cannot be read any more, by an open reader neither', async () => {
      const sets = open()
      const copy = await sets.import({ path: 'a', bytes: FILE.length, body: inChunks(FILE) })
      const reader = await sets.reader(copy)
      assert.ok(await reader.read(0))
      sets.erase(copy)
      await assert.rejects(reader.read(1), hasCode('NOT_FOUND'))
      await reader.close()
      assert.equal(existsSync(copy.files.directory), false)
      assert.deepEqual(sets.list(), [])
    })

    it('lose the key first: an erasure that was interrupted is finished at the next start', async () => {
      const copy = await add()
      writeFileSync(copy.files.head, Buffer.alloc(statSync(copy.files.head).size))
      assert.deepEqual(open().list(), [])
      assert.equal(existsSync(copy.files.directory), false)
    })

    it('leave no directory without a head behind', async () => {
      const copy = await add()
      cpSync(copy.files.blocks, join(directory(), 'ff'.repeat(16), 'blocks'))
      assert.equal(open().list().length, 1)
      assert.equal(readdirSync(directory()).length, 1)
    })
  })
})
