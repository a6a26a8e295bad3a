import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { printHex, parseHex, concat, bytesOfText, equal } from '../../../protocol/bytes.ts'
import { portable as primitives } from '../../../protocol/primitives.ts'
import { parseParts, printParts, printPartsPath } from '../../../protocol/log/parts-bundle.ts'
import { appendLeaves, EMPTY_EDGE, leafHash } from '../../../protocol/log/merkle.ts'
import {
  growingEdge,
  growingWidth,
  growTiles,
  partialTiles,
  type Growing,
} from '../../../protocol/log/tile-growth.ts'
import { printTilePath } from '../../../protocol/log/tile.ts'
import { publishedVectors } from '../../support/published-vectors.ts'
import { directoryOf, parseTreeIndex, printTreeIndex } from '../../../protocol/log/tree-index.ts'

const FILE = 'test/vectors/log/published.json'
const vectors = publishedVectors()
if (process.env['CANDOR_WRITE_VECTORS'] === '1')
  writeFileSync(FILE, `${JSON.stringify(vectors, undefined, 2)}\n`)
const leaf = (i: number) => leafHash(primitives, bytesOfText(`entry ${i}`))
const bytesOf = (hex: string) => {
  const read = parseHex(hex)
  assert.ok(read.ok)
  return read.value
}

describe('the vectors of published logs', () => {
  it('are the ones that their generator makes', () => {
    assert.deepEqual(JSON.parse(readFileSync(FILE, 'utf8')), vectors)
  })
})

describe('growing tiles', () => {
  for (const { size, tiles } of vectors.sizes) {
    it(`of ${size} entries are those of the vector, full and partial`, () => {
      const leaves = Array.from({ length: size }, (_, i) => leaf(i))
      const { full, growing } = growTiles(primitives, 0, [], leaves)
      const made = [...full, ...partialTiles(size, growing)].map(({ level, index, hashes }) => {
        const path = printTilePath({ level, index, width: hashes.length })
        return [path, printHex(primitives.sha256(concat(...hashes)))]
      })
      assert.deepEqual(Object.fromEntries(made), tiles)
    })
  }

  it('do not depend on how many leaves come at once, and hold the edge of the tree', () => {
    const leaves = Array.from({ length: 900 }, (_, i) => leaf(i))
    const whole = growTiles(primitives, 0, [], leaves)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 6 }), (runs) => {
        let growing: Growing = []
        let size = 0
        const full = []
        for (const run of [...runs, 900]) {
          const added = leaves.slice(size, size + run)
          const grown = growTiles(primitives, size, growing, added)
          size += added.length
          growing = grown.growing
          full.push(...grown.full)
          const edge = growingEdge(primitives, size, growing)
          assert.deepEqual(edge, appendLeaves(primitives, EMPTY_EDGE, leaves.slice(0, size)))
          for (const [level, hashes] of growing.entries())
            assert.equal(hashes.length, growingWidth(size, level))
        }
        assert.deepEqual(growing, whole.growing)
        assert.equal(full.length, whole.full.length)
      }),
      { numRuns: 6 },
    )
  })
})

describe('a bundle of parts', () => {
  const part = fc.record(
    {
      opening: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      mediaType: fc.constantFrom('', 'text/plain', 'application/vnd.candor.document+cbor'),
      bytes: fc.uint8Array({ maxLength: 300 }),
    },
    { noNullPrototype: true },
  )

  it('prints back to the same bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.option(part, { nil: undefined }), { maxLength: 20 }), (parts) => {
        const bundle = printParts(parts)
        const read = parseParts(bundle, parts.length)
        assert.ok(read.ok)
        assert.deepEqual(read.value, parts)
        assert.ok(equal(printParts(read.value), bundle))
        assert.deepEqual(parseParts(bundle, parts.length + 1), { ok: false, fault: 'parts-width' })
      }),
    )
  })

  it('is the one of the vector', () => {
    const parts = [
      { opening: new Uint8Array(32).fill(7), mediaType: 'text/plain', bytes: bytesOfText('What happened.') },
      undefined,
    ]
    assert.equal(printHex(printParts(parts)), vectors.parts.bundle)
    assert.equal(printPartsPath(1_234_067, 256), 'parts/x001/x234/067')
    assert.equal(printPartsPath(0, 3), 'parts/000.p/3')
  })

  for (const [at, { fault, bundle }] of vectors.parts.refused.entries()) {
    it(`is refused: ${fault} (${at})`, () => {
      assert.deepEqual(parseParts(bytesOf(bundle), 2), { ok: false, fault })
    })
  }
})

describe('the index of a published tree', () => {
  it('prints back to the same text', () => {
    const read = parseTreeIndex(bytesOfText(vectors.index.text))
    assert.ok(read.ok)
    assert.equal(printTreeIndex(read.value), vectors.index.text)
    assert.equal(read.value.origins.length, 3)
  })

  it('gives every log a name that any file system takes', () => {
    const network = 'a'.repeat(52)
    assert.equal(directoryOf(`con.example/candor/${network}/12`), 'log-con.example-12')
    assert.equal(directoryOf('../../etc/passwd'), undefined)
  })

  for (const [at, { fault, text }] of vectors.index.refused.entries()) {
    it(`is refused: ${fault} (${at})`, () => {
      assert.deepEqual(parseTreeIndex(bytesOfText(text)), { ok: false, fault })
    })
  }
})
