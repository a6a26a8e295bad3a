/**
 * Audits one published log once, in a process that does nothing else: `DIRECTORY ORIGIN CHARTER JOBS SCOPE`, where the scope is
 * `all` or `none`. Prints entries a second and the peak of its memory as JSON. Start-up is not counted as time.
 */
import '../node/runtime.ts'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditLog, charterOf, type Auditor } from '../cli/audit.ts'
import { threadsOf } from '../cli/judging/threads.ts'
import { readerOf } from '../cli/tree/reader.ts'
import { treeSource } from '../cli/tree/source.ts'
import { verdictOfLog } from '../protocol/audit/report.ts'

export type AuditedOnce = { readonly entriesPerSecond: number; readonly rssBytes: number }

const [directory = '', origin = '', charter = '', jobs = '', scope = ''] = process.argv.slice(2)
const home = mkdtempSync(join(tmpdir(), 'candor-bench-'))
try {
  const auditor: Auditor = {
    charter: charterOf(readFileSync(charter)),
    home,
    onProgress: () => undefined,
    jobs: Number(jobs),
  }
  const source = await treeSource(readerOf(directory), origin)
  // The threads of the baseline run before it is measured, too.
  if (auditor.jobs !== undefined && auditor.jobs > 0) await threadsOf(auditor.jobs).ready()
  const begun = performance.now()
  const { report } = await auditLog(auditor, source, scope === 'all' ? 'all' : new Set<number>())
  const seconds = (performance.now() - begun) / 1_000
  const isGood = scope !== 'all' || verdictOfLog(report) === 'verified'
  if (!isGood || report.findings.length > 0 || source.faults.length > 0)
    throw new Error(`the audit found ${JSON.stringify([report.findings, source.faults])}`)
  const once: AuditedOnce = {
    entriesPerSecond: (report.head?.size ?? 0) / seconds,
    rssBytes: process.resourceUsage().maxRSS * 1_024,
  }
  process.stdout.write(JSON.stringify(once))
} finally {
  rmSync(home, { recursive: true })
}
