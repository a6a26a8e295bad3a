/**
 * What an audit of a whole coalition comes to, for people and for machines: every log, who confirmed it, what is wrong in
 * order of severity with the rule it rests on, and what was not shown. Spec 08.
 */
import { checkedPrimitives } from '../node/api/client.ts'
import { printBase64, printHex } from '../protocol/bytes.ts'
import {
  attesterOf,
  confirmHead,
  cosignerKeys,
  othersOf,
  pastMirrorKeys,
  timeBounds,
  type Confirmation,
  type Counting,
  type ExistedBy,
} from '../protocol/audit/confirmation.ts'
import { attestationsOf } from '../protocol/audit/entangled.ts'
import { standingOf } from '../protocol/governance/standing.ts'
import { verdictOfLogs, verdictOfLog, worst, type LogReport, type Verdict } from '../protocol/audit/report.ts'
import {
  coalitionText,
  isCoalition,
  isPlace,
  ruleOf,
  SEVERITIES,
  severityOf,
  verdictOfPlace,
  type AnyFault,
  type Severity,
} from '../protocol/audit/rules.ts'
import { judgeEpochs } from '../protocol/identity/epochs.ts'
import type { KeyState } from '../protocol/identity/keystate.ts'
import { type CharterState, parties } from '../protocol/governance/charter.ts'
import { STALE_AFTER_SECONDS } from '../protocol/log/state.ts'
import type { AuditedLog } from './audit.ts'
import { fileFindings, storeFindings, type StoreSaid } from './audit-places.ts'
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
  readonly source:
    | { readonly kind: 'node'; readonly said: StoreSaid | undefined }
    | { readonly kind: 'tree'; readonly name: string; readonly files: readonly OriginFault[] }
  readonly audited: readonly AuditedLog[]
  /** The same logs, with what only shows when they are seen together. */
  readonly reports: readonly LogReport[]
}

export function reportOf(facts: AuditFacts): AuditReport {
  const { charter, audited, reports, source } = facts
  const said = source.kind === 'node' ? source.said : undefined
  const primitives = checkedPrimitives()
  const counting = countingOf(charter, audited)
  const logs = audited.map((one, at): AuditedHead => {
    const report = reports[at] ?? one.report
    const others = othersOf(charter, report.origin)
    const { keys: state, roots } = one
    const rootAt = (size: number) => roots.get(size)
    return {
      ...summaryOf(report),
      resumed: one.resumed ?? null,
      confirmation: confirmHead(primitives, one.note ?? new Uint8Array(0), counting, others),
      existedBy:
        state === undefined
          ? []
          : timeBounds(primitives, { notes: one.cosigned, keys: state, rootAt }, counting, others),
    }
  })
  const findings = [...findingsOf(reports), ...coalitionFindings(facts, logs), ...placeFindings(source)]
  return {
    version: 1,
    generated: new Date(facts.now).toISOString(),
    tool: facts.tool,
    networkId: charter.networkId,
    coalition: charter.document.name,
    charter: { digest: printHex(primitives.sha256(facts.charterBytes)), from: facts.charterFrom },
    source: source.kind === 'node' ? 'a node' : source.name,
    store: said === undefined ? null : { entries: said.entries, damaged: said.damaged.length },
    verdict: worst([verdictOfLogs(reports), ...findings.flatMap(verdictBeside)]),
    logs,
    findings: findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    notShown: notShown(facts, logs),
  }
}

/** Keys in force now, and past ones as far as the audited logs of current members attest to their cosignatures. */
function countingOf(charter: CharterState, audited: readonly AuditedLog[]): Counting {
  const primitives = checkedPrimitives()
  const states = statesIn(audited)
  const current = cosignerKeys(charter, openStates(states))
  const attesters = audited.flatMap(({ keys, roots, cosigned, observed, report }) => {
    const speaks = keys !== undefined && standingOf(charter, keys.epoch.domain) === 'member'
    if (!speaks || observed.length === 0) return []
    const log = { notes: cosigned, keys, rootAt: (size: number) => roots.get(size), observed }
    return [attesterOf(primitives, log, current, othersOf(charter, report.origin))]
  })
  return { current, past: pastMirrorKeys(charter, states, current), attested: attestationsOf(attesters) }
}

/** The key states of the members' open logs. */
export function openStates(states: readonly KeyState[]): ReadonlyMap<string, KeyState> {
  const open = new Map<string, KeyState>()
  for (const domain of new Set(states.map(({ epoch }) => epoch.domain))) {
    const own = states.filter(({ epoch }) => epoch.domain === domain)
    const held = own.map(({ origin, epoch }) => ({ origin, document: epoch, confirmed: undefined }))
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

function placeFindings(source: AuditFacts['source']): readonly AuditFinding[] {
  if (source.kind === 'tree') return fileFindings(source.files)
  return source.said === undefined ? [] : storeFindings(source.said)
}

/** What findings that are not about a log's bytes come to. A head that others did not confirm takes nothing from what it covers. */
function verdictBeside({ code }: AuditFinding): readonly Verdict[] {
  if (code === 'log-missing') return ['incomplete']
  return isPlace(code) ? [verdictOfPlace(code)] : []
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
  return { severity: severityOf(code), code, domain, origin, index, file: null, rule: ruleOf(code), says }
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
