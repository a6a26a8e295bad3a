/** The report of an audit as text. */
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import { SEVERITIES } from '../../protocol/audit/rules.ts'
import type { AuditFinding, AuditedHead, AuditReport } from '../audit-report.ts'
import { counted, faint, heading, marked, wrapped, type Look } from '../look.ts'
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

export const MARKS: Readonly<Record<AuditReport['verdict'], 'ok' | 'warn' | 'fail'>> = {
  verified: 'ok',
  'read-only': 'warn',
  incomplete: 'warn',
  key: 'fail',
  invalid: 'fail',
  'split-view': 'fail',
}

export function verdictText(verdict: AuditReport['verdict']): string {
  return VERDICTS[verdict]
}

export function renderReport(look: Look, report: AuditReport): readonly string[] {
  const { coalition, charter, networkId, source, generated, verdict, logs, findings } = report
  const count = findings.length === 0 ? 'No findings' : `${counted(findings.length, 'finding')}, worst first`
  return [
    heading(look, `Audit of ${safe(coalition)}`),
    ...wrapped(look, `  ${marked(look, MARKS[verdict], VERDICTS[verdict])}`, '    '),
    `  network ${networkId}`,
    ...wrapped(look, `  charter SHA-256 ${charter.digest}`, '    '),
    ...wrapped(look, `  charter from ${safe(charter.from)}`, '    '),
    ...wrapped(look, `  logs from ${safe(source)}${storeText(report)}`, '    '),
    faint(look, `  ${generated} · ${report.tool}`),
    '',
    heading(look, counted(logs.length, 'log')),
    ...logs.flatMap((log) => renderLog(look, log)),
    '',
    heading(look, count),
    ...inRuns(findings).flatMap((run) => renderFinding(look, run)),
    '',
    heading(look, 'Not shown by this'),
    ...report.notShown.flatMap((line) => wrapped(look, `  ${line}`, '    ')),
  ]
}

/** What the host read again itself, where it was asked. */
export function storeText({ store }: AuditReport): string {
  if (store === null) return ''
  const found = store.damaged === 0 ? 'nothing damaged' : `${counted(store.damaged, 'thing')} damaged`
  return `, which read ${entries(store.entries, 'stored ')} again itself and names ${found}`
}

/** Findings that say the same of entries that follow one another, as one. */
export type Run = { readonly finding: AuditFinding; readonly until: number | null }

export function inRuns(findings: readonly AuditFinding[]): readonly Run[] {
  const runs: Run[] = []
  for (const finding of findings) {
    const last = runs.at(-1)
    if (last !== undefined && goesOn(last, finding)) runs[runs.length - 1] = { ...last, until: finding.index }
    else runs.push({ finding, until: finding.index })
  }
  return runs
}

function goesOn({ finding: first, until }: Run, next: AuditFinding): boolean {
  const isNext = until !== null && next.index === until + 1 && next.file === null && first.file === null
  return isNext && first.code === next.code && first.origin === next.origin && first.says === next.says
}

/** Where findings are: their member, and the file or the entries. */
export function placeOf({ finding: { domain, index, file }, until }: Run): string {
  if (file !== null) return file
  if (index === null) return domain
  return until === null || until === index
    ? `${domain}, entry ${index}`
    : `${domain}, entries ${index} to ${until}`
}

/** How many of each severity, worst first. */
export function countedFindings(findings: readonly AuditFinding[]): string {
  const counts = SEVERITIES.map((one) => [findings.filter(({ severity }) => severity === one).length, one])
  const some = counts.filter(([count]) => count !== 0).map((words) => words.join(' '))
  return some.length === 0 ? 'none' : some.join(', ')
}

export function confirmationText({ confirmation, outside }: AuditedHead): string {
  const { others, needed, mirrors, witnesses, isQuorum } = confirmation
  const beside = outside === null ? '' : `; ${outside.cosigned.length} of ${outside.needed} witnesses outside`
  if (others === 0) return `unwitnessed: nobody else has confirmed this head${beside}`
  const count = `${mirrors.length} of ${others} other members store and checked it (${needed} make a quorum)`
  const who = mirrors.length === 0 ? '' : `: ${mirrors.join(', ')}`
  const seen = witnesses.length === 1 ? '1 witness' : `${witnesses.length} witnesses`
  return `${isQuorum ? 'quorum' : 'no quorum'}, ${count}${who}; ${seen} saw it${beside}`
}

export function timeText({ existedBy }: AuditedHead): string | undefined {
  const last = existedBy.at(-1)
  if (last === undefined) return undefined
  return `${last.size === 1 ? 'the first entry' : `the first ${last.size} entries`} existed by ${instant(last.time)}`
}

export function checkedText({ entries: hashed, signatures, parts }: AuditedHead): string {
  const [signed, opened] = [signatures === 1 ? '' : 's', parts === 1 ? '' : 's']
  return `${hashed} hashed, ${signatures} signature${signed}, ${parts} public part${opened} against their commitments`
}

/** How this audit stands to earlier ones. */
export function historyTexts({ resumed, continues }: AuditedHead): readonly string[] {
  return [
    ...(resumed === null ? [] : [`goes on with an audit that was cut short after ${entries(resumed)}`]),
    ...(continues === null ? [] : [`continues the ${continues} that were verified before`]),
  ]
}

/** Which of the logs of its member; nothing for a log whose name is none. */
export function epochText({ origin }: AuditedHead): string {
  const read = parseOrigin(origin)
  return read.ok ? `epoch ${read.value.epoch}` : ''
}

export function instant(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z')
}

function renderLog(look: Look, log: AuditedHead): readonly string[] {
  const size = log.size === null ? 'no signed head' : `${entries(log.size)} under ${log.root ?? ''}`
  const epoch = epochText(log)
  const who = epoch === 'epoch 1' || epoch === '' ? log.domain : `${log.domain}, ${epoch}`
  const time = timeText(log)
  const lines = [checkedText(log), safe(confirmationText(log)), ...(time === undefined ? [] : [time])]
  return [
    ...wrapped(look, `  ${marked(look, MARKS[log.verdict], `${safe(who)}  ${size}`)}`, '    '),
    ...[...lines, ...historyTexts(log)].flatMap((line) => wrapped(look, `    ${line}`, '      ')),
  ]
}

function renderFinding(look: Look, run: Run): readonly string[] {
  const { severity, says, rule, code } = run.finding
  const mark = severity === 'critical' || severity === 'high' ? 'fail' : 'warn'
  const line = `${severity}  ${safe(placeOf(run))}: ${safe(says)} ${faint(look, `(${code}; ${rule})`)}`
  return wrapped(look, `  ${marked(look, mark, line)}`, '    ')
}

function entries(count: number, which = ''): string {
  return `${count} ${which}${count === 1 ? 'entry' : 'entries'}`
}
