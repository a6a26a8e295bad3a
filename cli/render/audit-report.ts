/** The report of an audit as text. */
import type { AuditFinding, AuditedHead, AuditReport } from '../audit-report.ts'
import { counted, faint, heading, marked, type Look } from '../look.ts'
import { safe } from '../safe.ts'

const VERDICTS: Readonly<Record<AuditReport['verdict'], string>> = {
  verified: 'verified: every check that is listed ran and holds',
  'read-only':
    'read-only: what was shown holds, but the node that showed it may not have the newest of its own log',
  incomplete: 'incomplete: not everything could be checked',
  key: 'a key is unknown, not in force or outside the charter',
  invalid: 'not valid: a signature, a hash or a form is wrong',
  'split-view': 'SPLIT VIEW: a log signed two histories that contradict each other',
}

export function verdictText(verdict: AuditReport['verdict']): string {
  return VERDICTS[verdict]
}

export function renderReport(look: Look, report: AuditReport): readonly string[] {
  const { coalition, charter, networkId, source, generated, verdict, logs, findings } = report
  const mark = verdict === 'verified' ? 'ok' : verdict === 'incomplete' ? 'warn' : 'fail'
  return [
    heading(look, `Audit of ${safe(coalition)}`),
    `  ${marked(look, mark, VERDICTS[verdict])}`,
    `  network ${networkId}`,
    `  charter SHA-256 ${charter.digest}`,
    `  charter from ${safe(charter.from)}`,
    `  logs from ${safe(source)}${storeText(report)}`,
    faint(look, `  ${generated} · ${report.tool}`),
    '',
    heading(look, counted(logs.length, 'log')),
    ...logs.flatMap((log) => renderLog(look, log)),
    '',
    heading(
      look,
      findings.length === 0 ? 'No findings' : `${counted(findings.length, 'finding')}, worst first`,
    ),
    ...findings.map((finding) => `  ${renderFinding(look, finding)}`),
    '',
    heading(look, 'Not shown by this'),
    ...report.notShown.map((line) => `  ${line}`),
  ]
}

/** What the host read again itself, where it was asked. */
export function storeText({ store }: AuditReport): string {
  if (store === null) return ''
  const found = store.damaged === 0 ? 'nothing damaged' : counted(store.damaged, 'damage')
  return `, which read ${store.entries} stored entries again itself and names ${found}`
}

/** Where a finding is: its member, and the file or the entry. */
export function placeOf({ domain, index, file }: AuditFinding): string {
  if (file !== null) return file
  return index === null ? domain : `${domain}, entry ${index}`
}

export function confirmationText({ confirmation }: AuditedHead): string {
  const { others, needed, mirrors, witnesses, isQuorum } = confirmation
  if (others === 0) return 'unwitnessed: nobody else has confirmed this head'
  const count = `${mirrors.length} of ${others} other members store and checked it (${needed} make a quorum)`
  const who = mirrors.length === 0 ? '' : `: ${mirrors.join(', ')}`
  const seen = `; ${counted(witnesses.length, 'witness').replace('witnesss', 'witnesses')} saw it`
  return `${isQuorum ? 'quorum' : 'no quorum'}, ${count}${who}${seen}`
}

export function timeText({ existedBy }: AuditedHead): string | undefined {
  const last = existedBy.at(-1)
  return last === undefined ? undefined : `the first ${last.size} entries existed by ${instant(last.time)}`
}

export function instant(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z')
}

function renderLog(look: Look, log: AuditedHead): readonly string[] {
  const mark = log.verdict === 'verified' ? 'ok' : log.verdict === 'incomplete' ? 'warn' : 'fail'
  const size = log.size === null ? 'no signed head' : `${log.size} entries under ${log.root ?? ''}`
  const time = timeText(log)
  return [
    `  ${marked(look, mark, `${safe(log.domain)}  ${size}`)}`,
    `    ${log.entries} hashed, ${log.signatures} signatures, ${log.parts} public parts against their commitments`,
    `    ${safe(confirmationText(log))}`,
    ...(time === undefined ? [] : [`    ${time}`]),
    ...(log.resumed === null
      ? []
      : [`    goes on with an audit that was cut short after ${log.resumed} entries`]),
    ...(log.continues === null ? [] : [`    continues the ${log.continues} that were verified before`]),
  ]
}

function renderFinding(look: Look, finding: AuditFinding): string {
  const { severity, says, rule, code } = finding
  const place = safe(placeOf(finding))
  const mark = severity === 'critical' || severity === 'high' ? 'fail' : 'warn'
  return marked(look, mark, `${severity}  ${place}: ${safe(says)} ${faint(look, `(${code}; ${rule})`)}`)
}
