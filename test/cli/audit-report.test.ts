import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditLog } from '../../cli/audit.ts'
import { reportOf, type AuditReport } from '../../cli/audit-report.ts'
import type { LeafSource } from '../../cli/leaf-source.ts'
import { htmlReport } from '../../cli/render/audit-html.ts'
import { renderReport } from '../../cli/render/audit-report.ts'
import { fakeService } from '../support/fake-service.ts'
import type { SignedLeaf, SignedLog } from '../support/signed-log.ts'
import { makeSignedLog } from '../support/signed-log.ts'

const HOST = { status: await fakeService().status(), logs: [], proofs: [] }
const PLAIN = { colour: false, width: undefined }

describe('the report of an audit', () => {
  const home = mkdtempSync(join(tmpdir(), 'candor-test-'))
  let log: SignedLog

  before(async () => {
    log = await makeSignedLog(5)
  })

  after(() => rmSync(home, { recursive: true }))

  const reportOn = async (leaves: readonly SignedLeaf[], jobs = 0): Promise<AuditReport> => {
    const auditor = {
      charter: log.charter,
      home: join(home, String(Math.random())),
      onProgress: () => undefined,
      jobs,
    }
    const audited = [await auditLog(auditor, sourceOf(log, leaves), 'all')]
    const reports = audited.map(({ report }) => report)
    return reportOf({
      now: Date.UTC(2026, 10, 23),
      tool: 'candor test',
      charter: log.charter,
      charterBytes: log.charterBytes,
      charterFrom: '<b>a friend</b>',
      isCharterTheirs: false,
      source: { kind: 'node', said: { entries: 6, damaged: [] }, host: HOST },
      audited,
      reports,
    })
  }

  it('says what was checked, of which charter, and what is not shown', async () => {
    const report = await reportOn(log.leaves)
    assert.equal(report.verdict, 'verified')
    assert.deepEqual(report.findings, [])
    assert.match(report.charter.digest, /^[0-9a-f]{64}$/)
    const [only] = report.logs
    assert.deepEqual([only?.size, only?.entries, only?.signatures, only?.parts], [6, 6, 6, 6])
    const text = renderReport(PLAIN, report).join('\n')
    assert.match(text, /unwitnessed: nobody else has confirmed this head/)
    assert.match(text, /Not shown by this\n {2}that what is stated is true/)
  })

  it('names what is wrong, worst first, with its place and rule', async () => {
    const leaves = log.leaves.map((leaf, index) => {
      if (index === 3)
        return {
          ...leaf,
          bytes: leaf.bytes.map((byte, at) => (at === leaf.bytes.length - 40 ? byte ^ 1 : byte)),
        }
      return index === 4 ? { ...leaf, part: { ...leaf.part, opening: new Uint8Array(32) } } : leaf
    })
    const report = await reportOn(leaves)
    assert.equal(report.verdict, 'invalid')
    const found = report.findings.map(({ severity, code, index, rule }) => [severity, code, index, rule])
    assert.deepEqual(found, [
      ['high', 'signature', 3, 'spec 02 §1'],
      ['high', 'part-commitment', 4, 'spec 01 §5'],
      ['high', 'audit-root', null, 'spec 03 §2'],
    ])
  })

  it('is one page that loads nothing and runs nothing, whatever came in', async () => {
    const page = htmlReport(await reportOn(log.leaves))
    assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'/)
    assert.doesNotMatch(page, /<script|<img|<link|https?:|<b>/)
    assert.match(page, /&lt;b&gt;a friend&lt;\/b&gt;/)
  })
})

function sourceOf(log: SignedLog, leaves: readonly SignedLeaf[]): LeafSource {
  return {
    origin: log.origin,
    head: () => Promise.resolve(log.noteOf(log.leaves)),
    entries: (from, count) => Promise.resolve(leaves.slice(from, from + count).map(({ bytes }) => bytes)),
    parts: (from, count) => Promise.resolve(leaves.slice(from, from + count).map(({ part }) => part)),
  }
}
