/** What an audit found, what that amounts to, and what it does not show. */
import type { Checkpoint, CheckpointFault, HeadSignatureFault } from '../log/checkpoint.ts'
import type { ValidityFault } from '../log/entry.ts'
import type { NoteFault } from '../log/note.ts'

export type AuditFault =
  | ValidityFault
  | NoteFault
  | CheckpointFault
  | HeadSignatureFault
  /** The log belongs to nobody in the charter. */
  | 'audit-outsider'
  /** Leaf 0 does not say which keys speak, so nothing above it can be judged. */
  | 'audit-keyless'
  | 'audit-empty'
  | 'audit-entries-missing'
  | 'audit-head-origin'
  /** The entries do not make the tree that the head signs. */
  | 'audit-root'
  /** The head is older than one verified earlier. */
  | 'audit-older'
  | 'audit-split-view'
  /** A proof is held that its key signed two histories; this is one of them. */
  | 'audit-forked'
  /** The source says that the part was erased, and no valid entry below the head does. */
  | 'audit-part-erased'
  /** A valid entry of this log, below the same head, erased the part. */
  | 'audit-erased'
  /** Another log declares this key too, for another purpose or for another member. */
  | 'key-repeated'
  /** A later epoch leaves this log out: nothing in it counts. */
  | 'audit-epoch-void'
  /** The log does not lead to the head at which its author closed it. */
  | 'audit-closing'
  | 'audit-closing-missing'
  /** Entries from here on stand above the head at which the log was closed, and do not count. */
  | 'audit-above-closing'
  /** The entry that was asked for is one of them, or stands in a log that was left out. */
  | 'entry-void'
  /** The last entry of a key that was revoked later, from this entry or an earlier one on. */
  | 'key-suspect'

/** `index` is absent where the finding is about the head; `by` is the entry that erased a part. */
export type Finding = { readonly code: AuditFault; readonly index: number | undefined; readonly by?: number }

export type LogReport = {
  readonly origin: string
  readonly domain: string
  /** Present when the head is signed by the log's key. */
  readonly head: Checkpoint | undefined
  /** How many entries were to be judged. */
  readonly scope: 'all' | number
  readonly counts: { readonly entries: number; readonly signatures: number; readonly parts: number }
  /** The size of an earlier verified head that this log was compared with. */
  readonly continues: number | undefined
  /** Domains of other members whose signature on this head was verified. */
  readonly cosigners: readonly string[]
  readonly findings: readonly Finding[]
}

/** From best to worst. */
const VERDICTS = ['verified', 'read-only', 'incomplete', 'key', 'invalid', 'split-view'] as const
/**
 * Of everything that a node shows. `read-only`: nothing is wrong with it, and the node says that its own log may be ahead
 * elsewhere.
 */
export type AuditVerdict = (typeof VERDICTS)[number]
/** Of bytes, wherever they came from. */
export type Verdict = Exclude<AuditVerdict, 'read-only'>

/** Findings that are about keys and standing rather than about bytes. */
const KEY_FAULTS: ReadonlySet<AuditFault> = new Set<AuditFault>([
  'audit-outsider',
  'audit-keyless',
  'epoch-root',
  'key-unknown',
  'key-purpose',
  'key-not-in-force',
  'key-suspect',
  'entry-void',
  'key-repeated',
  'head-unsigned',
])

const INCOMPLETE_FAULTS: ReadonlySet<AuditFault> = new Set<AuditFault>([
  'audit-empty',
  'audit-entries-missing',
  'audit-older',
  'audit-closing-missing',
  'audit-part-erased',
  'part-missing',
])

/** What a reader of the whole log should know, and what takes nothing from it. */
const NOTES: ReadonlySet<AuditFault> = new Set<AuditFault>([
  'audit-epoch-void',
  'audit-above-closing',
  'audit-erased',
])

export function verdictOf({ code }: Finding): Verdict {
  if (NOTES.has(code)) return 'verified'
  if (code === 'audit-split-view' || code === 'audit-forked') return 'split-view'
  if (INCOMPLETE_FAULTS.has(code)) return 'incomplete'
  return KEY_FAULTS.has(code) ? 'key' : 'invalid'
}

/** The worst verdict of all; nothing checked is never verified. */
export function verdictOfLogs(reports: readonly LogReport[]): Verdict {
  const verdicts = reports.map(verdictOfLog)
  return worst(verdicts.length === 0 ? ['incomplete'] : verdicts)
}

export function verdictOfLog(report: LogReport): Verdict {
  const verdict = worst(report.findings.map(verdictOf))
  return verdict === 'verified' && report.counts.signatures === 0 ? 'incomplete' : verdict
}

/** The last of these in the order of verdicts. */
export function worst<V extends AuditVerdict>(verdicts: readonly V[]): V | 'verified' {
  let found: V | 'verified' = 'verified'
  for (const verdict of verdicts) if (VERDICTS.indexOf(verdict) > VERDICTS.indexOf(found)) found = verdict
  return found
}
