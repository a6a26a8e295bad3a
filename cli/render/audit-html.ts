/**
 * The report of an audit as one page that stands alone: no scripts, nothing loaded from elsewhere, readable without
 * colours and on a phone. Whatever came from a log is text and never markup.
 */
import type { AuditFinding, AuditedHead, AuditReport } from '../audit-report.ts'
import { safe } from '../safe.ts'
import { confirmationText, placeOf, storeText, timeText, verdictText } from './audit-report.ts'

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 64rem; padding: 1.5rem; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
.verdict { border: 2px solid; border-radius: .4rem; font-weight: 600; padding: .6rem .9rem; }
.ok { border-color: #1a7f37; } .warn { border-color: #9a6700; } .fail { border-color: #cf222e; }
dl { display: grid; gap: .25rem 1rem; grid-template-columns: max-content 1fr; } dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8888; padding: .4rem .6rem; text-align: left; vertical-align: top; }
code { font-family: ui-monospace, monospace; font-size: .85em; overflow-wrap: anywhere; }
td.number { font-variant-numeric: tabular-nums; text-align: right; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; } }
@media print { body { max-width: none; } }
`

export function htmlReport(report: AuditReport): string {
  const { coalition, charter, networkId, source, generated, tool, verdict, logs, findings, notShown } = report
  const state = verdict === 'verified' ? 'ok' : verdict === 'incomplete' ? 'warn' : 'fail'
  const mark = { ok: '✓', warn: '!', fail: '✗' }[state]
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
<h1>Audit of ${text(coalition)}</h1>
<p class="verdict ${state}">${mark} ${text(verdictText(verdict))}</p>
<dl>
<dt>Made</dt><dd>${text(generated)} by ${text(tool)}</dd>
<dt>Network</dt><dd><code>${text(networkId)}</code></dd>
<dt>Charter, SHA-256</dt><dd><code>${text(charter.digest)}</code></dd>
<dt>Charter from</dt><dd>${text(charter.from)}</dd>
<dt>Logs from</dt><dd>${text(`${source}${storeText(report)}`)}</dd>
</dl>
<h2>Findings</h2>
${findingsTable(findings)}
<h2>Logs</h2>
<div class="wide" role="region" aria-label="Logs" tabindex="0">
<table>
<thead><tr><th scope="col">Member</th><th scope="col">Entries</th><th scope="col">Checked</th><th scope="col">Confirmed</th><th scope="col">Time</th></tr></thead>
<tbody>
${logs.map(logRow).join('\n')}
</tbody>
</table>
</div>
<h2>Not shown by this</h2>
<ul>
${notShown.map((line) => `<li>${text(line)}</li>`).join('\n')}
</ul>
</main>
</body>
</html>
`
}

function findingsTable(findings: readonly AuditFinding[]): string {
  if (findings.length === 0) return '<p>None.</p>'
  const rows = findings.map((finding) => {
    const { severity, says, code, rule } = finding
    const place = text(placeOf(finding))
    return `<tr><th scope="row">${text(severity)}</th><td>${place}</td><td>${text(says)}</td><td><code>${text(code)}</code><br>${text(rule)}</td></tr>`
  })
  return `<div class="wide" role="region" aria-label="Findings" tabindex="0">
<table>
<thead><tr><th scope="col">Severity</th><th scope="col">Where</th><th scope="col">What</th><th scope="col">Rule</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>`
}

function logRow(log: AuditedHead): string {
  const checked = `${log.entries} hashed, ${log.signatures} signatures, ${log.parts} public parts`
  const head = log.root === null ? 'no signed head' : `<code>${text(log.root)}</code>`
  return `<tr><th scope="row">${text(log.domain)}<br><small>${text(log.verdict)}</small></th><td class="number">${log.size ?? '–'}</td><td>${text(checked)}<br>${head}</td><td>${text(confirmationText(log))}</td><td>${text(timeText(log) ?? 'no bound')}</td></tr>`
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
