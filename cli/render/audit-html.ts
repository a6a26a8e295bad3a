/**
 * The report of an audit as one page that stands alone: no scripts, nothing loaded from elsewhere, readable without
 * colours and on a phone. Whatever came from a log is text and never markup.
 */
import type { AuditFinding, AuditedHead, AuditReport } from '../audit-report.ts'
import { MARK } from '../look.ts'
import { safe } from '../safe.ts'
import {
  checkedText,
  confirmationText,
  countedFindings,
  epochText,
  historyTexts,
  inRuns,
  MARKS,
  placeOf,
  storeText,
  timeText,
  verdictText,
} from './audit-report.ts'

const STYLE = `
:root { color-scheme: light dark; --ok: #1a7f37; --warn: #9a6700; --fail: #cf222e; --line: #8886; --faint: #57606a; }
@media (prefers-color-scheme: dark) { :root { --ok: #3fb950; --warn: #d29922; --fail: #ff7b72; --faint: #9aa4af; } }
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; overflow-wrap: anywhere; padding: 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
.verdict { border: 2px solid; border-radius: .4rem; font-weight: 600; padding: .6rem .9rem; }
.verdict.ok { border-color: var(--ok); } .verdict.warn { border-color: var(--warn); } .verdict.fail { border-color: var(--fail); }
dl { display: grid; gap: .25rem 1rem; grid-template-columns: max-content 1fr; } dt { font-weight: 600; } dd { margin: 0; min-width: 0; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .5rem .6rem; text-align: start; vertical-align: top; }
th:first-child, td:first-child { padding-inline-start: 0; }
.findings col:nth-child(1) { width: 7rem; } .findings col:nth-child(2) { width: 12rem; } .findings col:nth-child(4) { width: 12rem; }
.logs col:nth-child(1) { width: 12rem; } .logs col:nth-child(2) { width: 6rem; } .logs col:nth-child(5) { width: 14rem; }
.critical, .high { color: var(--fail); } .medium, .low { color: var(--warn); }
code { font-family: ui-monospace, monospace; font-size: .85em; }
small, .note { color: var(--faint); font-weight: 400; }
q { border-inline-start: 3px solid var(--line); display: block; margin-block-start: .25rem; padding-inline-start: .6rem; quotes: none; }
li { margin-block: .2rem; }
@media (max-width: 48rem) {
  body { padding: 1rem; } dl { grid-template-columns: minmax(0, 1fr); } dt { margin-block-start: .4rem; }
  table, tbody, tr, th, td { display: block; } thead, colgroup { display: none; }
  tr { border-bottom: 1px solid var(--line); padding-block: .6rem; } th, td { border: 0; padding: .1rem 0; }
  td[data-label]::before { color: var(--faint); content: attr(data-label) ": "; }
}
@media print { body { max-width: none; } tr { break-inside: avoid; } }
`

export function htmlReport(report: AuditReport): string {
  const { coalition, charter, networkId, source, generated, tool, verdict, logs, findings, notShown } = report
  const state = MARKS[verdict]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>Audit of ${text(coalition)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Audit of ${apart(coalition)}</h1>
<p class="verdict ${state}">${MARK[state]} ${text(verdictText(verdict))}</p>
<dl>
<dt>Made</dt><dd>${text(generated)} by ${text(tool)}</dd>
<dt>Network</dt><dd><code>${text(networkId)}</code></dd>
<dt>Charter, SHA-256</dt><dd><code>${text(charter.digest)}</code></dd>
<dt>Charter from</dt><dd>${text(charter.from)}</dd>
<dt>Logs from</dt><dd>${text(`${source}${storeText(report)}`)}</dd>
<dt>Findings</dt><dd>${text(countedFindings(findings))}</dd>
</dl>
<h2>Findings</h2>
${findingsTable(findings)}
<h2>Logs</h2>
<table class="logs">
<colgroup><col><col><col><col><col></colgroup>
<thead><tr><th scope="col">Member</th><th scope="col">Entries</th><th scope="col">Checked</th><th scope="col">Confirmed</th><th scope="col">Time</th></tr></thead>
<tbody>
${logs.map(logRow).join('\n')}
</tbody>
</table>
<h2>Not shown by this</h2>
<ul>
${notShown.map((line) => `<li>${text(line)}</li>`).join('\n')}
</ul>
<p class="note">Words of others stand indented, with � in place of what could mislead a reader. Rules are sections of the specification of Candor.</p>
</main>
</body>
</html>
`
}

function findingsTable(findings: readonly AuditFinding[]): string {
  if (findings.length === 0) return '<p>None.</p>'
  const rows = inRuns(findings).map((run) => {
    const { severity, code, rule } = run.finding
    return `<tr><th scope="row" class="${severity}">${text(severity)}</th><td>${apart(placeOf(run))}</td><td>${said(run.finding)}</td><td><code>${text(code)}</code><br>${text(rule)}</td></tr>`
  })
  return `<table class="findings">
<colgroup><col><col><col><col></colgroup>
<thead><tr><th scope="col">Severity</th><th scope="col">Where</th><th scope="col">What, worst first</th><th scope="col">Rule</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`
}

/** What a finding says, with the words of others apart from ours. */
function said({ says, theirs }: AuditFinding): string {
  if (theirs === null || !says.endsWith(theirs)) return text(says)
  return `${text(says.slice(0, says.length - theirs.length))}<q>${apart(theirs)}</q>`
}

function logRow(log: AuditedHead): string {
  const cell = (label: string, html: string) => `<td data-label="${label}">${html}</td>`
  const head = log.root === null ? 'no signed head' : `root <code>${text(log.root)}</code>`
  const epoch = epochText(log)
  const member = `${apart(log.domain)}<br><small>${text(log.verdict)}${epoch === '' ? '' : `, ${text(epoch)}`}</small>`
  const cells = [
    cell('Entries', log.size === null ? '–' : String(log.size)),
    cell('Checked', [checkedText(log), ...historyTexts(log)].map(text).concat(head).join('<br>')),
    cell('Confirmed', text(confirmationText(log))),
    cell('Time', text(timeText(log) ?? 'no bound')),
  ]
  return `<tr><th scope="row">${member}</th>${cells.join('')}</tr>`
}

/** Text of others within ours: whichever way it is read, it does not turn what stands around it. */
function apart(value: string): string {
  return `<bdi>${text(value)}</bdi>`
}

/** As text: markup and control characters of peers do nothing. */
function text(value: string): string {
  return safe(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
