import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  makePrivateDirectory,
  readFileBounded,
  renameDurably,
  writeFault,
  writeFileDurably,
} from '../../../node/keys/files.ts'
import { hasCode, temporaryDirectory } from '../../support/directory.ts'

describe('small files', () => {
  const directory = temporaryDirectory()
  after(() => directory.remove())
  const path = (name: string) => join(directory.path, name)

  it('are replaced whole, with the mode asked for whatever was left behind', () => {
    writeFileSync(`${path('a')}.tmp`, 'left by a crash', { mode: 0o666 })
    writeFileDurably(path('a'), Buffer.from('one'), 0o600)
    writeFileDurably(path('a'), Buffer.from('two'), 0o600)
    assert.equal(readFileSync(path('a'), 'utf8'), 'two')
    assert.equal(statSync(path('a')).mode & 0o777, 0o600)
    assert.ok(!existsSync(`${path('a')}.tmp`))
  })

  it('are never written through a link at their temporary name', () => {
    writeFileSync(path('victim'), 'safe')
    symlinkSync(path('victim'), `${path('b')}.tmp`)
    writeFileDurably(path('b'), Buffer.from('new'), 0o600)
    assert.equal(readFileSync(path('victim'), 'utf8'), 'safe')
    assert.equal(readFileSync(path('b'), 'utf8'), 'new')
  })

  it('leave nothing behind when they cannot be written, and say where', () => {
    mkdirSync(join(path('dir'), 'full'), { recursive: true })
    assert.throws(() => writeFileDurably(path('dir'), Buffer.from('x'), 0o600), hasCode('IO_FAILED'))
    assert.throws(() => writeFileDurably(path('dir'), Buffer.from('x'), 0o600), new RegExp(path('dir')))
    assert.throws(() => makePrivateDirectory(path('a')), hasCode('IO_FAILED'))
    assert.throws(() => renameDurably(path('gone'), path('c')), hasCode('IO_FAILED'))
    assert.ok(!readdirSync(directory.path).some((name) => name.endsWith('.tmp')))
  })

  for (const [code, expected] of [
    ['ENOSPC', 'STORE_FULL'],
    ['EDQUOT', 'STORE_FULL'],
    ['EROFS', 'IO_FAILED'],
  ] as const) {
    it(`become ${expected} on ${code}, with the path and the cause`, () => {
      const cause = Object.assign(new Error('from the operating system'), { code })
      const error = writeFault('/home/member/keys', cause)
      assert.equal(error.code, expected)
      assert.equal(error.cause, cause)
      assert.ok(error.message.includes('/home/member/keys'))
    })
  }

  it('are read up to their bound and no further', () => {
    writeFileSync(path('long'), 'x'.repeat(100_000))
    assert.equal(readFileBounded(path('long'), 100_000).length, 100_000)
    assert.throws(() => readFileBounded(path('long'), 99_999), hasCode('TOO_LARGE'))
    truncateSync(path('long'), 5_000_000_000)
    assert.throws(() => readFileBounded(path('long'), 1_000), hasCode('TOO_LARGE'))
    assert.throws(() => readFileBounded(path('none'), 1), hasCode('NOT_FOUND'))
    assert.throws(() => readFileBounded(directory.path, 1), hasCode('IO_FAILED'))
    assert.equal(readFileBounded('/dev/null', 0).length, 0)
  })
})
