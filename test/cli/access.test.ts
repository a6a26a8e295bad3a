import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { CaseView, RulingOptions } from '../../node/api/client.ts'
import { asked } from '../support/cli.ts'
import { HOSTILE, RECORD } from '../support/fake-service.ts'

const ID = 'ab'.repeat(32)
const CASE: CaseView = {
  id: ID,
  state: 'asked',
  at: '2026-01-01T00:00:00.000Z',
  requester: { name: HOSTILE, kind: 'member', keyId: 'cd'.repeat(32) },
  record: RECORD,
  version: 1,
  tier: 'partner',
  items: [['parties', 0, HOSTILE]],
  purpose: 'research',
  justification: HOSTILE,
  recipients: [HOSTILE],
  until: '2026-02-01T00:00:00.000Z',
  acks: 1,
  appeal: HOSTILE,
}
const isHarmless = (out: string) => !/[\p{Cc}\p{Cf}]/u.test(out.replaceAll('\n', ''))

describe('candor access', () => {
  let directory = ''
  before(() => (directory = mkdtempSync(join(tmpdir(), 'candor-access-'))))
  after(() => rmSync(directory, { recursive: true }))
  const file = (name: string, text: string) => {
    const path = join(directory, name)
    writeFileSync(path, text)
    return path
  }

  it('shows the words of a requester without what could hurt a terminal', async () => {
    const views = { cases: () => Promise.resolve([CASE]), case: () => Promise.resolve(CASE) }
    for (const words of [['inbox'], ['log'], ['show', ID]]) {
      const { exit, out } = await asked(['access', ...words], {}, views)
      assert.equal(exit, 0)
      assert.match(out, /Loans/)
      assert.ok(isHarmless(out), words.join(' '))
    }
    const entry = { index: 0, side: 'owner', step: 'ruled', at: CASE.at, request: ID } as const
    const sent = [{ ...entry, side: 'owner', step: 'sent', unconfirmed: true, facts: {} }] as const
    const page = { size: 1, root: 'AA', entries: sent }
    const told = await asked(['access', 'trail'], {}, { trail: async () => page })
    assert.match(told.out, /sent, unconfirmed/)
    const trail = { size: 1, root: 'AA', entries: [{ ...entry, facts: { by: HOSTILE } }] }
    assert.ok(isHarmless((await asked(['access', 'trail'], {}, { trail: async () => trail })).out))
    const reach = {
      record: RECORD,
      holders: 2,
      acknowledged: 1,
      changes: [{ kind: 'retract', index: 4, acknowledged: 1 }],
      missing: [CASE.requester],
    }
    const { out } = await asked(['reach', RECORD], {}, { reach: async () => reach })
    assert.match(out, /▲ 1 of 2 holders acknowledged/)
    assert.match(out, /not yet: Loans/)
    assert.ok(isHarmless(out))
  })

  it('asks the node for what waits, or for everything in a state', async () => {
    assert.deepEqual((await asked(['access', 'inbox'])).calls, ['cases asked'])
    assert.deepEqual((await asked(['access', 'log'])).calls, ['cases all'])
    assert.deepEqual((await asked(['access', 'log', '--state', 'denied'])).calls, ['cases denied'])
  })

  it('decides in the name of whoever is logged in, or of whom it is told', async () => {
    const seen: RulingOptions[] = []
    const rule = (_id: string, ruling: RulingOptions) => {
      seen.push(ruling)
      return Promise.resolve(CASE)
    }
    const rules = file(
      'rules.yaml',
      '- { rule: r, path: narrative, transform: suppress, reason: trade_secret }\n',
    )
    await asked(['access', 'grant', ID], {}, { rule })
    await asked(['access', 'grant', ID, '--for', '30d', '--redact', rules, '--as', 'Q'], {}, { rule })
    await asked(['access', 'deny', ID, '--reason', 'legal', '--note', 'no', '--as', 'Q'], {}, { rule })
    const read = [{ rule: 'r', path: 'narrative', transform: 'suppress', reason: 'trade_secret' }]
    assert.deepEqual(seen, [
      { outcome: 'allow', by: userInfo().username },
      { outcome: 'allow', by: 'Q', days: 30, rules: read },
      { outcome: 'deny', by: 'Q', reason: 'legal', note: 'no' },
    ])
    const revoked = await asked(['access', 'revoke', ID, '--reason', 'leak', '--note', 'n', '--as', 'Q'])
    assert.deepEqual(revoked.calls, [`revoke ${ID} leak n Q`])
  })

  const WRONG: readonly (readonly [string, number, readonly string[]])[] = [
    ['a denial without a reason', 2, ['deny', ID]],
    ['a revocation without a reason', 2, ['revoke', ID]],
    ['a grant for a part of a day', 2, ['grant', ID, '--for', '36h']],
    ['a grant for no time', 2, ['grant', ID, '--for', '0']],
    ['rules that are not there', 5, ['grant', ID, '--redact', '/nowhere/rules.yaml']],
    ['an export of everything', 2, ['export', '-o', '/nowhere/file']],
    ['an export to nowhere', 2, ['export', '--record', RECORD]],
    ['a policy to check and to set', 2, ['policy', '--check', '/nowhere/a', '--set', '/nowhere/b']],
    ['a policy that is not there', 5, ['policy', '--check', '/nowhere/a']],
  ]
  for (const [name, exit, words] of WRONG) {
    it(`refuses ${name} before the node is asked`, async () => {
      const ran = await asked(['access', ...words])
      assert.deepEqual([ran.exit, ran.calls], [exit, []], ran.err)
    })
  }

  it('refuses rules that are not YAML, aliases included', async () => {
    const [broken, aliased] = [file('broken.yaml', '{ a: ['), file('aliased.yaml', 'a: &x [1]\nb: *x\n')]
    for (const path of [broken, aliased]) {
      const { exit, calls, err } = await asked(['access', 'grant', ID, '--redact', path])
      assert.deepEqual([exit, calls], [2, []])
      assert.match(err, /is not YAML/)
    }
  })

  it('checks a policy without putting it in force', async () => {
    const path = file('policy.yaml', 'v: 1\n')
    const { calls, out } = await asked(['access', 'policy', '--check', path])
    assert.deepEqual(calls, ['check policy 5'])
    assert.match(out, /none in force by this check/)
    assert.deepEqual((await asked(['access', 'policy', '--set', path])).calls, ['put policy 5'])
  })

  it('exports what is selected to a new file that nobody else can read', async () => {
    const path = join(directory, 'export.jsonl')
    const disclosureFile = async () => '{"disclosures":2}\n{"id":"1"}\n{"id":"2"}\n'
    const words = ['access', 'export', '--purpose', 'regulatory', '--matching', 'ward 7', '-o', path]
    const { exit, out } = await asked(words, {}, { disclosureFile })
    assert.equal(exit, 0)
    assert.match(out, /✓ 2 requests written/)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 4)
    assert.equal((await asked(words, {}, { disclosureFile })).exit, 6)
    const none = [...words.slice(0, -1), join(directory, 'none.jsonl')]
    const found = await asked(none)
    assert.match(found.out, /▲ 0 requests written/)
    assert.deepEqual(found.calls, ['disclosures {"purpose":"regulatory","matching":"ward 7"}'])
  })

  it('lets a text that says little not select', async () => {
    const words = ['access', 'export', '--matching', 'a', '-o', join(directory, 'little.jsonl')]
    assert.equal((await asked(words)).exit, 2)
  })

  it('answers with envelopes when asked for JSON', async () => {
    for (const [words, kind] of [
      [['access', 'inbox'], 'cases'],
      [['access', 'show', ID], 'case'],
      [['access', 'trail'], 'trail'],
      [['access', 'policy'], 'disclosure-policy'],
      [['reach', RECORD], 'reach'],
      [['request', 'list'], 'requests'],
    ] as const) {
      const { out, err } = await asked([...words, '--json'])
      assert.equal(JSON.parse(out).schema, `candor.cli/${kind}@1`)
      assert.equal(err, '')
    }
  })

  it('keeps lines within a terminal', async () => {
    const long = { ...CASE, justification: 'because '.repeat(40) }
    for (const columns of [80, 120]) {
      const options = { isTerminal: true, columns, env: { NO_COLOR: '1' } }
      const { out } = await asked(['access', 'log'], options, { cases: async () => [long] })
      for (const line of out.split('\n')) assert.ok([...line].length <= columns, line)
    }
  })
})
