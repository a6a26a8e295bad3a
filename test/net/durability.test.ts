import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCoalition, type Coalition } from '../support/coalition.ts'

type Call = { readonly name: 'write' | 'sync' | 'sign' | 'announce' | 'accepted' }

describe('one append, seen by strace', function () {
  this.timeout(180_000)
  let coalition: Coalition

  before(async function () {
    if (spawnSync('strace', ['-V']).status !== 0) {
      process.stderr.write('\n  skipped: one append, seen by strace (strace is not installed)\n')
      this.skip()
    }
    coalition = await makeCoalition(1)
  })

  after(() => coalition?.remove())

  it('is on disk before its head is signed, and the signed head before it is announced and accepted', () => {
    const home = coalition.members[0]?.home
    assert.ok(home)
    const trace = join(coalition.directory, 'trace')
    const program = ['dist/test/support/traced-append.js', home.directory, coalition.charterFile]
    const watched = 'trace=write,pwrite64,writev,fdatasync,fsync,sync_file_range,access,openat'
    execFileSync('strace', ['-f', '-y', '-o', trace, '-e', watched, process.execPath, ...program])
    const calls = callsOf(readFileSync(trace, 'utf8')).map(({ name }) => name)
    assert.deepEqual(calls, ['write', 'sync', 'sign', 'write', 'sync', 'announce', 'accepted'])
  })
})

/** Writes and syncs of the database's log, and the program's marks, from `begin` on. */
function callsOf(trace: string): readonly Call[] {
  const calls: Call[] = []
  let begun = false
  for (const line of trace.split('\n')) {
    const mark = /access\("\/candor-mark\/(\w+)"/.exec(line)?.[1]
    if (mark === 'begin') begun = true
    if (!begun) continue
    if (mark === 'sign' || mark === 'announce' || mark === 'accepted') calls.push({ name: mark })
    const isDatabase = /\/db\/\d+\.log>/.test(line)
    if (isDatabase && /\b(?:write|pwrite64|writev)\(/.test(line) && calls.at(-1)?.name !== 'write')
      calls.push({ name: 'write' })
    if (isDatabase && /\b(?:fdatasync|fsync)\(/.test(line)) calls.push({ name: 'sync' })
    if (mark === 'accepted') break
  }
  return calls
}
