/**
 * What an audit of a whole coalition comes to, for people and for machines: every log, who confirmed it, what is wrong in
 * order of severity with the rule it rests on, and what was not shown. Spec 08.
 */
import { checkedPrimitives } from '../node/api/client.ts'
import { equal, printBase64, printHex } from '../protocol/bytes.ts'
import {
  confirmHead,
  othersOf,
  outsideOn,
  timeBounds,
  type Confirmation,
  type ExistedBy,
  type OutsideCosigned,
} from '../protocol/audit/confirmation.ts'
import type { Struck } from '../protocol/audit/cosigners.ts'
import {
  verdictOfLogs,
  verdictOfLog,
  worst,
  type LogReport,
  type AuditVerdict,
  type Verdict,
} from '../protocol/audit/report.ts'
import {
  coalitionText,
  isBeside,
  isCoalition,
  ruleOf,
  SEVERITIES,
  severityOf,
  verdictBeside,
  type AnyFault,
  type CoalitionFault,
  type Severity,
} from '../protocol/audit/rules.ts'
import { type CharterState, parties, unsignedBy } from '../protocol/governance/charter.ts'
import { CLOCK_SKEW_SECONDS } from '../protocol/limits.ts'
import { parseSignedCheckpoint } from '../protocol/log/checkpoint.ts'
import { STALE_AFTER_SECONDS } from '../protocol/log/state.ts'
import type { AuditedLog } from './audit.ts'
import { countingOf } from './audit-counting.ts'
import { fileFindings, hostFindings, storeFindings, type HostSaid, type StoreSaid } from './audit-places.ts'
import { findingText } from './render/audit.ts'
import type { OriginFault } from './tree/audit.ts'

export type AuditedHead = {
  readonly origin: string
  readonly domain: string
  readonly verdict: Verdict
  readonly size: number | null
  readonly root: string | null
  readonly entries: number
  readonly signatures: number
  readonly parts: number
  readonly continues: number | null
  /** Entries that an audit which was cut short had checked before; null where all was checked in one go. */
  readonly resumed: number | null
  readonly confirmation: Confirmation
  /** Witnesses outside that cosigned it, of whom the charter asks for so many; null where it asks for none. */
  readonly outside: OutsideCosigned | null
  /** Of entries below a size: when they existed at the latest. */
  readonly existedBy: readonly ExistedBy[]
}

export type AuditFinding = {
  readonly severity: Severity
  readonly code: AnyFault
  readonly domain: string
  readonly origin: string | null
  /** The entry; null where the finding is about the log as a whole. */
  readonly index: number | null
  /** The published file; null where the finding is about none. */
  readonly file: string | null
  readonly rule: string
  readonly says: string
  /** Words of somebody else, with which `says` ends; null where all of it is ours. */
  readonly theirs: string | null
}

export type AuditReport = {
  readonly version: 1
  readonly generated: string
  readonly tool: string
  readonly networkId: string
  readonly coalition: string
  /** SHA-256 of the charter's bytes in hexadecimal, and where the auditor got it. */
  readonly charter: { readonly digest: string; readonly from: string }
  /** Where the bytes came from. */
  readonly source: string
  /** What the host read of its own store for this, by its own word; null where it was not asked or could not be. */
  readonly store: { readonly entries: number; readonly damaged: number } | null
  readonly verdict: AuditVerdict
  readonly logs: readonly AuditedHead[]
  /** Worst first. */
  readonly findings: readonly AuditFinding[]
  readonly notShown: readonly string[]
}

export type AuditFacts = {
  readonly now: number
  readonly tool: string
  readonly charter: CharterState
  readonly charterBytes: Uint8Array
  readonly charterFrom: string
  /** Whether the charter came from the host under audit. */
  readonly isCharterTheirs: boolean
  readonly source:
    | { readonly kind: 'node'; readonly said: StoreSaid | undefined; readonly host: HostSaid }
    | { readonly kind: 'tree'; readonly name: string; readonly files: readonly OriginFault[] }
  readonly audited: readonly AuditedLog[]
  /** The same logs, with what only shows when they are seen together. */
  readonly reports: readonly LogReport[]
}

export function reportOf(facts: AuditFacts): AuditReport {
  const { charter, audited, reports, source } = facts
  const said = source.kind === 'node' ? source.said : undefined
  const primitives = checkedPrimitives()
  const proofs = source.kind === 'node' ? source.host.proofs : []
  const { counting, struck } = countingOf({ charter, audited, proofs })
  const logs = audited.map((one, at): AuditedHead => {
    const report = reports[at] ?? one.report
    const others = othersOf(charter, report.origin)
    const { keys: state, roots } = one
    const rootAt = (size: number) => roots.get(size)
    return {
      ...summaryOf(report),
      resumed: one.resumed ?? null,
      confirmation: confirmHead(primitives, one.note ?? new Uint8Array(0), counting, others),
      outside: outsideOf(charter, one, struck),
      existedBy:
        state === undefined
          ? []
          : timeBounds(primitives, { notes: one.cosigned, keys: state, rootAt }, counting, others),
    }
  })
  const findings = [
    ...findingsOf(reports),
    ...struck.map(struckFinding),
    ...coalitionFindings(facts, logs),
    ...placeFindings(source),
  ]
  return {
    version: 1,
    generated: new Date(facts.now).toISOString(),
    tool: facts.tool,
    networkId: charter.networkId,
    coalition: charter.document.name,
    charter: { digest: printHex(primitives.sha256(facts.charterBytes)), from: facts.charterFrom },
    source: source.kind === 'node' ? 'a node' : source.name,
    store: said === undefined ? null : { entries: said.entries, damaged: said.damaged.length },
    verdict: worst([
      verdictOfLogs(reports),
      ...findings.flatMap(({ code }) => (isBeside(code) ? [verdictBeside(code)] : [])),
    ]),
    logs,
    findings: findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    notShown: notShown(facts, logs),
  }
}

