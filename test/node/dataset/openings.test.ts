import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { handBack, takeCell } from '../../../node/dataset/cell.ts'
import { leafOfSealed } from '../../../node/dataset/openings.ts'
import { sealBlock } from '../../../node/dataset/sealed-block.ts'
import { Taking } from '../../../node/dataset/taking.ts'
import type { FetchParts } from '../../../node/dataset/fetching.ts'
import { markedFile } from '../../support/data-set.ts'
import { hasCode } from '../../support/directory.ts'
import { counting } from '../../support/statements.ts'

const KEY = counting(32, 1)
const BLOCK = markedFile(200_000)
const LEAF = new Uint8Array(createHash('sha256').update(Uint8Array.of(0)).update(BLOCK).digest())

describe('the thread that opens blocks', () => {
  const cell = takeCell()
  const sealed = sealBlock(KEY, 3, BLOCK)
  before(() => cell.put(sealed.bytes, 0))
  after(() => handBack(cell))
  const came = () => ({ nonce: sealed.nonce, tag: sealed.tag, bytes: cell.sealed(BLOCK.length) })

  it('hashes what was sealed, and nothing under another key, place, nonce or tag', async () => {
    assert.deepEqual(await leafOfSealed(KEY, 3, came()), LEAF)
    assert.equal(await leafOfSealed(counting(32, 2), 3, came()), undefined)
    assert.equal(await leafOfSealed(KEY, 4, came()), undefined)
    assert.equal(await leafOfSealed(KEY, 3, { ...came(), nonce: counting(12, 0) }), undefined)
    assert.equal(await leafOfSealed(KEY, 3, { ...came(), tag: counting(16, 0) }), undefined)
    assert.equal(await leafOfSealed(KEY, 3, { ...came(), bytes: cell.sealed(BLOCK.length - 1) }), undefined)
  })

  it('answers in the order of the questions', async () => {
    const order: number[] = []
    await Promise.all(
      [1, 2, 3].map(async (at) => {
        await leafOfSealed(KEY, 3, { ...came(), bytes: cell.sealed(at === 1 ? BLOCK.length : 16) })
        order.push(at)
      }),
    )
    assert.deepEqual(order, [1, 2, 3])
  })

  it('refuses what it was asked when it dies, and the one that comes after it lives', async () => {
    const killing = leafOfSealed(new Uint8Array(5), 0, came())
    const behind = leafOfSealed(KEY, 3, came())
    await assert.rejects(killing, hasCode('IO_FAILED'))
    await assert.rejects(behind, hasCode('IO_FAILED'))
    // The end of the first is said twice, the second time when another has begun.
    for (let time = 0; time < 20; time++) assert.deepEqual(await leafOfSealed(KEY, 3, came()), LEAF)
  })
})

describe('the cells of a fetch', () => {
  it('are handed back once, however often that is said', async () => {
    const taking = new Taking({} as FetchParts)
    const cell = await taking.cell()
    taking.release(cell)
    taking.release(cell)
    const taken = [takeCell(), takeCell()]
    assert.notEqual(taken[0], taken[1])
    taken.forEach(handBack)
  })

  it('are no more than four: the next waits for one', async () => {
    const taking = new Taking({} as FetchParts)
    const cells = [await taking.cell(), await taking.cell(), await taking.cell(), await taking.cell()]
    let isHere = false
    const fifth = taking.cell().then((cell) => {
      isHere = true
      return cell
    })
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(isHere, false)
    for (const cell of cells) taking.release(cell)
    taking.release(await fifth)
  })
})
