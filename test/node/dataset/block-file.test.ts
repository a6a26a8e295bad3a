import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { open } from 'node:fs/promises'
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BLOCK_BYTES } from '../../../protocol/limits.ts'
import { BlockFile, type BlockPlace } from '../../../node/dataset/block-file.ts'
import { openBlock } from '../../../node/dataset/sealed-block.ts'
import { MARKER, markedFile } from '../../support/data-set.ts'
import { hasCode, temporaryDirectory } from '../../support/directory.ts'
import { counting } from '../../support/statements.ts'

const PAGE = 4_096
const CELL_BYTES = PAGE + BLOCK_BYTES
const FILE = markedFile(2 * BLOCK_BYTES + PAGE + 1)
const blockOf = (index: number) => FILE.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES)

/** What is the same with the page cache as without: a file system that cannot go past it refuses the flag. */
describe('the blocks of a copy on disk', () => {
  describe('on the file system of this machine', () => {
    let home: ReturnType<typeof temporaryDirectory>
    before(() => (home = temporaryDirectory()))
    after(() => home.remove())
    conform(() => home.path)

    const place = () => ({ path: join(home.path, 'others'), contentKey: counting(32, 1), bytes: FILE.length })

    it('are lost alone where a page cannot be read', async () => {
      const file = await BlockFile.open(place())
      for (const index of [0, 1, 2]) await file.write(index, blockOf(index))
      const end = await failing(place().path, 'EIO', (from, length) => from <= PAGE && from + length > PAGE)
      try {
        await assert.rejects(file.read(0), hasCode('IO_FAILED'))
        assert.deepEqual(await file.read(1), blockOf(1))
        const again = await BlockFile.open(place())
        assert.deepEqual(await again.read(2), blockOf(2))
        await again.close()
      } finally {
        end()
      }
      await file.close()
    })

    it('go through the cache where the file system wants other places', async () => {
      const file = await BlockFile.open(place())
      let refused = 0
      const end = await failing(place().path, 'EINVAL', () => (refused += 1) <= 3)
      try {
        await Promise.all([0, 1, 2].map((index) => file.write(index, blockOf(index))))
        for (const index of [0, 1, 2]) assert.deepEqual(await file.read(index), blockOf(index))
      } finally {
        end()
      }
      assert.ok(refused > 3)
      await file.sync()
      await file.close()
    })
  })

  describe('on one that has no way past the page cache', () => {
    let home: ReturnType<typeof temporaryDirectory>
    let mount: string | undefined
    before(function () {
      home = temporaryDirectory()
      const at = join(home.path, 'ramfs')
      mkdirSync(at)
      if (spawnSync('mount', ['-t', 'ramfs', 'ramfs', at]).status === 0) mount = at
      if (mount !== undefined) return
      process.stdout.write('      SKIPPED: this user may not mount a ramfs\n')
      this.skip()
    })
    after(() => {
      if (mount !== undefined) assert.equal(spawnSync('umount', [mount]).status, 0)
      home.remove()
    })
    conform(() => mount ?? '')
  })
})

/** What every file handle does when it is asked for these bytes: fails like this. Returns how to end that. */
async function failing(
  path: string,
  code: string,
  isMeant: (from: number, length: number) => boolean,
): Promise<() => void> {
  const one = await open(path)
  const prototype = Object.getPrototypeOf(one) as Pick<typeof one, 'read' | 'write'>
  await one.close()
  const { read, write } = prototype
  const wrapped = (work: (...args: never[]) => Promise<unknown>) => {
    return function (this: unknown, ...args: unknown[]) {
      const [, , length, from] = args as [unknown, unknown, number, number]
      const error = Object.assign(new Error(code), { code })
      return isMeant(from, length) ? Promise.reject(error) : work.apply(this, args as never[])
    }
  }
  Object.assign(prototype, { read: wrapped(read as never), write: wrapped(write as never) })
  return () => void Object.assign(prototype, { read, write })
}

function conform(directory: () => string): void {
  let place: BlockPlace
  let file: BlockFile
  beforeEach(async () => {
    place = { path: join(directory(), 'blocks'), contentKey: counting(32, 1), bytes: FILE.length }
    file = await BlockFile.open(place)
  })
  afterEach(async () => {
    await file.close()
    rmSync(place.path)
  })

  it('are written and read in any order, many at a time', async () => {
    await Promise.all([2, 0, 1].map((index) => file.write(index, blockOf(index))))
    await file.sync()
    const read = await Promise.all([1, 2, 0].map((index) => file.read(index)))
    assert.deepEqual(read, [blockOf(1), blockOf(2), blockOf(0)])
    const again = await BlockFile.open(place)
    assert.deepEqual(await again.read(2), blockOf(2))
    await again.close()
  })

  it('lie on whole pages, as the specification says, with nothing in clear', async () => {
    for (const index of [0, 1, 2]) await file.write(index, blockOf(index))
    const bytes = readFileSync(place.path)
    assert.equal(bytes.length, 2 * CELL_BYTES + PAGE + 2 * PAGE)
    for (const index of [0, 1, 2]) {
      const cell = bytes.subarray(index * CELL_BYTES, (index + 1) * CELL_BYTES)
      const end = PAGE + blockOf(index).length
      const sealed = {
        nonce: cell.subarray(0, 12),
        tag: cell.subarray(12, 28),
        bytes: cell.subarray(PAGE, end),
      }
      const opened = openBlock(place.contentKey, index, sealed)
      assert.ok(opened !== undefined && blockOf(index).equals(opened))
      const padding = Buffer.concat([cell.subarray(28, PAGE), cell.subarray(end)])
      assert.deepEqual(padding, Buffer.alloc(padding.length))
      assert.deepEqual(await file.readSealed(index), sealed)
    }
    assert.equal(bytes.indexOf(MARKER), -1)
  })

  it('are written over in place: what lay there before is not seen behind a shorter one', async () => {
    const before = await BlockFile.open({ ...place, bytes: 3 * BLOCK_BYTES })
    await before.write(2, Buffer.alloc(BLOCK_BYTES, 7))
    await before.close()
    await file.write(2, blockOf(2))
    assert.deepEqual(await file.read(2), blockOf(2))
    const cell = readFileSync(place.path).subarray(2 * CELL_BYTES)
    const end = PAGE + blockOf(2).length
    const padded = cell.subarray(end, Math.ceil(end / PAGE) * PAGE)
    assert.deepEqual(padded, Buffer.alloc(padded.length))
  })

  it('are none where nothing was written, behind the end, or where the file was cut', async () => {
    await file.write(1, blockOf(1))
    assert.equal(await file.read(0), undefined)
    assert.equal(await file.read(2), undefined)
    assert.equal(await file.read(3), undefined)
    assert.equal(await file.readSealed(2), undefined)
    for (const length of [2 * CELL_BYTES - PAGE, 2 * CELL_BYTES - 1, CELL_BYTES + 20, 3]) {
      truncateSync(place.path, length)
      assert.equal(await file.read(1), undefined, String(length))
    }
    assert.equal(statSync(place.path).size, 3)
  })

  it('are not opened through a link, which could lead anywhere', async () => {
    const link = join(directory(), 'link')
    writeFileSync(join(directory(), 'other'), '')
    assert.equal(spawnSync('ln', ['-s', 'other', link]).status, 0)
    await assert.rejects(BlockFile.open({ ...place, path: link }), hasCode('IO_FAILED'))
  })
}
