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

export type AnyFault = AuditFault | CoalitionFault

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
  return RULES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'spec 03 §7'
}

export function severityOf(code: AnyFault): Severity {
  if (isCoalition(code)) return COALITION[code].severity
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
