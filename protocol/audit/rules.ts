/** Which rule each finding rests on, what it means in a sentence, and how bad it is. Every fault has its row. */
import type { BundleFindingCode } from './bundle-verdict.ts'
import type { AuditFault, AuditVerdict, Finding, Verdict } from './report.ts'
import { verdictOf } from './report.ts'

/** Worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'note'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Findings about a coalition rather than a log's bytes. */
export type CoalitionFault =
  /** A founder has not signed the charter. */
  | 'charter-unsigned'
  /** A member of whom no log was there. */
  | 'log-missing'
  /** Nobody else confirmed the newest head, or fewer than a quorum did. */
  | 'head-unwitnessed'
  | 'head-unconfirmed'
  /** No quorum confirmed it for a day. */
  | 'head-stale'
  /** A quorum confirmed it at a time that has not come. */
  | 'head-ahead'
  /** Fewer witnesses outside confirmed it than the charter asks for. */
  | 'head-outside'
  /** A proof convicts a key in force that cosigns, or its own lines contradict each other: they count no more. */
  | 'cosigner-struck'
  | 'cosigner-contradicts'

/** Findings about where the bytes came from: what a host says of itself and its store, and files of a published tree. */
export type PlaceFault =
  /** The host signs nothing: its own log may be ahead elsewhere. */
  | 'host-read-only'
  /** By the host's own word, an author withholds entries below a head, or the host takes no more of a log. */
  | 'log-withheld'
  | 'log-stopped'
  /** The host cannot read its copy of this log. */
  | 'store-log'
  | 'store-entry'
  | 'store-tile'
  | 'store-part'
  | 'store-head'
  /** Cosignatures on its heads. */
  | 'store-cosignature'
  /** A row by which statements are found. */
  | 'store-row'
  /** What the host's own witness or mirror stated last. */
  | 'store-cosigner'
  /** Restricted parts and drafts. */
  | 'store-sealed'
  /** A published file is not what it should be. */
  | 'tree-file'

export type AnyFault = AuditFault | CoalitionFault | PlaceFault

type CoalitionRow = {
  readonly severity: Severity
  readonly verdict: Verdict
  readonly rule: string
  readonly text: string
}

/** A head that others did not confirm takes nothing from what it covers. */
const COALITION: Readonly<Record<CoalitionFault, CoalitionRow>> = {
  'charter-unsigned': {
    severity: 'high',
    verdict: 'key',
    rule: 'spec 07 §2',
    text: 'this founder has not signed the charter, which is in force only once all have',
  },
  'cosigner-struck': {
    severity: 'high',
    verdict: 'key',
    rule: 'spec 03 §9',
    text: 'a proof convicts a key that cosigns for it, and its cosignatures do not count',
  },
  'cosigner-contradicts': {
    severity: 'high',
    verdict: 'key',
    rule: 'spec 03 §13',
    text: 'what it cosigned contradicts itself in time or content, and its cosignatures do not count',
  },
  'log-missing': {
    severity: 'medium',
    verdict: 'incomplete',
    rule: 'spec 07 §2',
    text: 'there is no log of this member',
  },
  'head-unwitnessed': {
    severity: 'medium',
    verdict: 'verified',
    rule: 'spec 03 §6',
    text: 'nobody else has confirmed its head: its author could show others another history',
  },
  'head-unconfirmed': {
    severity: 'low',
    verdict: 'verified',
    rule: 'spec 03 §6',
    text: 'fewer mirrors of other members confirmed its head than a quorum takes',
  },
  'head-outside': {
    severity: 'low',
    verdict: 'verified',
    rule: 'spec 07 §1',
    text: 'fewer witnesses outside cosigned its head than the charter asks for',
  },
  'head-stale': {
    severity: 'low',
    verdict: 'verified',
    rule: 'spec 03 §14',
    text: 'no quorum confirmed its head for a day',
  },
  'head-ahead': {
    severity: 'low',
    verdict: 'verified',
    rule: 'spec 03 §14',
    text: 'a quorum confirmed its head at a time that is still to come by the clock here: how fresh it is cannot be told',
  },
}

type PlaceRow = { readonly verdict: AuditVerdict; readonly rule: string; readonly text: string }

