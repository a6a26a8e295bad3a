import assert from 'node:assert/strict'
import { matches, readSteps } from '../support/transcript.ts'

describe('a session in docs/cli', () => {
  const table: readonly [string, boolean, string[], string[]][] = [
    ['the same lines', true, ['a', 'b'], ['a', 'b']],
    ['another word', false, ['a', 'b'], ['a', 'c']],
    ['a line too few', false, ['a', 'b'], ['a']],
    ['a line too many', false, ['a'], ['a', 'b']],
    ['output where none is shown', false, [], ['a']],
    ['a word that varies', true, ['pid … ok'], ['pid 17 ok']],
    ['what follows a word that varies', false, ['pid … ok'], ['pid 17 no']],
    ['lines that vary', true, ['a', '…', 'd'], ['a', 'b', 'c', 'd']],
    ['no line where lines vary', true, ['a', '…'], ['a']],
    ['what follows lines that vary', false, ['…', 'd'], ['a', 'b']],
    ['signs that mean something to a pattern', false, ['a.b'], ['axb']],
  ]
  for (const [name, is, expected, actual] of table) {
    it(`${is ? 'accepts' : 'refuses'} ${name}`, () => assert.equal(matches(expected, actual), is))
  }

  it('is read with its commands, its output and its exit codes', () => {
    const page = [
      'text',
      '```console',
      '$ candor a',
      'x',
      '$ candor b  # exit 3',
      '```',
      '$ no',
      '```sh',
      '$ no',
      '```',
    ]
    assert.deepEqual(readSteps(page.join('\n')), [
      { command: 'candor a', expected: ['x'], exit: 0, line: 3 },
      { command: 'candor b', expected: [], exit: 3, line: 5 },
    ])
  })
})
