/** Each kind of finding that an audit can have, provoked through the command, in all three forms of the report. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '../../cli/exit-codes.ts'
import { SEVERITIES } from '../../protocol/audit/rules.ts'
import { CASES, type Case } from '../support/audit-cases.ts'
import { openAuditedLab, serviceOf } from '../support/audited-lab.ts'
import { serving } from '../support/api.ts'
import { candor } from '../support/cli.ts'
import { sectionOf } from '../support/spec.ts'

type Finding = {
  readonly severity: (typeof SEVERITIES)[number]
  readonly code: string
  readonly domain: string
  readonly index: number | null
  readonly rule: string
  readonly says: string
}

describe('candor audit finds', function () {
  this.timeout(30_000)

  for (const [what, one] of Object.entries(CASES)) {
    it(`${what}, and ends with ${one.exit}`, () => provoke(one))
  }

  it('with each of its exit codes', () => {
    const codes = new Set(Object.values(CASES).map(({ exit }) => exit))
    const { ok, invalid, splitView, incomplete, key, aheadElsewhere } = EXIT
    assert.deepEqual(
      [...codes].toSorted((a, b) => a - b),
      [ok, invalid, splitView, incomplete, key, aheadElsewhere],
    )
  })
})

async function provoke({ options, make, later, exit, verdict, found }: Case): Promise<void> {
  const made = await openAuditedLab(options)
  try {
    make(made)
    await serving(serviceOf(made), async ({ home }) => {
      if (later !== undefined) {
        assert.equal((await candor(['--home', home, 'audit', '--jobs', '0'])).exit, 0)
        later(made)
      }
      const page = join(home, 'audit.html')
      const words = ['--home', home, 'audit', '--jobs', '0', '--html', page]
      const [data, text] = [await candor([...words, '--json']), await candor(words.slice(0, 5))]
      const report = JSON.parse(data.out).data
      const findings: readonly Finding[] = report.findings
      assert.deepEqual(
        findings.map(({ severity, code, domain, index }) => [severity, code, domain, index]),
        found,
      )
      assert.deepEqual([data.exit, text.exit, report.verdict], [exit, exit, verdict])
      inOrder(findings)
      for (const finding of findings) shownIn(finding, text.out, readFileSync(page, 'utf8'))
    })
  } finally {
    made.lab.remove()
  }
}

function inOrder(findings: readonly Finding[]): void {
  const ranks = findings.map(({ severity }) => SEVERITIES.indexOf(severity))
  assert.deepEqual(
    ranks,
    ranks.toSorted((a, b) => a - b),
  )
}

/** Says the same in words and on the page, and rests on a section that the specification has. */
function shownIn({ severity, code, domain, rule, says }: Finding, text: string, page: string): void {
  assert.notEqual(sectionOf(rule), undefined, `${code} rests on ${rule}`)
  assert.notEqual(says, code, 'a finding is a sentence')
  assert.ok(
    text.split('\n').some((line) => hasAll(line, [severity, domain, says, `(${code}; ${rule})`])),
    `the text says ${code} of ${domain}`,
  )
  assert.ok(
    page.split('\n').some((line) => hasAll(line, [severity, domain, `<code>${code}</code>`, rule])),
    `the page says ${code} of ${domain}`,
  )
}

function hasAll(line: string, words: readonly string[]): boolean {
  return words.every((word) => line.includes(word))
}