/** What is altered is not valid; what only takes something from a reader is incomplete. Spec 08 §7. */
const PLACES: Readonly<Record<PlaceFault, PlaceRow>> = {
  'host-read-only': {
    verdict: 'read-only',
    rule: 'spec 04 §6',
    text: 'the node under audit signs nothing: its own log may be ahead elsewhere',
  },
  'log-withheld': {
    verdict: 'incomplete',
    rule: 'spec 03 §14',
    text: 'of a signed head above what is shown not all entries came',
  },
  'log-stopped': {
    verdict: 'incomplete',
    rule: 'spec 03 §14',
    text: 'the node under audit takes no more of this log than is shown',
  },
  'store-log': { verdict: 'invalid', rule: 'spec 08 §7', text: 'its stored copy cannot be read' },
  'store-entry': { verdict: 'invalid', rule: 'spec 03 §2', text: 'a stored entry is damaged' },
  'store-tile': { verdict: 'invalid', rule: 'spec 03 §4', text: 'a stored hash tile is damaged' },
  'store-part': { verdict: 'invalid', rule: 'spec 01 §5', text: 'a stored public part is damaged' },
  'store-head': { verdict: 'invalid', rule: 'spec 03 §5', text: 'a stored signed head is damaged' },
  'store-cosignature': { verdict: 'invalid', rule: 'spec 03 §13', text: 'stored cosignatures are damaged' },
  'store-row': { verdict: 'incomplete', rule: 'spec 08 §7', text: 'an index row is damaged' },
  'store-cosigner': { verdict: 'incomplete', rule: 'spec 03 §12', text: 'a cosigner’s record is damaged' },
  'store-sealed': { verdict: 'incomplete', rule: 'spec 08 §7', text: 'restricted content is damaged' },
  'tree-file': { verdict: 'invalid', rule: 'spec 10 §5', text: 'a published file is not what it should be' },
}

/** The section of the spec, by the first words of a fault's name; the longest that fits counts. */
const RULES: readonly (readonly [prefix: string, rule: string])[] = [
  ['audit-split-view', 'spec 03 §9'],
  ['audit-forked', 'spec 03 §9'],
  ['audit-closing', 'spec 02 §3.3'],
  ['audit-above-closing', 'spec 02 §3.3'],
  ['audit-epoch-void', 'spec 02 §3.3'],
  ['entry-void', 'spec 02 §3.3'],
  ['audit-outsider', 'spec 07 §2'],
  ['audit-part-erased', 'spec 01 §5'],
  ['audit-erased', 'spec 03 §7.2'],
  ['audit-', 'spec 03 §2'],
  ['entry-', 'spec 01 §4'],
  ['part-', 'spec 01 §5'],
  ['key-', 'spec 02 §3'],
  ['declaration-', 'spec 02 §3'],
  ['epoch-', 'spec 02 §3'],
  ['signature', 'spec 02 §1'],
  ['head-', 'spec 03 §5'],
  ['checkpoint-', 'spec 03 §5'],
  ['bundle-', 'spec 08 §5'],
  ['policy-', 'spec 03 §11'],
  ['quorum-', 'spec 03 §6'],
  ['cosign', 'spec 03 §6'],
  ['equivocation-', 'spec 03 §9'],
  ['not-a-member', 'spec 07 §2'],
  ['items-', 'spec 01 §6'],
  ['disclosure-', 'spec 01 §6'],
  ['proof-', 'spec 03 §3'],
  ['root-', 'spec 03 §3'],
  ['index-', 'spec 03 §3'],
  ['size-', 'spec 03 §3'],
  ['note-', 'spec 03 §5'],
]

const SEVERITY_OF: Readonly<Record<AuditVerdict, Severity>> = {
  'split-view': 'critical',
  invalid: 'high',
  key: 'high',
  incomplete: 'medium',
  'read-only': 'medium',
  verified: 'note',
}

export function ruleOf(code: AnyFault | BundleFindingCode): string {
  if (isCoalition(code)) return COALITION[code].rule
  if (isPlace(code)) return PLACES[code].rule
  return RULES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'spec 03 §7'
}

export function severityOf(code: AnyFault): Severity {
  if (isCoalition(code)) return COALITION[code].severity
  if (isPlace(code)) return SEVERITY_OF[PLACES[code].verdict]
  const finding: Finding = { code, index: undefined }
  return SEVERITY_OF[verdictOf(finding)]
}

/** The sentence of a finding about a coalition; those about bytes are said where they are shown. */
export function coalitionText(code: CoalitionFault): string {
  return COALITION[code].text
}

export function isCoalition(code: AnyFault | BundleFindingCode): code is CoalitionFault {
  return Object.hasOwn(COALITION, code)
}

/** The sentence of a finding about a place, without what the host says of it. */
export function placeText(code: PlaceFault): string {
  return PLACES[code].text
}

/** What a finding comes to that is about no log's bytes. */
export function verdictBeside(code: CoalitionFault | PlaceFault): AuditVerdict {
  return isPlace(code) ? PLACES[code].verdict : COALITION[code].verdict
}

export function isPlace(code: string): code is PlaceFault {
  return Object.hasOwn(PLACES, code)
}

/** Whether a finding is about no log's bytes. */
export function isBeside(code: AnyFault): code is CoalitionFault | PlaceFault {
  return isCoalition(code) || isPlace(code)
}
