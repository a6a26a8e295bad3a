import assert from 'node:assert/strict'
import { NodeError } from '../../node/api/client.ts'
import { asked, candor, type RunOptions } from '../support/cli.ts'
import { RECORD } from '../support/fake-service.ts'

describe('colour', () => {
  const COLOURED: readonly [string, RunOptions, readonly string[], boolean][] = [
    ['on a terminal', { isTerminal: true }, [], true],
    ['not in a pipe', {}, [], false],
    ['not with NO_COLOR', { isTerminal: true, env: { NO_COLOR: '1' } }, [], false],
    ['with an empty NO_COLOR', { isTerminal: true, env: { NO_COLOR: '' } }, [], true],
    [
      'not with NO_COLOR and FORCE_COLOR',
      { isTerminal: true, env: { NO_COLOR: '1', FORCE_COLOR: '1' } },
      [],
      false,
    ],
    ['in a pipe with FORCE_COLOR', { env: { FORCE_COLOR: '1' } }, [], true],
    ['not in a pipe with an empty FORCE_COLOR', { env: { FORCE_COLOR: '' } }, [], false],
    ['not on a dumb terminal', { isTerminal: true, env: { TERM: 'dumb' } }, [], false],
    ['in a pipe with --color always', { env: { NO_COLOR: '1' } }, ['--color', 'always'], true],
    ['not on a terminal with --color never', { isTerminal: true }, ['--color', 'never'], false],
  ]
  for (const [name, options, words, isColoured] of COLOURED) {
    it(`is used: ${name}`, async () => {
      const { out } = await asked(['status', ...words], options)
      assert.equal(out.includes('\u001b['), isColoured)
    })
  }
})

describe('errors of commands', () => {
  const REFUSED: readonly [string, readonly string[], number, RegExp][] = [
    ['an unknown command, with a guess', ['lsit'], 2, /Did you mean list/],
    ['an unknown option, with a guess', ['list', '--sectr', 'x'], 2, /Did you mean --sector/],
    ['a missing argument', ['show'], 2, /missing required argument 'id'/],
    ['a choice that is none', ['list', '--color', 'red'], 2, /auto, always, never/],
    ['a limit that is none', ['list', '--limit', 'many'], 2, /whole number/],
    ['a term that is none', ['list', '--kind', 'hiccup'], 2, /no term of candor\/incident-kind/],
    ['a time that is none', ['publish', RECORD, '--yes', '--hold', 'soon'], 2, /such as 10m/],
    ['two formats at once', ['export', '--csv', '--jsonl'], 2, /choose one/],
    ['nothing to verify', ['verify'], 2, /a record id, --org DOMAIN or --all/],
    [
      'a record that is not there',
      ['show', 'zzzzzz'],
      5,
      /no record zzzzzz\n.*Next:.* candor --home \S+ list/s,
    ],
    ['a charter that is none', ['charter', 'show'], 78, /not a valid charter file/],
  ]
  for (const [name, words, code, text] of REFUSED) {
    it(`name ${name}`, async () => {
      const { exit, out, err } = await asked(words)
      assert.equal(exit, code)
      assert.match(err, text)
      assert.match(err, /^✗ /)
      assert.equal(out, '')
    })
  }

  it('are JSON on stderr when asked for', async () => {
    const { err, exit } = await asked(['show', 'zzzzzz', '--json'])
    const { schema, data } = JSON.parse(err)
    assert.equal(schema, 'candor.cli/error@1')
    assert.equal(data.code, 'NOT_FOUND')
    assert.equal(data.exit, exit)
  })

  it('name the command that starts a node where none answers', async () => {
    const { exit, err } = await candor(['--home', '/nowhere/at-all', 'status'])
    assert.equal(exit, 3)
    assert.match(err, /no node is running here.*\n.*Next: candor --home \/nowhere\/at-all up/)
  })

  it('make hostile error texts harmless', async () => {
    const status = () => Promise.reject(new NodeError('CONFLICT', 'x\u001b[2Jy\u202ez'))
    const { err } = await asked(['status'], {}, { status })
    assert.equal(/[\p{Cc}\p{Cf}]/u.test(err.replaceAll('\n', '')), false)
  })
})
