import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asked } from '../support/cli.ts'

const ID = 'ef'.repeat(32)

describe('candor accredit', () => {
  const directory = mkdtempSync(join(tmpdir(), 'candor-accredit-'))
  const application = join(directory, 'application.json')
  after(() => rmSync(directory, { recursive: true }))

  it('apply writes a file that holds nothing secret, and grant hands it on', async () => {
    const applied = await asked(['accredit', 'apply', '--body', 'University of C', '-o', application])
    assert.equal(applied.exit, 0, applied.err)
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(application, 'utf8'))), [
      'v',
      'network',
      'body',
      'statementKey',
      'boxKey',
      'possession',
    ])
    const scope = ['--tier', 'research', '--purpose', 'research', '--for', '30d']
    const granted = await asked(['accredit', 'grant', application, ...scope])
    assert.equal(granted.exit, 0, granted.err)
    assert.deepEqual(granted.calls, ['accredit University of C 30'])
    assert.match(granted.out, /in-force {2}University of C/)
  })

  it('endorses, suspends, revokes and lists', async () => {
    const words: readonly (readonly [readonly string[], string])[] = [
      [['endorse', ID], `endorse ${ID}`],
      [['suspend', ID, '--reason', 'under_review', '--for', '7d'], `suspend ${ID} under_review 7`],
      [['revoke', ID, '--reason', 'leak'], `revoke accreditation ${ID} leak`],
      [['list'], 'accreditations'],
    ]
    for (const [given, call] of words) {
      const { exit, calls } = await asked(['accredit', ...given])
      assert.deepEqual([exit, calls], [0, [call]])
    }
  })

  it('shows what others wrote without obeying it', async () => {
    const { out } = await asked(
      ['accredit', 'list'],
      {},
      {
        accreditations: () =>
          Promise.resolve([
            {
              id: ID,
              state: 'incomplete',
              body: 'Uni\u001b[31mversity',
              author: 'a.example',
              endorsedBy: [],
              needed: 2,
              tiers: ['research'],
              purposes: ['research'],
              sectors: null,
              notBefore: '2026-01-01T00:00:00.000Z',
              notAfter: '2026-03-01T00:00:00.000Z',
              statementKey: Buffer.alloc(32, 1).toString('base64'),
              own: true,
            },
          ]),
      },
    )
    assert.ok(!out.includes('\u001b[31m'))
    assert.match(out, /1 more needed/)
    assert.match(out, /\(this home\)/)
  })

  const broken = join(directory, 'broken.json')
  writeFileSync(broken, 'not json')
  const WRONG: readonly (readonly [string, readonly string[]])[] = [
    ['a file that is no application', ['grant', broken, '--tier', 'research', '--purpose', 'research']],
    ['no tier', ['grant', application, '--purpose', 'research']],
    ['a span of hours', ['suspend', ID, '--reason', 'leak', '--for', '5h']],
    ['no reason', ['revoke', ID]],
    ['no body', ['apply']],
  ]
  for (const [name, words] of WRONG) {
    it(`refuses ${name}`, async () => {
      const { exit, calls } = await asked(['accredit', ...words])
      assert.deepEqual([exit, calls], [2, []])
    })
  }
})
