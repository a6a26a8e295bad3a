import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeBlockTree } from '../../../protocol/dataset/blocks.ts'
import { BLOCK_BYTES } from '../../../protocol/limits.ts'
import { handBack, takeCell } from '../../../node/dataset/cell.ts'
import type { DataSets, GrantedFile } from '../../../node/dataset/data-sets.ts'
import type { Receiving } from '../../../node/dataset/receiving.ts'
import { sealBlock } from '../../../node/dataset/sealed-block.ts'
import { native } from '../../../node/keys/native.ts'
import { contentOf, dataSetsIn, filesHolding, markedFile, MARKER } from '../../support/data-set.ts'
import { leavesOf } from '../../support/dataset-vectors.ts'
import { hasCode, temporaryDirectory } from '../../support/directory.ts'
import { counting } from '../../support/statements.ts'

const CELL_BYTES = 4_096 + BLOCK_BYTES
const BLOCKS = 40
const FILE = markedFile((BLOCKS - 1) * BLOCK_BYTES + 77)
const GRANTED: GrantedFile = {
  path: 'data/rows.csv',
  root: makeBlockTree(native, leavesOf(FILE)).root,
  bytes: FILE.length,
  contentKey: counting(32, 1),
  grant: counting(32, 2),
}
const clear = (index: number) => FILE.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES)

const put = async (receiving: Receiving, index: number) => {
  const sealed = sealBlock(receiving.copy.head.contentKey, index, clear(index))
  const cell = takeCell()
  cell.put(sealed.bytes, 0)
  await receiving.put(index, cell, sealed)
  handBack(cell)
}

describe('a granted file on its way in', () => {
  let home: ReturnType<typeof temporaryDirectory>
  let sets: DataSets
  beforeEach(() => {
    home = temporaryDirectory()
    sets = dataSetsIn(join(home.path, 'data-sets'))
  })
  afterEach(() => home.remove())

  const reopen = () => (sets = dataSetsIn(join(home.path, 'data-sets')))
  const receive = async (from: number, to: number) => {
    const receiving = await sets.receive(GRANTED)
    for (let index = from; index < to; index++) await put(receiving, index)
    return receiving
  }
  const whole = () => sets.granted(GRANTED.grant).map(({ head }) => head.isWhole)

  it('is whole when all blocks are here, in whatever order they came', async () => {
    const receiving = await sets.receive(GRANTED)
    for (let index = BLOCKS - 1; index >= 0; index--) await put(receiving, index)
    await receiving.close()
    assert.deepEqual(whole(), [true])
    reopen()
    assert.deepEqual(whole(), [true])
    const [copy] = sets.granted(GRANTED.grant)
    assert.ok(copy)
    assert.deepEqual(await contentOf(sets, copy), FILE)
    assert.deepEqual(filesHolding(home.path, MARKER), [])
  })

  it('goes on after a stop with what is missing', async () => {
    await (await receive(0, 5)).close()
    reopen()
    const receiving = await sets.receive(GRANTED)
    assert.deepEqual(receiving.missing(), { from: 5, count: BLOCKS - 5 })
    await receiving.close()
    assert.deepEqual(whole(), [false])
  })

  it('knows after a kill every block that was written, and no block that is not there', async () => {
    const abandoned = await receive(0, 39)
    reopen()
    const receiving = await sets.receive(GRANTED)
    assert.deepEqual(receiving.missing(), { from: 39, count: 1 })
    assert.deepEqual(await receiving.check(), [])
    await receiving.close()
    await abandoned.close()
  })

  it('is not whole while a block is missing, and gives none of it out as whole', async () => {
    const receiving = await receive(0, 39)
    await receiving.close()
    assert.deepEqual(whole(), [false])
    const [copy] = sets.granted(GRANTED.grant)
    assert.ok(copy)
    await assert.rejects(contentOf(sets, copy), hasCode('STORE_DAMAGED'))
    assert.equal(sets.served(GRANTED.root), undefined, 'what was granted is not passed on')
  })

  it('finds a flipped byte, and asks for that block alone', async () => {
    await (await receive(0, BLOCKS)).close()
    const [copy] = sets.granted(GRANTED.grant)
    assert.ok(copy)
    const bytes = readFileSync(copy.files.blocks)
    bytes[7 * CELL_BYTES + 5_000] = (bytes[7 * CELL_BYTES + 5_000] ?? 0) ^ 1
    writeFileSync(copy.files.blocks, bytes)
    await assert.rejects(contentOf(sets, copy), hasCode('STORE_DAMAGED'))
    const receiving = await sets.receive(GRANTED)
    assert.deepEqual(await receiving.check(), [7])
    assert.deepEqual(whole(), [false])
    assert.deepEqual(receiving.missing(), { from: 7, count: 1 })
    await put(receiving, 7)
    await receiving.close()
    assert.deepEqual(whole(), [true])
    assert.deepEqual(await contentOf(sets, copy), FILE)
  })

  it('finds what a note of too many blocks claims', async () => {
    await (await receive(0, 3)).close()
    const [copy] = sets.granted(GRANTED.grant)
    assert.ok(copy && existsSync(copy.files.have))
    writeFileSync(copy.files.have, Buffer.alloc(BLOCKS / 8, 0xff))
    const receiving = await sets.receive(GRANTED)
    assert.equal((await receiving.check()).length, BLOCKS - 3, 'each was found')
    assert.deepEqual(receiving.missing(), { from: 3, count: BLOCKS - 3 })
    await receiving.close()
  })

  it('has one reader at a time, and none after it was erased', async () => {
    const receiving = await receive(0, 1)
    await assert.rejects(sets.receive(GRANTED), hasCode('CONFLICT'))
    const [copy] = sets.granted(GRANTED.grant)
    assert.ok(copy)
    sets.erase(copy)
    await assert.rejects(receiving.close())
    assert.equal(existsSync(copy.files.directory), false)
    assert.deepEqual(reopen().list(), [])
  })

  it('is refused under a path that leads out of the directory', async () => {
    await assert.rejects(sets.receive({ ...GRANTED, path: '../x' }), hasCode('BAD_INPUT'))
  })
})
