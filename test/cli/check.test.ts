import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readToken } from '../../cli/token.ts'
import { asked } from '../support/cli.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { RECORD } from '../support/fake-service.ts'

const HARMFUL = /[\p{Cc}\p{Cf}]/u

describe('candor check', () => {
  it('shows what speaks against a draft, who stands behind it, and who will be able to read which words', async () => {
    const { exit, out } = await asked(['check', RECORD])
    assert.equal(exit, 20)
    assert.match(out, /✗ public\.harms a near miss has no actual harm/)
    assert.match(out, /✗ email {2}public\.summary, line 1, column 4, 15 characters/)
    assert.match(out, /▲ person {2}public\.title, .*: is this a person\?/)
    assert.match(out, /✓ ben.* approved it as it is, 2026-10-01T00:00/)
    assert.match(out, /public part, 12 words, can be read by\n {2}everybody, for good\n {2}│ /)
    assert.match(out, /partner part, 7 words, can be read by\n {2}members, when a person agrees/)
    assert.equal(HARMFUL.test(out.replaceAll('\n', '')), false)
  })

  it('lets pass what is named by rule and place, for a reason', async () => {
    for (const words of [
      ['--suppress', 'email@public.summary'],
      ['--suppress', 'email', '--reason', 'x'],
      ['--suppress', 'email@nowhere.summary', '--reason', 'x'],
    ])
      assert.equal((await asked(['check', RECORD, ...words])).exit, 2)
    const words = ['check', RECORD, '--suppress', 'email@public.summary', '--reason', 'ours', '--as', 'anna']
    const { exit, out, calls } = await asked(words)
    assert.equal(exit, 0)
    assert.match(out, /✓ email .*: let pass by anna: ours/)
    assert.ok(calls.includes(`suppress ${RECORD} email summary ours anna undefined`))
  })

  it('shows how a record came to be published', async () => {
    const { exit, out } = await asked(['check', RECORD, '--trail'])
    assert.equal(exit, 0)
    assert.match(out, /▲ email {2}public\.summary: let pass by anna, 2026-10-01T00:00: because ben/)
    assert.match(out, /✓ approved by ben/)
    assert.equal(HARMFUL.test(out.replaceAll('\n', '')), false)
  })
})

describe('candor approve', () => {
  it('approves after a yes only, and says yes to exactly what was shown', async () => {
    const silent = await asked(['approve', RECORD])
    assert.equal(silent.exit, 7)
    assert.match(silent.err, /is this a person\?/)
    assert.equal(
      silent.calls.some((call) => call.startsWith('approve')),
      false,
    )
    const no = await asked(['approve', RECORD], { isTerminal: true, input: 'no\n' })
    assert.equal(no.exit, 7)
    const yes = await asked(['approve', RECORD], { isTerminal: true, input: 'approve\n' })
    assert.equal(yes.exit, 0)
    const place = JSON.stringify([{ rule: 'person', tier: 'public', path: 'title' }])
    assert.ok(yes.calls.includes(`approve ${RECORD} ${place} undefined`))
    assert.equal(HARMFUL.test(silent.err.replaceAll('\n', '')), false)
  })
})

describe('candor publish', () => {
  it('says yes to what the linter asked and was shown, and names the tier that is meant', async () => {
    const { calls, err } = await asked(['publish', RECORD, '--yes', '--hold', '0', '--tier', 'partner'])
    assert.match(err, /could be granted to members, when a person agrees/)
    assert.match(err, /is this a person\?/)
    const call = calls.find((one) => one.startsWith('publishDraft')) ?? ''
    assert.match(call, /"tier":"partner"/)
    assert.match(call, /"confirmed":\[\{"rule":"person","tier":"public","path":"title"\}\]/)
    assert.equal((await asked(['publish', RECORD, '--yes', '--tier', 'secret'])).exit, 2)
  })
})

describe('the token of an operator', () => {
  const directory = temporaryDirectory()
  const file = join(directory.path, 'token')
  after(() => directory.remove())

  it('comes from a file that nobody else can read', () => {
    writeFileSync(file, 'candor_op_abc\n', { mode: 0o600 })
    assert.equal(readToken(file), 'candor_op_abc')
    chmodSync(file, 0o640)
    assert.throws(() => readToken(file), { code: 'NOT_ALLOWED' })
    chmodSync(file, 0o600)
    for (const text of ['', 'two words', 'x'.repeat(2_000)]) {
      writeFileSync(file, text)
      assert.throws(() => readToken(file), { code: 'USAGE' })
    }
    assert.throws(() => readToken(join(directory.path, 'none')), { code: 'NOT_FOUND' })
  })

  it('goes with every question, and into no answer', async () => {
    writeFileSync(file, 'candor_op_abc\n')
    const { calls, out, err } = await asked(['--operator', file, 'approve', RECORD, '--yes'])
    assert.ok(calls.some((call) => call.startsWith('approve') && call.endsWith(' candor_op_abc')))
    assert.equal((out + err).includes('candor_op_abc'), false)
  })
})
