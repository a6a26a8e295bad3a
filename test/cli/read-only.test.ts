/** A node that signs nothing: exit code 14, whichever command meets it. */
import assert from 'node:assert/strict'
import { NodeError, type Service, type StatusView } from '../../node/api/client.ts'
import { ERRORS } from '../../node/errors.ts'
import { asked } from '../support/cli.ts'
import { fakeService, RECORD } from '../support/fake-service.ts'

type ReadOnly = NonNullable<StatusView['readOnly']>

const SINCE = '2026-11-23T09:00:00.000Z'
const BEHIND: ReadOnly = {
  since: SINCE,
  code: 'READ_ONLY',
  why: 'our own log is ahead elsewhere: another member holds 21 entries of it',
  fix: 'candor peers',
}

function statusOf(state: StatusView['state'], readOnly?: ReadOnly): Partial<Service> {
  return {
    status: async () => {
      const status = await fakeService().status()
      return { ...status, state, ...(readOnly === undefined ? {} : { readOnly }) }
    },
  }
}

describe('a read-only node', () => {
  const STATES: readonly (readonly [string, Partial<Service>, number])[] = [
    ['publishes', statusOf('ok'), 0],
    ['is ahead elsewhere', statusOf('read-only', BEHIND), 14],
    [
      'is recovering',
      statusOf('recovering', { ...BEHIND, why: '1 of 2 other members answered; 2 must' }),
      14,
    ],
    ['is frozen', statusOf('read-only', { ...BEHIND, code: 'LOG_FROZEN' }), 14],
    ['is damaged', statusOf('read-only', { ...BEHIND, code: 'STORE_DAMAGED' }), 14],
    ['only observes, which is no fault', statusOf('read-only', { ...BEHIND, code: 'NOT_ALLOWED' }), 0],
  ]
  for (const [what, other, exit] of STATES) {
    it(`makes status end with ${exit} when it ${what}, for people and for programs`, async () => {
      for (const words of [['status'], ['status', '--json']]) {
        const ran = await asked(words, {}, other)
        assert.deepEqual([ran.exit, ran.err], [exit, ''])
      }
    })
  }

  it('says in its status why it signs nothing, and what to type', async () => {
    const { out } = await asked(['status'], {}, statusOf('read-only', BEHIND))
    assert.match(out, /A is running, read-only: our own log is ahead elsewhere/)
    assert.match(out, /▲ our own log is ahead elsewhere.* READ_ONLY\n {4}Next: .*candor --home .* peers/)
    const recovering = await asked(['status'], {}, statusOf('recovering', BEHIND))
    assert.match(recovering.out, /A is running, recovering and read-only until then: our own/)
  })

  const refuses = () =>
    Promise.reject(new NodeError('READ_ONLY', 'nothing is signed yet', { fix: 'candor peers' }))
  const WRITING: readonly (readonly [string, readonly string[]])[] = [
    ['publish', ['--yes', 'publish', RECORD]],
    ['publish --hold 0', ['--yes', 'publish', RECORD, '--hold', '0']],
    ['attest', ['attest', RECORD, 'dispute', '--reason', 'We saw it differently.']],
  ]
  for (const [what, words] of WRITING) {
    it(`makes ${what} end with 14 and say what to type`, async () => {
      const ran = await asked(words, {}, { publishDraft: refuses, attest: refuses })
      assert.equal(ran.exit, 14, ran.err)
      assert.match(ran.err, /✗ nothing is signed yet\nNext: .* peers/)
      const json = await asked(['--json', ...words], {}, { publishDraft: refuses, attest: refuses })
      assert.deepEqual([json.exit, json.out], [14, ''])
      assert.deepEqual(
        [JSON.parse(json.err).data.code, JSON.parse(json.err).data.exit],
        ['READ_ONLY', ERRORS.READ_ONLY.exit],
      )
    })
  }
})
