/**
 * Checking a whole log from its bytes: charter → root key → leaf 0 → keys → every entry → root → signed head.
 * Whoever holds the bytes can run it; nothing is asked of the node they came from. DESIGN §4.4 and §10.
 *
 * The entries come in runs, so that a log of any length is checked in bounded memory. Every entry is hashed
 * into the root; `scope` says which ones are also judged, because one record's evidence does not need the
 * signatures of all the others. Statements about keys are always judged: they decide over the rest.
 */
import { equal } from '../bytes.ts'
import { speakerOf, type CharterState } from '../governance/charter.ts'
import { keysInForce, suspectSince, type KeyState } from '../identity/keystate.ts'
import {
  parseOrigin,
  parseSignedCheckpoint,
  verifyCheckpoint,
  type Checkpoint,
  type SignedCheckpoint,
} from '../log/checkpoint.ts'
import {
  appendLeaves,
  appendSubtree,
  EMPTY_EDGE,
  edgeRoot,
  leafHash,
  type Edge,
  type HashedLeaves,
} from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { closingOf, findingsOfEnd, type LogEnd } from './ending.ts'
import {
  FINDINGS_MAX,
  findingsOfGaps,
  joinJudgements,
  judgeLeaf,
  openJudgement,
  type Judgement,
  type Leaf,
  type Scope,
} from './judgement.ts'
import type { AuditFault, Finding, LogReport } from './report.ts'
import { isForked } from './forked.ts'

/** What an auditor brings to one log. */
export type AuditSubject = {
  readonly origin: string
  readonly charter: CharterState
  readonly scope: Scope
  /** The note of a head that was verified earlier: history below it must not have changed. */
  readonly earlier?: Uint8Array
  /** How a later epoch of its member ends this log, if one does. */
  readonly end?: LogEnd
  /** Sizes at which the root of the tree is wanted, such as those of earlier cosigned heads. */
  readonly marks?: readonly number[]
  /** Files that may prove that this log signed two histories. */
  readonly proofs?: readonly Uint8Array[]
}

export type Audit = {
  readonly judgement: Judgement
  readonly end: LogEnd | undefined
  readonly proofs: readonly Uint8Array[]
  readonly edge: Edge
  readonly earlier: SignedCheckpoint | undefined
  /** Root of our own tree at the size of the earlier head. */
  readonly earlierRoot: Uint8Array | undefined
  /** Root of our own tree at the size at which the log is closed. */
  readonly closingRoot: Uint8Array | undefined
  readonly marks: readonly number[]
  /** Roots of our own tree at the marks that it has reached. */
  readonly roots: ReadonlyMap<number, Uint8Array>
}

export function openAudit(subject: AuditSubject): Result<Audit, 'audit-outsider'> {
  const { origin, scope } = subject
  const speaker = speakerOf(subject.charter, origin)
  if (speaker === undefined) return fault('audit-outsider')
  const earlier = subject.earlier === undefined ? undefined : parseSignedCheckpoint(subject.earlier)
  const isOfLog = earlier?.ok === true && earlier.value.checkpoint.origin === origin
  return ok({
    judgement: openJudgement({ origin, rootKey: speaker.root, scope }, undefined),
    end: subject.end,
    proofs: subject.proofs ?? [],
    edge: EMPTY_EDGE,
    earlier: isOfLog ? earlier.value : undefined,
    earlierRoot: undefined,
    closingRoot: undefined,
    marks: subject.marks ?? [],
    roots: new Map(),
  })
}

/** Goes on with the next leaves, in order. */
export function auditLeaves(primitives: Primitives, audit: Audit, leaves: readonly Leaf[]): Audit {
  const from = audit.edge.size
  const judgement = leaves.reduce(
    (current, leaf, at) => judgeLeaf(primitives, current, from + at, leaf),
    audit.judgement,
  )
  const hashes = leaves.map(({ bytes }) => leafHash(primitives, bytes))
  return { ...grow(primitives, audit, { hashes }), judgement }
}

/** Goes on with leaves that were judged elsewhere, under the key state that this audit had reached. */
export function absorbJudgement(
  primitives: Primitives,
  audit: Audit,
  leaves: HashedLeaves,
  judged: Judgement,
): Audit {
  return { ...grow(primitives, audit, leaves), judgement: joinJudgements(audit.judgement, judged) }
}

