import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeBlockTree } from '../../../protocol/dataset/blocks.ts'
import { BLOCK_BYTES } from '../../../protocol/limits.ts'
import type { DataSets } from '../../../node/dataset/data-sets.ts'
import { Watermarks } from '../../../node/dataset/watermarks.ts'
import { native } from '../../../node/keys/native.ts'
import { contentOf, dataSetsIn, filesHolding, inChunks, MARKER } from '../../support/data-set.ts'
import { leavesOf } from '../../support/dataset-vectors.ts'
import { hasCode, temporaryDirectory } from '../../support/directory.ts'
import { seededRandom } from '../../support/random.ts'
import { counting } from '../../support/statements.ts'

const ROWS = 60_000
const csvOf = (ending: string) =>
  Buffer.from(
    ['case,ward,severity,note', ...Array.from({ length: ROWS }, (_, i) => csvRow(i)), ''].join(ending),
  )
/** Every hundredth row has a line end in a quoted cell: no row may be put there. */
const csvRow = (i: number) =>
  `${100_000 + i * 13},ward ${i % 19},${['low', 'high'][i % 2]},"${MARKER}${i % 100 === 0 ? '\nsecond line' : ''} ${i % 977}"`
const JSONL = Buffer.from(
  Array.from(
    { length: ROWS },
    (_, i) => `{"id": ${500_000 + i}, "ward": "ä ${i % 23}", "m": "${MARKER}"}\n`,
  ).join(''),
)

