import assert from 'node:assert/strict'
import type { Value } from '../../../protocol/codec/cbor.ts'
import { flatten } from '../../../protocol/codec/items.ts'
import {
  manifestOfItems,
  printDigest,
  readManifest,
  type ManifestFault,
} from '../../../protocol/dataset/manifest.ts'
import { FILE_BYTES_MAX } from '../../../protocol/limits.ts'
import { parseContent } from '../../../protocol/record/content.ts'
import { counting } from '../../support/statements.ts'

const ROOT = counting(32, 1)
const KEY = counting(32, 2)
const ROW = {
  path: 'data/rows.csv',
  digest: printDigest(counting(32, 3)),
  bytes: 12,
  root: printDigest(ROOT),
  key: Buffer.from(KEY).toString('hex'),
  schema: 'a, b',
  rows: 2,
  licence: 'research only',
}

const REFUSED: readonly (readonly [string, ManifestFault, Value | undefined])[] = [
  ['nothing', 'manifest-shape', undefined],
  ['a map', 'manifest-shape', {}],
  ['no files', 'manifest-count', []],
  ['4,097 files', 'manifest-count', Array.from({ length: 4_097 }, (_, i) => ({ ...ROW, path: `f${i}` }))],
  ['a row that is text', 'manifest-shape', ['data/rows.csv']],
  ['an unknown field', 'manifest-shape', [{ ...ROW, mode: 511 }]],
  ['a path that is bytes', 'manifest-shape', [{ ...ROW, path: new Uint8Array(3) }]],
  ['a row without a length', 'manifest-shape', [{ path: 'a', digest: ROW.digest }]],
  ['a negative length', 'manifest-shape', [{ ...ROW, bytes: -1 }]],
  ['a digest in capitals', 'manifest-shape', [{ ...ROW, digest: `sha256:${'A'.repeat(64)}` }]],
  ['a root without its name', 'manifest-shape', [{ ...ROW, root: 'a'.repeat(64) }]],
  ['a root of 31 bytes', 'manifest-shape', [{ ...ROW, root: `sha256:${'a'.repeat(62)}` }]],
  ['a key of 31 bytes', 'manifest-shape', [{ ...ROW, key: 'a'.repeat(62) }]],
  ['a key that is bytes', 'manifest-shape', [{ ...ROW, key: KEY }]],
  ['a path that climbs', 'manifest-path', [{ ...ROW, path: '../rows.csv' }]],
  ['two of one path', 'manifest-duplicate', [ROW, { ...ROW, path: 'DATA/rows.CSV' }]],
  ['a file above 256 GiB', 'manifest-bytes', [{ ...ROW, bytes: FILE_BYTES_MAX + 1 }]],
  [
    'more than 4 TiB',
    'manifest-bytes',
    Array.from({ length: 17 }, (_, i) => ({ ...ROW, path: `f${i}`, bytes: FILE_BYTES_MAX })),
  ],
]

describe('a manifest', () => {
  it('gives what it takes to fetch each file', () => {
    assert.deepEqual(readManifest([ROW, { path: 'b', bytes: 0 }]), {
      ok: true,
      value: [
        { path: ROW.path, bytes: 12, digest: counting(32, 3), content: { root: ROOT, key: KEY } },
        { path: 'b', bytes: 0, digest: null, content: null },
      ],
    })
  })

  for (const [what, fault, value] of REFUSED)
    it(`refuses ${what} (${fault})`, () => assert.deepEqual(readManifest(value), { ok: false, fault }))

  it('names each fault in a test', () => {
    const provoked = new Set(REFUSED.map(([, fault]) => fault))
    const all: Readonly<Record<ManifestFault, true>> = {
      'manifest-shape': true,
      'manifest-count': true,
      'manifest-path': true,
      'manifest-duplicate': true,
      'manifest-bytes': true,
    }
    assert.deepEqual([...provoked].toSorted(), Object.keys(all).toSorted())
  })

  it('is read from disclosed items, wherever they stood', () => {
    const items = flatten({ narrative: 'x', manifest: [{ ...ROW, path: 'a' }, ROW, { ...ROW, path: 'c' }] })
    const shown = items
      .filter(({ path }) => path[1] !== 0)
      .filter(({ path }) => !(path[1] === 2 && path[2] === 'key'))
    const read = manifestOfItems(shown.map((item, index) => ({ ...item, index, salt: new Uint8Array(16) })))
    assert.ok(read.ok)
    assert.deepEqual(
      read.value.map(({ path, content }) => [path, content !== null]),
      [
        [ROW.path, true],
        ['c', false],
      ],
    )
  })

  it('is content of a record, with roots and keys', () => {
    const open = { title: 'T', summary: 'S', made_by: { role: 'reporter' } }
    const problems = (row: object) => {
      const read = parseContent('incident', { public: open, research: { manifest: [row] } })
      return read.ok ? [] : read.problems.filter(({ tier }) => tier === 'research').map(({ path }) => path)
    }
    assert.deepEqual(problems(ROW), [])
    assert.deepEqual(problems({ ...ROW, key: 'short' }), ['manifest.0.key'])
  })
})
