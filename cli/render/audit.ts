/** An audit as text: the verdict, each log, what was checked, and what that does not show. */
import {
  verdictOf,
  verdictOfLog,
  type Finding,
  type LogReport,
  type Verdict,
} from '../../protocol/audit/report.ts'
import type { TreeFault } from '../tree/check.ts'
import { counted, faint, heading, marked, MARK, type Look } from '../look.ts'
import { safe } from '../safe.ts'

export type CheckedStatement = {
  readonly kind: string
  readonly author: string
  readonly index: number
  readonly version: number
  readonly isVerified: boolean
}

export type AuditView = {
  readonly verdict: Verdict
  readonly charterFrom: 'node' | 'tiles' | 'file'
  /** Whether the keys of those who confirmed come from their whole logs, or from proofs of where they are declared. */
  readonly cosignersFrom: 'logs' | 'proofs'
  readonly networkId: string
  readonly reports: readonly LogReport[]
  readonly statements: readonly CheckedStatement[]
  /** Members of whom no log is held here. */
  readonly missing: readonly string[]
  /** Published files that are not what they should be. */
  readonly files: readonly TreeFault[]
}

/** Findings of one log that are shown; `--json` has all of them. */
const FINDINGS_SHOWN = 8

export function renderAudit(look: Look, audit: AuditView): readonly string[] {
  const { reports, statements, missing, files, charterFrom } = audit
  const where = charterFrom === 'node' ? 'this node holds' : 'there is'
  return [
    verdictLine(look, audit),
    ...statements.map(({ kind, author, index, version, isVerified }) => {
      const what = `${safe(kind)}${kind === 'incident' ? `, version ${version}` : ''}, by ${safe(author)}, entry ${index}`
      return `  ${marked(look, isVerified ? 'ok' : 'fail', isVerified ? what : `${what}: not what the node showed`)}`
    }),
    ...reports.flatMap((report) => renderLog(look, report)),
    ...renderFiles(look, files),
    ...missing.map(
      (domain) => `  ${marked(look, 'warn', `${safe(domain)}: ${where} no log of this member`)}`,
    ),
    ...unwitnessed(look, reports),
    '',
    heading(look, 'Checked, in this process'),
    ...checked(audit).map((line) => `  ${line}`),
    heading(look, 'Not shown by this'),
    ...notShown(audit).map((line) => `  ${line}`),
  ]
}

function renderFiles(look: Look, files: readonly TreeFault[]): readonly string[] {
  const more = files.length - FINDINGS_SHOWN
  return [
    ...files
      .slice(0, FINDINGS_SHOWN)
      .map(({ file, why }) => `  ${marked(look, 'fail', `${safe(file)}: ${why}`)}`),
    ...(more > 0 ? [`    … and ${more} more (--json shows them)`] : []),
  ]
}

const VERDICT_TEXTS: Readonly<Record<Verdict, string>> = {
  verified: 'verified',
  incomplete: 'incomplete: not everything could be checked',
  key: 'a key is unknown, not in force or outside the charter',
  invalid: 'not valid: a signature, a hash or a form is wrong',
  'split-view': 'SPLIT VIEW: this log signed two histories that contradict each other',
}

function verdictLine(look: Look, { verdict, reports }: AuditView): string {
  const bad = reports.filter((report) => verdictOfLog(report) !== 'verified').length
  const count = bad === 0 ? counted(reports.length, 'log') : `${bad} of ${counted(reports.length, 'log')}`
  const mark = verdict === 'verified' ? 'ok' : verdict === 'incomplete' ? 'warn' : 'fail'
  return marked(look, mark, heading(look, `${count}: ${VERDICT_TEXTS[verdict]}`))
}

function renderLog(look: Look, report: LogReport): readonly string[] {
  const { domain, head, counts, findings, scope, continues } = report
  const mark =
    verdictOfLog(report) === 'verified' ? 'ok' : verdictOfLog(report) === 'incomplete' ? 'warn' : 'fail'
  const judged =
    scope === 'all'
      ? counted(counts.signatures, 'signature')
      : `${counted(counts.signatures, 'signature')} (the others were only hashed)`
  const since = continues === undefined ? '' : `, continues the ${continues} you verified before`
  const size =
    head === undefined
      ? 'no signed head'
      : `${counted(head.size, 'entry').replace('entrys', 'entries')} hashed, ${judged}${since}`
  const rest =
    findings.length > FINDINGS_SHOWN
      ? [`    … and ${findings.length - FINDINGS_SHOWN} more (--json shows them)`]
      : []
  const by =
    report.cosigners.length === 0 ? [] : [`    confirmed by ${report.cosigners.map(safe).join(', ')}`]
  return [
    `  ${marked(look, mark, `${safe(domain)}  ${size}`)}`,
    ...by,
    ...findings.slice(0, FINDINGS_SHOWN).map((finding) => `    ${renderFinding(look, finding)}`),
    ...rest,
  ]
}

function renderFinding(look: Look, finding: Finding): string {
  const { code, index, by } = finding
  const where = index === undefined ? 'head' : `entry ${index}`
  const mark = verdictOf(finding) === 'verified' ? MARK.warn : MARK.fail
  return `${mark} ${where}: ${findingText(code, by)} ${faint(look, `(${code}, ${verdictOf(finding)})`)}`
}