describe('copies made for one reader', function () {
  this.timeout(30_000)
  let home: ReturnType<typeof temporaryDirectory>
  let sets: DataSets
  let marks: Watermarks
  beforeEach(() => {
    home = temporaryDirectory()
    sets = dataSetsIn(join(home.path, 'sets'))
    marks = new Watermarks(sets)
  })
  afterEach(() => home.remove())

  const add = (path: string, file: Uint8Array) =>
    sets.import({ path, bytes: file.length, body: inChunks(file) })
  const marked = async (root: Uint8Array, request: number) => {
    const file = await marks.mark(root, counting(32, request))
    const copy = sets.served(file.root)
    assert.ok(copy)
    return { file, copy, content: await contentOf(sets, copy) }
  }
  const addedTo = (base: Buffer, content: Buffer) => {
    const left = new Map<string, number>()
    for (const line of base.toString('utf8').split('\n')) left.set(line, (left.get(line) ?? 0) + 1)
    return content
      .toString('utf8')
      .split('\n')
      .filter((line) => {
        const count = left.get(line) ?? 0
        left.set(line, count - 1)
        return count === 0
      })
  }

  for (const [path, file] of [
    ['rows.csv', csvOf('\n')],
    ['windows.csv', csvOf('\r\n')],
    ['rows.jsonl', JSONL],
  ] as const)
    it(`are ${path} with sixteen rows more, under the root that the grant names`, async () => {
      assert.ok(file.length > 2 * BLOCK_BYTES)
      const base = await add(path, file)
      const { file: named, content } = await marked(base.head.root, 1)
      assert.deepEqual(named.base, base.head.root)
      assert.equal(named.bytes, content.length)
      assert.deepEqual(named.root, makeBlockTree(native, leavesOf(content)).root)
      const rows = addedTo(file, content)
      assert.equal(rows.length, 16)
      assert.equal(
        content.length - file.length,
        rows.reduce((sum, row) => sum + Buffer.byteLength(row) + 1, 0),
      )
      // Without these rows it is the committed file, byte for byte.
      const added = new Set(rows)
      const without = content
        .toString('utf8')
        .split('\n')
        .filter((line) => !added.has(line))
      assert.ok(Buffer.from(without.join('\n')).equals(file))
      assert.deepEqual(filesHolding(home.path, MARKER), [])
      assert.deepEqual(filesHolding(home.path, rows[0] ?? 'no row'), [])
    })

  it('are made once for a request, differ between two, and are there after a restart', async () => {
    const base = await add('rows.csv', csvOf('\n'))
    const [a, b] = [await marked(base.head.root, 1), await marked(base.head.root, 2)]
    assert.notDeepEqual(a.file.root, b.file.root)
    assert.deepEqual(await marks.mark(base.head.root, counting(32, 1)), a.file)
    assert.equal(readdirSync(join(home.path, 'sets')).length, 3)
    sets = dataSetsIn(join(home.path, 'sets'))
    marks = new Watermarks(sets)
    assert.ok((await marked(base.head.root, 1)).content.equals(a.content))
  })

  it('serve proven blocks in any order', async () => {
    const base = await add('rows.csv', csvOf('\n'))
    const { copy, content } = await marked(base.head.root, 1)
    const reader = await sets.reader(copy)
    for (const index of [2, 0, 1, 0]) {
      const start = index * BLOCK_BYTES
      const block = await reader.read(index)
      assert.ok(block && content.subarray(start, start + BLOCK_BYTES).equals(block))
    }
    await reader.close()
  })

  it('are traced from a leak, sorted anew, cut to a third and with other line ends', async () => {
    const base = await add('rows.csv', csvOf('\n'))
    const copies = await Promise.all(
      [1, 2, 3].map(async (request) => (await marked(base.head.root, request)).content),
    )
    const { seed, random } = seededRandom()
    const lines = (copies[1] ?? Buffer.alloc(0))
      .toString('utf8')
      .split('\n')
      .filter(() => random() < 0.6)
    const leak = Buffer.from(lines.toSorted(() => random() - 0.5).join('\r\n'))
    const traced = await marks.trace(inChunks(leak))
    assert.deepEqual(
      traced.map(({ request, path, rows }) => [request[0], path, rows]),
      [[2, 'rows.csv', 16]],
      `seed ${seed}`,
    )
    assert.ok((traced[0]?.found ?? 0) >= 3, `${traced[0]?.found} rows, seed ${seed}`)
    assert.deepEqual(await marks.trace(inChunks(csvOf('\n'))), [], 'the committed file is nobody’s copy')
  })

  it('are traced from JSON that was written anew', async () => {
    const base = await add('rows.jsonl', JSONL)
    const { content } = await marked(base.head.root, 7)
    const anew = content
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line)).toReversed())))
    const traced = await marks.trace(inChunks(Buffer.from(anew.join('\n'))))
    assert.deepEqual(
      traced.map(({ request, found }) => [request[0], found]),
      [[7, 16]],
    )
  })

  it('of a mixture of two are traced to both', async () => {
    const base = await add('rows.csv', csvOf('\n'))
    const [a, b] = [await marked(base.head.root, 1), await marked(base.head.root, 2)]
    const traced = await marks.trace(inChunks(Buffer.concat([a.content, b.content])))
    assert.deepEqual(traced.map(({ request, found }) => [request[0], found]).toSorted(), [
      [1, 16],
      [2, 16],
    ])
  })

  it('are not made of what has no rows, or too few', async () => {
    for (const [path, text] of [
      ['model.bin', 'x'.repeat(5_000)],
      ['short.csv', 'a,b\n1,2\n3,4\n'],
      ['same.csv', `a,b\n${'1,2\n'.repeat(100)}`],
      ['text.jsonl', 'no json\n'.repeat(100)],
    ] as const) {
      const base = await add(path, Buffer.from(text))
      await assert.rejects(marks.mark(base.head.root, counting(32, 1)), hasCode('BAD_INPUT'), path)
    }
    await assert.rejects(marks.mark(counting(32, 9), counting(32, 1)), hasCode('NOT_FOUND'))
  })

  it('go with the file that they are made of', async () => {
    const base = await add('rows.csv', csvOf('\n'))
    const { file } = await marked(base.head.root, 1)
    sets.erase(base)
    assert.equal(sets.served(file.root), undefined)
    assert.deepEqual(readdirSync(join(home.path, 'sets')), [])
  })
})
