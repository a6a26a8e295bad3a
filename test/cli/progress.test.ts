import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { Progress } from '../../cli/progress.ts'
import { progressBar, progressLine } from '../../cli/render/progress.ts'

const HALF = { what: 'a.example', done: 4_500, of: 9_000, lately: 4_000, elapsedMs: 2_000 }

describe('progress', () => {
  it('is a bar with its share, its rate and the time that is left', () => {
    assert.equal(
      progressBar(HALF, 100),
      'a.example [████████████░░░░░░░░░░░░░]  50 %  4500 of 9000 entries  2000/s  0:03 left',
    )
  })

  const table: readonly [string, Partial<typeof HALF>, RegExp][] = [
    ['nothing is done', { done: 0, lately: 0 }, /\[░+\] {3}0 % {2}0 of 9000 entries$/],
    ['all is done', { done: 9_000 }, /\[█+\] 100 % .* 0:00 left$/],
    ['more is done than there was', { done: 9_001 }, /\[█+\] 100 % /],
    ['there is nothing to do', { done: 0, of: 0, lately: 0 }, /\[░+\] {3}0 % {2}0 of 0 entries$/],
    ['it has hardly begun', { elapsedMs: 100 }, /4500 of 9000 entries$/],
    ['it takes hours', { of: 90_000_000 }, / {2}2000\/s {2}12:29:58 left$/],
  ]
  for (const [what, changed, wanted] of table) {
    it(`is a bar when ${what}`, () => assert.match(progressBar({ ...HALF, ...changed }, 200), wanted))
  }

  it('lets no name write on the terminal', () => {
    for (const say of [(of: typeof HALF) => progressBar(of, 100), progressLine])
      assert.ok(!say({ ...HALF, what: 'a\u001b[2J' }).includes('\u001b'))
  })

  it('fits every terminal', () => {
    for (const columns of [10, 20, 40, 79, 80, 200]) {
      assert.ok([...progressBar(HALF, columns)].length <= columns, `${columns}`)
    }
  })

  it('keeps the time that is left where it is narrow: the bar shrinks, the rate goes, then the count', () => {
    for (const [columns, wanted] of [
      [80, /^a\.example \[[█░]{20}\] .* 4500 of 9000 entries {2}2000\/s {2}0:03 left$/],
      [70, /^a\.example \[[█░]{11}\] .* 4500 of 9000 entries {2}2000\/s {2}0:03 left$/],
      [60, /^a\.example \[[█░]{9}\] {2}50 % {2}4500 of 9000 entries {2}0:03 left$/],
      [40, /^a\.example \[[█░]{10}\] {2}50 % {2}0:03 left$/],
      [28, /^a\.example \[[█░]{8}\] {2}50 %$/],
    ] as const)
      assert.match(progressBar(HALF, columns), wanted)
  })

  it('is the same in words where there is no terminal', () => {
    assert.equal(progressLine(HALF), 'a.example: 4500 of 9000 entries (2000/s, 0:03 left)')
    assert.equal(progressLine({ ...HALF, lately: 0 }), 'a.example: 4500 of 9000 entries')
  })

  /** What is written while 9,000 entries are done in thirty seconds, of which 3,000 were done before. */
  const written = async (terminal: boolean, isJson: boolean) => {
    const stderr = Object.assign(new PassThrough(), { isTTY: terminal, columns: 60 })
    const stdin = Readable.from([])
    const { signal: gone } = new AbortController()
    const io = { stdin, stdout: new PassThrough(), stderr, env: {}, gone }
    let now = 0
    const progress = new Progress({ io, isJson }, () => now)
    for (; now <= 30_000; now += 100) progress.entries('a.example/candor/x/1', 3_000 + now / 5, 9_000)
    progress.done()
    stderr.end()
    let text = ''
    for await (const part of stderr) text += String(part)
    return text
  }

  it('draws one line over on a terminal, and leaves none behind', async () => {
    const text = await written(true, false)
    const drawn = text.split('\r\u001b[K')
    assert.ok(!text.includes('\n'))
    assert.ok(drawn.length > 100)
    assert.match(drawn[1] ?? '', /^a\.example \[█{3}░{6}\] {2}35 % {2}3200 of 9000 entries {2}0:29 left$/)
    assert.equal(drawn.at(-1), '')
    assert.ok(drawn.every((line) => [...line].length <= 60))
  })

  it('is a plain line now and then elsewhere, with the rate of this run', async () => {
    assert.deepEqual((await written(false, false)).split('\n'), [
      'a.example: 5000 of 9000 entries (200/s, 0:20 left)',
      'a.example: 7000 of 9000 entries (200/s, 0:10 left)',
      'a.example: 9000 of 9000 entries (200/s, 0:00 left)',
      '',
    ])
  })

  it('is nothing at all with --json', async () => {
    assert.equal(await written(true, true), '')
    assert.equal(await written(false, true), '')
  })
})