/** What a finding says, in a sentence: its own, or that of the faults like it; else its code. */
export function findingText(code: Finding['code'] | string, by?: number): string {
  if (by !== undefined) return `the public part was erased by entry ${by}`
  const own = Object.hasOwn(TEXTS, code) ? TEXTS[code as Finding['code']] : undefined
  return own ?? FAMILIES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? code
}

const FAMILIES: readonly (readonly [prefix: string, text: string])[] = [
  ['entry-', 'it is not an entry in the one form that entries have'],
  ['note-', 'the head is not a signed note in the one form that notes have'],
  ['checkpoint-', 'the head is not a checkpoint in the one form that they have'],
  ['head-', 'the head is not signed as a log signs'],
  ['part-', 'the public part is not in the one form that parts have'],
  ['epoch-', 'the entry does not begin the log as its root key would'],
  ['declaration-', 'a key is not declared as it must be'],
  ['key-', 'the key cannot be used, added or taken away like this'],
]

const TEXTS: Readonly<Partial<Record<Finding['code'], string>>> = {
  signature: 'the signature is not of the key it names',
  'part-commitment': 'the public part is not what the author committed to',
  'part-missing': 'the public part is missing',
  'audit-part-erased': 'the public part is said to be erased, and no entry below the head erased it',
  'audit-root': 'the entries do not make the tree that the head signs',
  'audit-entries-missing': 'entries under the head are missing from here on',
  'audit-empty': 'nothing to check',
  'audit-older': 'older than what you verified before',
  'audit-outsider': 'the charter names nobody who may write it',
  'audit-keyless': 'no valid first entry says which keys speak',
  'audit-split-view': 'contradicts a head of the same log that you verified before; both are signed',
  'audit-forked':
    'its key is proven to have signed two histories; this is one of them (candor evidence list)',
  'head-signature': 'the signature is not of the log’s key',
  'head-unsigned': 'the log’s key has not signed it',
  'key-unknown': 'the log never declared the key that signed it',
  'key-not-in-force': 'the key that signed it was not in force there',
  'entry-issuer': 'written for another log',
  'key-repeated': 'another log declares the same key, for another purpose or another member',
  'key-suspect': 'the key that signed it was revoked later, from there on or earlier',
  'entry-void': 'its author ended the log below it: it does not count',
  'audit-above-closing': 'its author ended the log here: what stands above does not count',
  'audit-epoch-void': 'its author left this whole log out of those that count',
  'audit-closing': 'the log does not lead to the head at which its author ended it',
  'audit-closing-missing': 'the head at which its author ended it is not reached',
}

function unwitnessed(look: Look, reports: readonly LogReport[]): readonly string[] {
  const alone = reports.filter(({ head, cosigners }) => head !== undefined && cosigners.length === 0)
  if (alone.length === 0) return []
  const who =
    alone.length === reports.length
      ? 'any of these heads'
      : alone.map(({ domain }) => safe(domain)).join(', ')
  return [
    marked(
      look,
      'warn',
      heading(
        look,
        `Unwitnessed: nobody else has confirmed ${who}. Their authors could show others another history.`,
      ),
    ),
  ]
}

const CHARTER_FROM = { node: 'this node', tiles: 'the published files', file: 'your file' } as const

function checked({ reports, charterFrom, networkId }: AuditView): readonly string[] {
  const sum = (of: (report: LogReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  const compared = reports.filter(({ continues }) => continues !== undefined).length
  return [
    `charter → root keys → declared keys, network ${networkId.slice(0, 12)}… (charter from ${CHARTER_FROM[charterFrom]})`,
    `${counted(
      sum(({ counts }) => counts.entries),
      'entry',
    ).replace('entrys', 'entries')} hashed into ${counted(reports.length, 'signed head')}`,
    `${counted(
      sum(({ counts }) => counts.signatures),
      'signature',
    )} and ${counted(
      sum(({ counts }) => counts.parts),
      'public part',
    )} against their commitments`,
    ...(compared === 0 ? [] : [`${counted(compared, 'log')} against the head verified here before`]),
  ]
}

function notShown({ charterFrom, cosignersFrom, reports, statements }: AuditView): readonly string[] {
  const isFirst = reports.some(({ continues }) => continues === undefined)
  return [
    'that what is stated is true, or that everything was reported; when it happened, only that it was signed',
    'what partner and research parts hold: they are committed to and not opened here',
    ...(charterFrom === 'node'
      ? ['that the charter is yours: it came from the node under audit; --charter FILE brings your own']
      : []),
    ...(charterFrom === 'tiles'
      ? ['that the charter is yours: it came with the published files; --charter FILE brings your own']
      : []),
    'that other members see the same heads: all bytes came through one host',
    ...(isFirst ? ['anything about the time before: these logs were not verified here earlier'] : []),
    ...(cosignersFrom === 'proofs'
      ? ['that no key of those who confirmed was revoked: their logs were not read for it; --all reads them']
      : []),
    ...(statements.length > 0 ? ['the signatures of the other entries: --all checks them'] : []),
  ]
}
