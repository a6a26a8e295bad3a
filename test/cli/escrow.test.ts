import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { EscrowView } from '../../node/api/client.ts'
import { asked } from '../support/cli.ts'
import { DEPOSIT } from '../support/fake-escrow.ts'
import { HOSTILE, RECORD } from '../support/fake-service.ts'

const ID = DEPOSIT.id
const isHarmless = (out: string) => !/[\p{Cc}\p{Cf}]/u.test(out.replaceAll('\n', ''))

const WORST: EscrowView = {
  ...DEPOSIT,
  state: 'recovering',
  holders: [
    { domain: HOSTILE, state: 'own' },
    { domain: 'c.example', state: 'other-share' },
    { domain: 'd.example', state: 'refused', why: HOSTILE },
  ],
  called: [{ domain: HOSTILE, at: DEPOSIT.at, reason: HOSTILE }],
  released: [{ domain: HOSTILE, at: DEPOSIT.at, by: HOSTILE, reason: HOSTILE }],
}

describe('candor escrow', () => {
  let directory = ''
  before(() => (directory = mkdtempSync(join(tmpdir(), 'candor-escrow-'))))
  after(() => rmSync(directory, { recursive: true }))

  it('shows the words of others without what could hurt a terminal', async () => {
    const escrows = { deposits: [WORST], trouble: HOSTILE }
    const answers = { escrows: () => Promise.resolve(escrows), escrow: () => Promise.resolve(WORST) }
    for (const words of [['list'], ['show', ID]]) {
      const { exit, out } = await asked(['escrow', ...words], {}, answers)
      assert.equal(exit, 0)
      assert.match(out, /Loans/)
      assert.ok(isHarmless(out), words.join(' '))
    }
  })

  it('says whether it is on, who has a share, and since when an owner is silent', async () => {
    const { out } = await asked(['escrow', 'list'])
    assert.match(out, /goes into escrow \(research\): 3 of 1 holders, after 90 days/)
    assert.match(out, /a\.example/)
    const off = await asked(['escrow', 'list'], {}, { escrows: () => Promise.resolve({ deposits: [] }) })
    assert.match(off.out, /Escrow is off[^]*No deposit\./)
    const shown = await asked(['escrow', 'show', ID])
    assert.match(shown.out, /✓ kept for its owner/)
    assert.match(shown.out, /opens {5}with 3 of 4 shares, after 90 days/)
    assert.match(shown.out, /its owner was not silent for long enough/)
    const { out: worst } = await asked(['escrow', 'show', ID], {}, { escrow: () => Promise.resolve(WORST) })
    assert.match(worst, /c\.example: gave a share that is NOT the one deposited/)
    const wrong = { ...DEPOSIT, state: 'false', why: 'part-commitment' }
    const { out: told } = await asked(['escrow', 'show', ID], {}, { escrow: () => Promise.resolve(wrong) })
    assert.match(told, /✗ what the shares open is NOT what its owner committed to \(part-commitment\)/)
  })

  it('hands on what is said, and refuses what makes no sense before it asks', async () => {
    const options = [
      '--tier',
      'research',
      '--threshold',
      '3',
      '--holder',
      'b.example',
      '--holder',
      'c.example',
    ]
    const added = await asked(['escrow', 'add', RECORD, ...options, '--after', '90d'])
    assert.deepEqual(added.calls, [
      `add escrow ${RECORD} {"tiers":["research"],"threshold":3,"holders":["b.example","c.example"],"afterDays":90}`,
    ])
    assert.deepEqual((await asked(['escrow', 'add', RECORD])).calls, [`add escrow ${RECORD} {}`])
    for (const wrong of [
      ['--tier', 'public'],
      ['--after', '36h'],
      ['--after', 'soon'],
      ['--threshold', 'two'],
    ]) {
      const { exit, calls } = await asked(['escrow', 'add', RECORD, ...wrong])
      assert.deepEqual([exit, calls], [2, []], wrong.join(' '))
    }
    const why = ['--reason', 'gone', '--as', 'Q']
    const released = await asked(['escrow', 'release', ID, '--to', 'b.example', ...why])
    assert.deepEqual(released.calls, [`release ${ID} b.example Q gone`])
    assert.equal((await asked(['escrow', 'release', ID, ...why])).exit, 2)
    const recovered = await asked(['escrow', 'recover', ID, '--reason', 'gone'])
    assert.deepEqual(recovered.calls, [`recover ${ID} ${userInfo().username} gone`])
  })

  it('ends as the recovery stands: done, to be tried again, or wrong', async () => {
    for (const [state, code] of [
      ['recovered', 0],
      ['recovering', 75],
      ['false', 10],
    ] as const) {
      const recoverEscrow = () => Promise.resolve({ ...DEPOSIT, state })
      const { exit } = await asked(['escrow', 'recover', ID, '--reason', 'gone'], {}, { recoverEscrow })
      assert.equal(exit, code, state)
    }
  })

  it('writes the part to a new file that nobody else can read, and not while it is missing', async () => {
    const out = join(directory, 'part.json')
    const { calls, out: told } = await asked(['escrow', 'recover', ID, '--reason', 'gone', '-o', out])
    assert.equal(calls.at(-1), `recovered part ${ID}`)
    assert.match(told, /✓ written to/)
    assert.equal(statSync(out).mode & 0o777, 0o600)
    assert.equal(JSON.parse(readFileSync(out, 'utf8')).document.narrative, 'It was read.')
    assert.equal((await asked(['escrow', 'show', ID, '-o', out])).exit, 6)
    const more = join(directory, 'other.json')
    const recoverEscrow = () => Promise.resolve(WORST)
    const waiting = await asked(
      ['escrow', 'recover', ID, '--reason', 'gone', '-o', more],
      {},
      { recoverEscrow },
    )
    assert.equal(waiting.exit, 75)
    assert.throws(() => statSync(more))
  })
})
