import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mirrorOnce } from '../../cli/tree/mirror.ts'
import { asked } from '../support/cli.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { logClient } from '../support/log-client.ts'
import { makeSignedLog, type SignedLeaf, type SignedLog } from '../support/signed-log.ts'

describe('log diff', () => {
  const space = temporaryDirectory()
  let log: SignedLog
  let other: readonly SignedLeaf[]
  let count = 0

  before(async () => {
    log = await makeSignedLog(299)
    // The owner's other story: the same log until entry 260, and signed with the same key.
    other = [...log.leaves.slice(0, 260), ...log.leaves.slice(261)]
  })
  after(() => space.remove())

  const note = (leaves: readonly SignedLeaf[]) => {
    const file = join(space.path, `note-${(count += 1)}`)
    writeFileSync(file, log.noteOf(leaves))
    return file
  }
  const tree = async (leaves: readonly SignedLeaf[]) => {
    const directory = join(space.path, `tree-${(count += 1)}`)
    const client = logClient(log, 0)
    client.leaves = leaves
    await mirrorOnce({ client, directory, domain: undefined, onProgress: () => undefined })
    return directory
  }
  const diff = async (a: string, b: string, held: readonly SignedLeaf[] = log.leaves) => {
    const client = logClient(log, 0)
    client.leaves = held
    const { head, entries, charter } = client
    return asked(['--json', 'log', 'diff', a, b], {}, { head, entries, charter })
  }
  const told = async (...sides: Parameters<typeof diff>) => {
    const { exit, out } = await diff(...sides)
    const { relation, splitAt, signed } = JSON.parse(out).data
    return [exit, relation, splitAt, signed]
  }

  it('says which of two is a prefix of the other, whatever stands behind them', async () => {
    assert.deepEqual(await told(note(log.leaves.slice(0, 200)), 'a.example'), [
      0,
      'a-before-b',
      undefined,
      'both',
    ])
    const published = await tree(log.leaves)
    assert.deepEqual(await told(published, note(log.leaves.slice(0, 257))), [
      0,
      'b-before-a',
      undefined,
      'both',
    ])
    assert.deepEqual(await told(join(published, 'log-a.example-1'), 'a.example'), [
      0,
      'same',
      undefined,
      'both',
    ])
  })

  it('says where two stories part, and that both are signed', async () => {
    assert.deepEqual(await told(await tree(other), 'a.example'), [11, 'split', 260, 'both'])
    assert.deepEqual(await told(note(other), 'a.example'), [11, 'split', undefined, 'both'])
    assert.deepEqual(await told(note(other.slice(0, 280)), 'a.example'), [11, 'split', undefined, 'both'])
  })

  it('proves nothing with a head that the log’s key did not sign', async () => {
    const forged = join(space.path, 'forged')
    const text = Buffer.from(log.noteOf(other)).toString('utf8')
    writeFileSync(
      forged,
      text.replace(/..(?=\n$)/, (end) => (end === '==' ? 'A=' : 'B=')),
    )
    const stranger = await makeSignedLog(1)
    writeFileSync(join(space.path, 'stranger'), stranger.noteOf(stranger.leaves))
    assert.equal((await diff(join(space.path, 'stranger'), 'a.example')).exit, 6)
    const { exit } = await diff(forged, 'a.example')
    assert.ok([10, 20].includes(exit))
  })

  it('does not guess where neither side has what leads to the other', async () => {
    assert.deepEqual(await told(note(log.leaves.slice(0, 200)), note(log.leaves)), [
      12,
      'unknown',
      undefined,
      'unchecked',
    ])
    assert.equal((await diff(join(space.path, 'nothing-here'), 'a.example')).exit, 5)
  })
})

describe('log show', () => {
  it('shows entries as lines, with what a reader should hesitate over', async () => {
    const log = await makeSignedLog(30)
    const client = logClient(log, 31)
    const damaged = client.leaves.map((leaf, at) => {
      return at === 29 ? { ...leaf, part: { ...leaf.part, bytes: leaf.part.bytes.with(2, 0) } } : leaf
    })
    client.leaves = damaged
    const { head, entries } = client
    const { exit, out } = await asked(['log', 'show'], {}, { head, entries })
    assert.equal(exit, 0)
    assert.equal(out.split('\n').filter((line) => /^\d+ /.test(line)).length, 20)
    assert.match(out, /^30 .*incident.*Incident 29/m)
    assert.match(out, /^29 .*▲ its public part is not what it committed to/m)
    assert.match(out, /^28 .*▲ its content does not fit its kind/m)
    const first = await asked(['log', 'show', '--from', '0', '--count', '1', '--json'], {}, { head, entries })
    const [line, ...rest] = JSON.parse(first.out).data.entries
    assert.deepEqual([line.kind, line.marks, rest], ['epoch', [], []])
  })
})