function summaryOf(
  report: LogReport,
): Omit<AuditedHead, 'resumed' | 'confirmation' | 'outside' | 'existedBy'> {
  const { origin, domain, head, counts, continues } = report
  return {
    origin,
    domain,
    verdict: verdictOfLog(report),
    size: head?.size ?? null,
    root: head === undefined ? null : printBase64(head.root),
    ...counts,
    continues: continues ?? null,
  }
}

function findingsOf(reports: readonly LogReport[]): readonly AuditFinding[] {
  return reports.flatMap(({ origin, domain, findings }) =>
    findings.map(({ code, index, by }): AuditFinding => {
      return found(code, domain, origin, index ?? null, findingText(code, by))
    }),
  )
}

function placeFindings(source: AuditFacts['source']): readonly AuditFinding[] {
  if (source.kind === 'tree') return fileFindings(source.files)
  return [...hostFindings(source.host), ...(source.said === undefined ? [] : storeFindings(source.said))]
}

/** Of a cosigner: which of its keys, and over whose heads. */
function struckFinding({ code, role, domain, origin }: Struck): AuditFinding {
  const of = role === 'outside' ? 'a witness outside' : `its ${role} key`
  return found(code, domain, null, null, `${coalitionText(code)} (${of}, over heads of ${origin})`)
}

function outsideOf(
  charter: CharterState,
  { note }: AuditedLog,
  struck: readonly Struck[],
): OutsideCosigned | null {
  const signed = note === undefined ? undefined : parseSignedCheckpoint(note)
  if (signed?.ok !== true) return null
  const isStruck = (key: Uint8Array) => struck.some((one) => equal(one.key, key))
  return outsideOn(checkedPrimitives(), charter, signed.value, isStruck) ?? null
}

function coalitionFindings(facts: AuditFacts, logs: readonly AuditedHead[]): readonly AuditFinding[] {
  const { charter, now } = facts
  const held = new Set(logs.map(({ domain }) => domain))
  const missing = parties(charter).filter(({ domain }) => !held.has(domain))
  return [
    ...unsignedBy(charter).map((domain) => found('charter-unsigned', domain, null, null)),
    ...missing.map(({ domain }) => found('log-missing', domain, null, null)),
    ...logs.flatMap((log) =>
      headFaults(log, now / 1_000).map((code) => found(code, log.domain, log.origin, null)),
    ),
  ]
}

/** What is wrong with how others confirmed a head; `now` in seconds since 1970, by the clock here. */
function headFaults(log: AuditedHead, now: number): readonly CoalitionFault[] {
  const { size, outside, confirmation } = log
  const { others, mirrors, isQuorum, at } = confirmation
  if (size === null) return []
  const lacking = outside !== null && outside.cosigned.length < outside.needed
  return [...ofMirrors(), ...(lacking ? (['head-outside'] as const) : [])]

  function ofMirrors(): readonly CoalitionFault[] {
    if (others === 0) return []
    if (mirrors.length === 0) return ['head-unwitnessed']
    if (!isQuorum) return ['head-unconfirmed']
    if (at === undefined) return []
    if (at - now > CLOCK_SKEW_SECONDS) return ['head-ahead']
    return now - at >= STALE_AFTER_SECONDS ? ['head-stale'] : []
  }
}

function found(
  code: AnyFault,
  domain: string,
  origin: string | null,
  index: number | null,
  says = isCoalition(code) ? coalitionText(code) : code,
): AuditFinding {
  return {
    severity: severityOf(code),
    code,
    domain,
    origin,
    index,
    file: null,
    rule: ruleOf(code),
    says,
    theirs: null,
  }
}

function notShown(
  { isCharterTheirs, reports, source }: AuditFacts,
  logs: readonly AuditedHead[],
): readonly string[] {
  const isFirst = reports.some(({ continues }) => continues === undefined)
  const isTimed = logs.some(({ existedBy }) => existedBy.length > 0)
  return [
    'that what is stated is true, or that everything was reported; when it happened, only that it was signed',
    'what partner and research parts hold: they are committed to and not opened here',
    'that other members see the same heads: all bytes came through one host; compare the heads above with another member’s',
    ...(isCharterTheirs
      ? [`that the charter is yours: it came ${CHARTER_CAME[source.kind]}; --charter FILE brings your own`]
      : []),
    ...notShownOf(source),
    ...(isFirst ? ['anything about the time before: some of these logs were not verified here earlier'] : []),
    isTimed
      ? 'that the times are exact: a bound holds as long as fewer than a third of the mirrors lie about the time'
      : 'when anything was logged: no quorum of others confirmed a head',
    ...(logs.some(({ resumed }) => resumed !== null)
      ? ['that nobody changed the files in which this program kept how far it had come: --fresh begins anew']
      : []),
    'that the host withholds no newer head: a log can always be longer than what is shown',
  ]
}

const CHARTER_CAME = { node: 'from the node under audit', tree: 'with the published files' } as const

function notShownOf(source: AuditFacts['source']): readonly string[] {
  if (source.kind === 'tree')
    return [
      'that no two histories of these logs were signed: a published tree carries no proofs against them, a node does',
    ]
  return source.said === undefined
    ? ['whether the host’s store is whole: it was being checked or mended; candor doctor says it']
    : [
        'that the host’s store is whole beyond its own word: its tiles, index and records were read by itself alone',
      ]
}
