/**
 * What an audit of a whole coalition comes to, for people and for machines: every log, who confirmed it, what is wrong in
 * order of severity with the rule it rests on, and what was not shown. Spec 08.
 */
import { checkedPrimitives } from '../node/api/client.ts'
import { printBase64, printHex } from '../protocol/bytes.ts'
import {
  confirmHead,
  cosignerKeys,
  othersOf,
  timeBounds,
  type Confirmation,
  type ExistedBy,
} from '../protocol/audit/confirmation.ts'
import { verdictOfLogs, verdictOfLog, type LogReport, type Verdict } from '../protocol/audit/report.ts'
import {
  coalitionText,
  isCoalition,
  ruleOf,
  SEVERITIES,
  severityOf,
  type AnyFault,
  type Severity,
} from '../protocol/audit/rules.ts'
import { judgeEpochs } from '../protocol/identity/epochs.ts'
import type { KeyState } from '../protocol/identity/keystate.ts'
import { type CharterState, parties } from '../protocol/governance/charter.ts'
import { STALE_AFTER_SECONDS } from '../protocol/log/state.ts'
import type { AuditedLog } from './audit.ts'
import { findingText } from './render/audit.ts'

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
  readonly rule: string
  readonly says: string
}

export type AuditReport = {
  readonly version: 1
  readonly generated: string
  readonly tool: string
  readonly networkId: string
  readonly coalition: string
  /** SHA-256 of the charter's bytes in hexadecimal, and where the auditor got it. */
  readonly charter: { readonly digest: string; readonly from: string }
  readonly verdict: Verdict
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
  readonly audited: readonly AuditedLog[]
  /** The same logs, with what only shows when they are seen together. */
  readonly reports: readonly LogReport[]
}

export function reportOf(facts: AuditFacts): AuditReport {
  const { charter, audited, reports } = facts
  const primitives = checkedPrimitives()
  const keys = cosignerKeys(charter, openStates(statesIn(audited)))
  const logs = audited.map((one, at): AuditedHead => {
    const report = reports[at] ?? one.report
    const others = othersOf(charter, report.origin)
    const { keys: state, roots } = one
    const rootAt = (size: number) => roots.get(size)
    return {
      ...summaryOf(report),
      resumed: one.resumed ?? null,
      confirmation: confirmHead(primitives, one.note ?? new Uint8Array(0), keys, others),
      existedBy:
        state === undefined
          ? []
          : timeBounds(primitives, one.cosigned, { keys: state, rootAt }, keys, others),
    }
  })
  const findings = [...findingsOf(reports), ...coalitionFindings(facts, logs)]
  const isIncomplete = findings.some(({ code }) => code === 'log-missing')
  const found = verdictOfLogs(reports)
  return {
    version: 1,
    generated: new Date(facts.now).toISOString(),
    tool: facts.tool,
    networkId: charter.networkId,
    coalition: charter.document.name,
    charter: { digest: printHex(primitives.sha256(facts.charterBytes)), from: facts.charterFrom },
    verdict: found === 'verified' && isIncomplete ? 'incomplete' : found,
    logs,
    findings: findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    notShown: notShown(facts, logs),
  }
}

/** The key states of the members' open logs. */
export function openStates(states: readonly KeyState[]): ReadonlyMap<string, KeyState> {
  const open = new Map<string, KeyState>()
  for (const domain of new Set(states.map(({ epoch }) => epoch.domain))) {
    const own = states.filter(({ epoch }) => epoch.domain === domain)
    const held = own.map(({ origin, epoch }) => ({ origin, document: epoch, confirmedSize: 0 }))
    const last = judgeEpochs(held).find(({ state }) => state.kind === 'open')
    const state = own.find(({ origin }) => origin === last?.origin)
    if (state !== undefined) open.set(domain, state)
  }
  return open
}

export function statesIn(audited: readonly AuditedLog[]): readonly KeyState[] {
  return audited.flatMap(({ keys }) => (keys === undefined ? [] : [keys]))
}

function summaryOf(report: LogReport): Omit<AuditedHead, 'resumed' | 'confirmation' | 'existedBy'> {
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

function coalitionFindings(facts: AuditFacts, logs: readonly AuditedHead[]): readonly AuditFinding[] {
  const { charter, now } = facts
  const held = new Set(logs.map(({ domain }) => domain))
  const missing = parties(charter).filter(({ domain }) => !held.has(domain))
  return [
    ...missing.map(({ domain }) => found('log-missing', domain, null, null)),
    ...logs.flatMap(({ domain, origin, size, confirmation: { others, mirrors, isQuorum, at } }) => {
      if (size === null || others === 0) return []
      if (mirrors.length === 0) return [found('head-unwitnessed', domain, origin, null)]
      if (!isQuorum) return [found('head-unconfirmed', domain, origin, null)]
      const isStale = at !== undefined && now / 1_000 - at >= STALE_AFTER_SECONDS
      return isStale ? [found('head-stale', domain, origin, null)] : []
    }),
  ]
}

function found(
  code: AnyFault,
  domain: string,
  origin: string | null,
  index: number | null,
  says = isCoalition(code) ? coalitionText(code) : code,
): AuditFinding {
  return { severity: severityOf(code), code, domain, origin, index, rule: ruleOf(code), says }
}

function notShown({ isCharterTheirs, reports }: AuditFacts, logs: readonly AuditedHead[]): readonly string[] {
  const isFirst = reports.some(({ continues }) => continues === undefined)
  const isTimed = logs.some(({ existedBy }) => existedBy.length > 0)
  return [
    'that what is stated is true, or that everything was reported; when it happened, only that it was signed',
    'what partner and research parts hold: they are committed to and not opened here',
    'that other members see the same heads: all bytes came through one host; compare the heads above with another member’s',
    ...(isCharterTheirs
      ? ['that the charter is yours: it came from the node under audit; --charter FILE brings your own']
      : []),
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