/** Compares the tree with the signed head and says what was found. */
export function closeAudit(primitives: Primitives, audit: Audit, note: Uint8Array): LogReport {
  const { judgement } = audit
  const head = readHead(primitives, judgement, note)
  const found = head.ok ? compareHead(primitives, audit, head.value) : [head.fault]
  const ofHead = found.map((code): Finding => {
    // Where the source had no more is where it is: everything from there on is missing.
    return { code, index: code === 'audit-entries-missing' ? audit.edge.size : undefined }
  })
  const gaps = findingsOfGaps(judgement)
  const findings = [
    ...judgement.findings,
    ...gaps.filter(({ code }) => code !== 'audit-erased'),
    ...suspects(judgement),
    ...endFindings(audit),
    ...ofHead,
    ...forks(primitives, audit),
    // What was erased takes nothing from the log, and stands last where not all of it fits.
    ...gaps.filter(({ code }) => code === 'audit-erased'),
  ]
  const { origin, scope, counts } = judgement
  const parsed = parseOrigin(origin)
  return {
    origin,
    domain: parsed.ok ? parsed.value.domain : origin,
    head: head.ok ? head.value : undefined,
    scope: scope === 'all' ? 'all' : scope.size,
    counts,
    continues: continuedSize(primitives, audit),
    // Whose cosignatures count depends on other logs: `confirmHead` says it once those are audited.
    cosigners: [],
    findings: findings.slice(0, FINDINGS_MAX),
  }
}

function grow(primitives: Primitives, audit: Audit, { hashes, root }: HashedLeaves): Audit {
  const [earlier, closing] = [audit.earlier?.checkpoint.size, closingOf(audit.end)?.size]
  const { size } = audit.edge
  const end = size + hashes.length
  const wanted = [earlier, closing, ...audit.marks]
  const stops = wanted.filter((at) => at !== undefined && at > size && at < end)
  let { edge, earlierRoot, closingRoot, roots } = audit
  for (const stop of [...stops, end].toSorted((a = end, b = end) => a - b)) {
    edge =
      root !== undefined && stops.length === 0
        ? appendSubtree(primitives, edge, hashes.length, root)
        : appendLeaves(primitives, edge, hashes.slice(edge.size - size, (stop ?? end) - size))
    if (edge.size === earlier) earlierRoot = edgeRoot(primitives, edge)
    if (edge.size === closing) closingRoot = edgeRoot(primitives, edge)
    if (audit.marks.includes(edge.size)) roots = new Map(roots).set(edge.size, edgeRoot(primitives, edge))
  }
  return { ...audit, edge, earlierRoot, closingRoot, roots }
}

function endFindings({ judgement: { scope }, end, edge, closingRoot }: Audit): readonly Finding[] {
  return end === undefined ? [] : findingsOfEnd(end, { scope, size: edge.size, closingRoot })
}

function forks(primitives: Primitives, { judgement: { keys }, proofs }: Audit): readonly Finding[] {
  const isProven = keys !== undefined && isForked(primitives, keys, proofs)
  return isProven ? [{ code: 'audit-forked', index: undefined }] : []
}

/** Entries that were valid when they were logged, by keys revoked since: one finding for each such key. */
function suspects({ keys, lastUse }: Judgement): readonly Finding[] {
  if (keys === undefined) return []
  return lastUse
    .filter(({ id, index }) => suspectSince(keys, id, index) !== undefined)
    .map(({ index }): Finding => ({ code: 'key-suspect', index }))
}

function readHead(
  primitives: Primitives,
  { keys, origin }: Judgement,
  note: Uint8Array,
): Result<Checkpoint, AuditFault> {
  const signed = parseSignedCheckpoint(note)
  if (!signed.ok) return signed
  if (signed.value.checkpoint.origin !== origin) return fault('audit-head-origin')
  return underLogKey(primitives, keys, signed.value)
}

function underLogKey(
  primitives: Primitives,
  keys: KeyState | undefined,
  signed: SignedCheckpoint,
): Result<Checkpoint, AuditFault> {
  if (keys === undefined) return fault('audit-keyless')
  const [log] = keysInForce(keys, 'log', Math.max(0, signed.checkpoint.size - 1))
  return log === undefined ? fault('audit-keyless') : verifyCheckpoint(primitives, signed, log.key)
}

function compareHead(primitives: Primitives, audit: Audit, head: Checkpoint): readonly AuditFault[] {
  if (head.size === 0) return ['audit-empty']
  if (audit.edge.size < head.size) return ['audit-entries-missing']
  if (!equal(edgeRoot(primitives, audit.edge), head.root)) return ['audit-root']
  return compareEarlier(primitives, audit)
}

/** The size of the earlier head, if the log's key signed it and our tree reached it. */
function continuedSize(
  primitives: Primitives,
  { judgement, earlier, earlierRoot }: Audit,
): number | undefined {
  if (earlier === undefined || earlierRoot === undefined) return undefined
  return underLogKey(primitives, judgement.keys, earlier).ok ? earlier.checkpoint.size : undefined
}

/** Two heads signed with the log's key, of which one does not continue the other, prove a split view. */
function compareEarlier(
  primitives: Primitives,
  { judgement, earlier, earlierRoot }: Audit,
): readonly AuditFault[] {
  if (earlier === undefined || !underLogKey(primitives, judgement.keys, earlier).ok) return []
  if (earlierRoot === undefined) return ['audit-older']
  return equal(earlierRoot, earlier.checkpoint.root) ? [] : ['audit-split-view']
}
