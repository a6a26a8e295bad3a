import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeError, type AskedView, type Service } from '../../node/api/client.ts'
import { asked } from '../support/cli.ts'
import { HOSTILE, RECORD } from '../support/fake-service.ts'

const ID = 'ab'.repeat(32)
const ONE: AskedView = {
  id: ID,
  state: 'opened',
  owner: 'a.example',
  record: RECORD,
  version: 1,
  tier: 'partner',
  items: null,
  purpose: 'research',
  justification: 'why',
  recipients: ['B'],
  days: 30,
  at: '2026-01-01T00:00:00.000Z',
  until: '2026-02-01T00:00:00.000Z',
  over: false,
  changes: [],
  owed: 0,
}
const NEW = ['request', 'new', RECORD, '--tier', 'partner', '--purpose', 'research', '--because', 'why']
const FOR = ['--recipient', 'B']

const given = (one: Partial<AskedView>): Partial<Service> => ({
  request: () => Promise.resolve({ ...ONE, ...one }),
  requestDetail: () => Promise.resolve({ ...ONE, ...one }),
  requests: () => Promise.resolve([{ ...ONE, ...one }]),
})
const isHarmless = (out: string) => !/[\p{Cc}\p{Cf}]/u.test(out.replaceAll('\n', ''))

describe('candor request', () => {
  const EXITS: readonly (readonly [string, number])[] = [
    ['open', 75],
    ['pending', 75],
    ['received', 75],
    ['opened', 0],
    ['denied', 4],
    ['refused', 4],
    ['revoked', 4],
    ['ended', 4],
    ['erased', 5],
    ['false', 10],
  ]
  for (const [state, exit] of EXITS) {
    it(`says with its exit code that a request is ${state}, wherever it is shown`, async () => {
      for (const words of [
        ['request', 'show', ID],
        [...NEW, ...FOR],
      ])
        assert.equal((await asked(words, {}, given({ state }))).exit, exit, words.join(' '))
      const nothing: Partial<Service> = {
        ...given({ state }),
        fetchDetail: () => Promise.reject(new NodeError('NOT_FOUND', 'nothing was received')),
      }
      if (state !== 'opened')
        assert.equal((await asked(['request', 'fetch', ID], {}, nothing)).exit, exit, 'fetch')
    })
  }

  const WRONG: readonly (readonly [string, readonly string[]])[] = [
    ['a public part', ['request', 'new', RECORD, '--tier', 'public', ...NEW.slice(5), ...FOR]],
    ['nobody who reads', NEW],
    ['a part of a day', [...NEW, ...FOR, '--for', '36h']],
    ['no time at all', [...NEW, ...FOR, '--for', '0']],
    ['a path with an empty step', [...NEW, ...FOR, '--item', 'timeline..0']],
    ['a version that is none', [...NEW, ...FOR, '--record-version', '0']],
    ['an appeal without a reason', ['request', 'appeal', ID]],
  ]
  for (const [name, words] of WRONG) {
    it(`refuses ${name} before the node is asked`, async () => {
      const { exit, calls } = await asked(words)
      assert.deepEqual([exit, calls], [2, []])
    })
  }

  it('passes on what was asked, steps of digits as places in lists', async () => {
    const seen: unknown[] = []
    const requestDetail: Service['requestDetail'] = (options) => {
      seen.push(options)
      return Promise.resolve(ONE)
    }
    const more = ['--item', 'timeline.0', '--item', 'narrative', '--author', 'a.example', '--for', '7d']
    await asked([...NEW, ...FOR, ...more, '--record-version', '2', '--accept', 'ee'], {}, { requestDetail })
    assert.deepEqual(seen, [
      {
        record: RECORD,
        tier: 'partner',
        purpose: 'research',
        justification: 'why',
        recipients: ['B'],
        days: 7,
        items: [['timeline', 0], ['narrative']],
        author: 'a.example',
        version: 2,
        terms: 'ee',
      },
    ])
  })

  it('prints the terms that hold, and the command that accepts them', async () => {
    const terms = { digest: 'ef'.repeat(32), marking: { tlp: 'AMBER' }, text: `No model.\n${HOSTILE}` }
    const { out } = await asked(
      ['request', 'show', ID],
      {},
      given({
        state: 'denied',
        why: 'terms_not_accepted',
        terms,
        note: HOSTILE,
        items: [['timeline', 0]],
        justification: "it's ours; rm -rf ~",
        recipients: ['Hospital B', '$(id)'],
      }),
    )
    assert.match(out, /tlp: AMBER/)
    const again = `--because 'it'\\''s ours; rm -rf ~' --for 30d --recipient 'Hospital B' --recipient '$(id)'`
    const about = `request new ${RECORD} --author a.example --record-version 1 --tier partner --purpose research`
    assert.ok(out.includes(`${about} ${again} --item timeline.0 --accept ${'ef'.repeat(32)}`), out)
    assert.match(out, /they say {2}Loans/)
    assert.ok(isHarmless(out))
  })

  it('shows what was received with its verdict and what that does not prove, harmlessly', async () => {
    const received = {
      request: ONE,
      kind: 'items',
      items: [{ path: ['parties', 0, HOSTILE], value: { [HOSTILE]: HOSTILE } }],
      verdict: `1 items ${HOSTILE}`,
    } as const
    const fetchDetail = () => Promise.resolve(received)
    const { exit, out } = await asked(['request', 'fetch', ID], {}, { fetchDetail })
    assert.equal(exit, 0)
    assert.match(out, /✓ 1 items Loans/)
    assert.match(out, /whether it is true, no signature can show/)
    assert.ok(isHarmless(out))
    const whole = { request: ONE, kind: 'whole', document: { [HOSTILE]: [HOSTILE] }, verdict: 'all' } as const
    const shown = await asked(['request', 'fetch', ID], {}, { fetchDetail: () => Promise.resolve(whole) })
    assert.ok(isHarmless(shown.out))
  })

  it('marks what was changed since, and what may not be used any more, wherever it is shown', async () => {
    const changes = [`retract (entry 4) ${HOSTILE}`]
    const other = {
      ...given({ changes, over: true }),
      fetchDetail: async () => ({
        request: { ...ONE, changes, over: true },
        kind: 'whole' as const,
        document: {},
        verdict: 'all',
      }),
    }
    for (const words of [
      ['request', 'fetch', ID],
      ['show', RECORD],
    ]) {
      const { out } = await asked(words, {}, other)
      assert.match(out, /✗ STALE/, words.join(' '))
      assert.match(out, /retract \(entry 4\)/)
      assert.match(out, /its time is over/)
      assert.ok(isHarmless(out))
    }
    assert.match((await asked(['request', 'list'], {}, other)).out, /opened, stale/)
    assert.match((await asked(['request', 'show', ID], {}, other)).out, /✗ its time is over/)
  })

  it('says nothing of what was not received for the record that is shown', async () => {
    for (const one of [{ record: 'other' }, { owner: 'b.example' }, { state: 'denied' }, { state: 'erased' }])
      assert.doesNotMatch((await asked(['show', RECORD], {}, given(one))).out, /given to us/)
    assert.match(
      (await asked(['show', RECORD], {}, given({}))).out,
      /✓ the partner part of version 1 was given/,
    )
  })

  it('writes what was received to a new file that nobody else can read', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'candor-fetch-'))
    const file = join(directory, 'note.json')
    const words = ['request', 'fetch', ID, '-o', file]
    assert.equal((await asked(words)).exit, 0)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).verdict, 'all')
    assert.equal((await asked(words)).exit, 6)
    rmSync(directory, { recursive: true })
  })
})
