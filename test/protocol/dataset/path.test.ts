import assert from 'node:assert/strict'
import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { areApart, isManifestPath } from '../../../protocol/dataset/path.ts'

const GOOD = [
  'a',
  'data/2026/rows.csv',
  'Größe in mm.jsonl',
  'a b/c',
  '…/x',
  'données/δ.csv',
  '.hidden',
  'a..b',
]

const BAD: readonly (readonly [string, string])[] = [
  ['empty', ''],
  ['absolute', '/etc/passwd'],
  ['climbing', '../x'],
  ['climbing in the middle', 'a/../../x'],
  ['climbing at the end', 'a/..'],
  ['the directory itself', '.'],
  ['a step that goes nowhere', 'a/./b'],
  ['an empty name', 'a//b'],
  ['a directory', 'a/'],
  ['a drive', 'c:/x'],
  ['a stream of a file', 'x.csv:hidden'],
  ['a backslash', 'a\\..\\b'],
  ['a network share', '\\\\host\\x'],
  ['a NUL', 'a\0b'],
  ['a line end', 'a\nb'],
  ['an escape', 'a\u001b[2Jb'],
  ['a bidirectional override', 'a\u202Ecsv.exe'],
  ['a zero-width joiner', 'a\u200Db'],
  ['a line separator', 'a\u2028b'],
  ['a no-break space', 'a\u00A0b'],
  ['a lone surrogate', 'a\ud800'],
  ['an unassigned character', 'a\u0378'],
  ['a private character', 'a\ue000'],
  ['a form that is not C', 'Gro\u0308\u00dfe'],
  ['a device', 'NUL'],
  ['a device with an extension', 'data/con.csv'],
  ['a name that ends with a dot', 'a./b'],
  ['a name that ends with a space', 'a /b'],
  ['a name that begins with a space', ' a'],
  ['a wildcard', '*.csv'],
  ['a pipe', 'a|b'],
  ['401 characters', 'a/'.repeat(100).concat('b'.repeat(201))],
  ['17 names', Array.from({ length: 17 }, () => 'a').join('/')],
  ['a name of 256 bytes', 'é'.repeat(128)],
]

describe('paths of a manifest', () => {
  for (const path of GOOD) it(`take ${JSON.stringify(path)}`, () => assert.equal(isManifestPath(path), true))
  for (const [what, path] of BAD)
    it(`refuse ${what}`, () => assert.equal(isManifestPath(path), false, JSON.stringify(path)))

  it('never leave the directory, on any system, whatever the text', () => {
    const pieces = fc.constantFrom('a', '.', '..', '/', '\\', ':', 'c', ' ', '\0', 'é', '~', '%2e', 'NUL')
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((list) => list.join('')),
    )
    fc.assert(
      fc.property(texts, (path) => {
        if (!isManifestPath(path)) return
        assert.ok(posix.resolve('/base', path).startsWith('/base/'))
        assert.ok(win32.resolve('C:\\base', path).startsWith('C:\\base\\'))
        assert.equal(posix.normalize(path), path)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('two paths of a manifest', () => {
  const together: readonly (readonly [string, string, string])[] = [
    ['equal', 'a', 'a'],
    ['of other case', 'Data/x', 'data/X'],
    ['of other case in another script', 'Σ', 'ς'],
    ['that fold to one', 'straße', 'STRASSE'],
    ['of compatible form', 'ﬁle', 'file'],
    ['of which one is the directory of the other', 'a', 'a/b'],
    ['of which one is the directory of the other, folded', 'A/B', 'a/b/c/d'],
  ]
  for (const [what, a, b] of together)
    it(`are refused when ${what}`, () => {
      assert.equal(areApart([a, b]), false)
      assert.equal(areApart([b, a]), false)
    })

  it('are taken when they begin alike', () => assert.equal(areApart(['a/b', 'a/bc', 'ab', 'a/c/b']), true))
})
