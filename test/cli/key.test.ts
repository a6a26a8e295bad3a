import assert from 'node:assert/strict'
import { asked } from '../support/cli.ts'
import { KEYS } from '../support/fake-service.ts'
import { NETWORK_ID } from '../support/notes.ts'

const NEW = KEYS.keys[1]?.keyId ?? ''

describe('candor key', () => {
  it('list shows what is in force, and what was said about the rest', async () => {
    const { exit, out } = await asked(['key', 'list'])
    assert.equal(exit, 0)
    assert.match(out, /▲ statement\s+4{16}\s+0\s+revoked from 1/)
    assert.match(out, /✓ statement\s+5{16}\s+2\s+in force\s+here/)
    const { calls } = await asked(['key', 'list', 'b.example'])
    assert.ok(calls.includes('keys b.example'))
  })

  it('list shows the epochs of a member that has more than one', async () => {
    const by = `a.example/candor/${NETWORK_ID}/2`
    const because = { proof: 'cd'.repeat(32), text: 'Two machines\u001b[31m wrote it.' }
    const epochs = [
      {
        origin: by.replace(/2$/, '1'),
        size: 9,
        state: 'closed',
        by,
        closedAt: 4,
        confirmed: false,
        cutShort: { from: 4, to: 7 },
      },
      { origin: by, size: 2, state: 'open', because },
    ] as const
    const { out } = await asked(['key', 'list'], {}, { keys: () => Promise.resolve({ ...KEYS, epochs }) })
    assert.match(out, /epoch 1: closed at 4 entries, which nobody confirmed, by epoch 2 · 9 held/)
    assert.match(out, /confirmed 7 entries: those from 4 on were left behind/)
    assert.match(out, /opened because: Two machines/)
    assert.ok(!out.includes('\u001b[31m'))
  })

  const WRONG: readonly (readonly [string, number, readonly string[]])[] = [
    ['a purpose that is none', 2, ['add', 'root']],
    ['a log key added to a running epoch', 2, ['add', 'log']],
    ['an id that is too short', 2, ['retire', '5555']],
    ['an id that is no id', 2, ['retire', 'statement']],
    ['an id of nobody', 5, ['retire', 'abcdef']],
    ['an index that is none', 2, ['--yes', 'revoke', NEW, '--since', 'today']],
    ['a revocation without an index', 2, ['--yes', 'revoke', NEW]],
  ]
  for (const [name, exit, words] of WRONG) {
    it(`refuses ${name}`, async () => {
      const ran = await asked(['key', ...words])
      assert.equal(ran.exit, exit, ran.err)
      assert.ok(ran.calls.every((call) => call.startsWith('keys ')))
    })
  }

  it('recover wants an explanation, and well-formed arguments', async () => {
    for (const words of [
      [],
      ['--because', 'x', '--proof', 'ab'],
      ['--because', 'x', '--size', '0'],
      ['--because', 'x', '--epoch', 'a'],
    ]) {
      const { exit, calls } = await asked(['--yes', 'log', 'recover', ...words])
      assert.deepEqual([exit, calls], [2, []], words.join(' '))
    }
    const words = ['log', 'recover', '--size', '2', '--epoch', '5', '--alone']
    const told = await asked(words, { isTerminal: true, input: 'What happened\nno\n' })
    assert.ok(told.calls.includes('beginClosing {"mode":"recover","size":2,"epoch":5,"alone":true}'))
  })
})
