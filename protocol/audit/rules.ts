/** Which rule each finding rests on, what it means in a sentence, and how bad it is. Every fault has its row. */
import type { BundleFindingCode } from './bundle-verdict.ts'
import type { AuditFault, Finding, Verdict } from './report.ts'
import { verdictOf } from './report.ts'

/** Worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'note'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Findings about a coalition rather than a log's bytes. */
export type CoalitionFault =
  /** A member of whom no log was there. */
  | 'log-missing'
  /** Nobody else confirmed the newest head, or fewer than a quorum did. */
  | 'head-unwitnessed'
  | 'head-unconfirmed'
  /** No quorum confirmed it for a day. */
  | 'head-stale'

/** Findings about where the bytes came from: what a host found in its own store, and files of a published tree. */
export type PlaceFault =
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

const COALITION: Readonly<Record<CoalitionFault, { severity: Severity; rule: string; text: string }>> = {
  'log-missing': { severity: 'medium', rule: 'spec 07 §2', text: 'there is no log of this member' },
  'head-unwitnessed': {
    severity: 'medium',
    rule: 'spec 03 §6',
    text: 'nobody else has confirmed its head: its author could show others another history',
  },
  'head-unconfirmed': {
    severity: 'low',
    rule: 'spec 03 §6',
    text: 'fewer mirrors of other members confirmed its head than a quorum takes',
  },
  'head-stale': { severity: 'low', rule: 'spec 03 §14', text: 'no quorum confirmed its head for a day' },
}

type PlaceRow = { readonly verdict: Verdict; readonly rule: string; readonly text: string }

/** What is altered is not valid; what only takes something from a reader is incomplete. Spec 08 §7. */
const PLACES: Readonly<Record<PlaceFault, PlaceRow>> = {
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

const SEVERITY_OF: Readonly<Record<Verdict, Severity>> = {
  'split-view': 'critical',
  invalid: 'high',
  key: 'high',
  incomplete: 'medium',
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

/** What a finding about a place comes to. */
export function verdictOfPlace(code: PlaceFault): Verdict {
  return PLACES[code].verdict
}

export function isPlace(code: string): code is PlaceFault {
  return Object.hasOwn(PLACES, code)
}
