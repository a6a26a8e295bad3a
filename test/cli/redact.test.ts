import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RedactionView } from '../../node/api/client.ts'
import { asked } from '../support/cli.ts'
import { HOSTILE, RECORD } from '../support/fake-service.ts'

const BY = { rule: 'no-names', transform: 'paraphrase', reason: 'personal_data' }
const VIEW: RedactionView = {
  of: 'draft',
  id: RECORD,
  version: 1,
  tier: 'research',
  items: [
    { path: ['narrative'], outcome: 'changed', before: 'Of Ann.', after: 'Of a nurse.', by: BY },
    { path: ['near_miss_barrier'], outcome: 'shown', before: 'A pair of eyes.' },
    { path: ['samples', 0, 'prompt'], outcome: 'withheld', before: HOSTILE, by: BY },
  ],
  replaces: false,
}

describe('candor redact', () => {
  let directory = ''
  let rules = ''
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'candor-redact-'))
    rules = join(directory, 'rules.yaml')
    writeFileSync(rules, '[]\n')
  })
  after(() => rmSync(directory, { recursive: true }))
  const redact = (words: readonly string[], view: RedactionView = VIEW, written: string[] = []) =>
    asked(
      ['redact', RECORD, '--rules', rules, ...words],
      {},
      {
        previewRedaction: () => Promise.resolve(view),
        writePartner: (draft) => {
          written.push(draft)
          return Promise.reject(new Error('only noted'))
        },
      },
    )

  it('counts what is shown, changed and withheld, and names the rule without the value', async () => {
    const { exit, out } = await redact([])
    assert.equal(exit, 0)
    assert.match(out, /✓ 2 of 3 items shown, 1 of them changed, 1 withheld \(1 personal_data\)/)
    assert.match(out, /changed +narrative +paraphrase by no-names \(personal_data\)/)
    assert.doesNotMatch(out, /Ann|Loans/)
    assert.match(out, /Nothing was given to anybody/)
  })

  it('shows every value before and after, harmlessly', async () => {
    const { out } = await redact(['--diff'])
    assert.match(out, /- narrative: "Of Ann\."\n\+ narrative: "Of a nurse\."/)
    assert.match(out, / {2}near_miss_barrier: "A pair of eyes\."/)
    assert.match(out, /- samples\.0\.prompt: "Loans/)
    assert.ok(!/[\p{Cc}\p{Cf}]/u.test(out.replaceAll('\n', '')))
  })

  it('warns when nothing is left', async () => {
    const items = VIEW.items.filter(({ outcome }) => outcome === 'withheld')
    assert.match((await redact([], { ...VIEW, items })).out, /▲ 0 of 1 item shown/)
  })

  it('writes into a draft, and over what it has only with a yes', async () => {
    const written: string[] = []
    await redact(['--write'], VIEW, written)
    assert.deepEqual(written, [RECORD])
    const replaces = { ...VIEW, replaces: true }
    assert.equal((await redact(['--write'], replaces, written)).exit, 7)
    assert.deepEqual(written, [RECORD])
    await redact(['--write', '--yes'], replaces, written)
    assert.deepEqual(written, [RECORD, RECORD])
  })

  it('never writes into what is published', async () => {
    const written: string[] = []
    const { exit, err } = await redact(['--write'], { ...VIEW, of: 'record' }, written)
    assert.deepEqual([exit, written], [2, []])
    assert.match(err, /--write is for drafts/)
  })

  it('refuses a public tier, and rules that are not there', async () => {
    assert.deepEqual((await asked(['redact', RECORD, '--rules', rules, '--tier', 'public'])).exit, 2)
    const { exit, calls } = await asked(['redact', RECORD, '--rules', join(directory, 'none')])
    assert.deepEqual([exit, calls], [5, []])
  })
})
