/**
 * Checking a whole log from its bytes: charter → root key → leaf 0 → keys → every entry → root → signed head.
 * Whoever holds the bytes can run it; nothing is asked of the node they came from. DESIGN §4.4 and §10.
 *
 * The entries come in runs, so that a log of any length is checked in bounded memory. Every entry is hashed
 * into the root; `scope` says which ones are also judged, because one record's evidence does not need the
 * signatures of all the others. Statements about keys are always judged: they decide over the rest.
 */
import { equal, printHex } from '../bytes.ts'
import { speakerOf, type CharterState } from '../governance/charter.ts'
import { verifySignature } from '../identity/signature.ts'
import { keysInForce, signerAt, suspectSince, type KeyState } from '../identity/keystate.ts'
import type { KeyId, PublicKey } from '../identity/key.ts'
import type { PublicPart } from '../codec/part.ts'
import { parseEntry, type Entry } from '../codec/statement.ts'
import {
  parseOrigin,
  parseSignedCheckpoint,
  verifyCheckpoint,
  type Checkpoint,
  type SignedCheckpoint,
} from '../log/checkpoint.ts'
import { checkEntry, checkFirstEntry, type CheckedEntry, type ValidityFault } from '../log/entry.ts'
import { appendLeaf, EMPTY_EDGE, edgeRoot, leafHash, type Edge } from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import type { AuditFault, Finding, LogReport } from './report.ts'
import { isForked } from './forked.ts'

/** Which entries are judged: all, or those at these indices. */
export type Scope = 'all' | ReadonlySet<number>

/** What an auditor brings to one log. */
export type AuditSubject = {
  readonly origin: string
  readonly charter: CharterState
  readonly scope: Scope
  /** The note of a head that was verified earlier: history below it must not have changed. */
  readonly earlier?: Uint8Array
  /** Files that may prove that this log signed two histories. */
  readonly proofs?: readonly Uint8Array[]
}

export type Audit = {
  readonly subject: AuditSubject
  readonly rootKey: PublicKey
  readonly keys: KeyState | undefined
  readonly edge: Edge
  readonly earlier: SignedCheckpoint | undefined
  /** Root of our own tree at the size of the earlier head. */
  readonly earlierRoot: Uint8Array | undefined
  readonly counts: LogReport['counts']
  /** At most FINDINGS_MAX. */
  readonly findings: readonly Finding[]
  /** The last entry judged valid of each signer, by key id in hexadecimal. */
  readonly lastUse: ReadonlyMap<string, { readonly id: KeyId; readonly index: number }>
  /** Entries in scope that were judged valid, by index; kept only where a scope names them. */
  readonly judged: ReadonlyMap<number, Entry>
}

/** An entry and its public part as they were handed over. */
export type Leaf = { readonly bytes: Uint8Array; readonly part: PublicPart | 'erased' | null }

/** More findings than this about one log add nothing to the verdict. */
const FINDINGS_MAX = 100

export function openAudit(subject: AuditSubject): Result<Audit, 'audit-outsider'> {
  const speaker = speakerOf(subject.charter, subject.origin)
  if (speaker === undefined) return fault('audit-outsider')
  const earlier = subject.earlier === undefined ? undefined : parseSignedCheckpoint(subject.earlier)
  return ok({
    subject,
    rootKey: speaker.root,
    keys: undefined,
    edge: EMPTY_EDGE,
    earlier:
      earlier?.ok === true && earlier.value.checkpoint.origin === subject.origin ? earlier.value : undefined,
    earlierRoot: undefined,
    counts: { entries: 0, signatures: 0, parts: 0 },
    findings: [],
    lastUse: new Map(),
    judged: new Map(),
  })
}

/** Goes on with the next leaves, in order. */
export function auditLeaves(primitives: Primitives, audit: Audit, leaves: readonly Leaf[]): Audit {
  return leaves.reduce((current, leaf) => auditLeaf(primitives, current, leaf), audit)
}

/** Compares the tree with the signed head and says what was found. */
export function closeAudit(primitives: Primitives, audit: Audit, note: Uint8Array): LogReport {
  const head = readHead(primitives, audit, note)
  const found = head.ok ? compareHead(primitives, audit, head.value) : [head.fault]
  const ofHead = found.map((code): Finding => ({ code, index: undefined }))
  const findings = [...audit.findings, ...suspects(audit), ...ofHead, ...forks(primitives, audit)]
  const { origin, scope } = audit.subject
  const parsed = parseOrigin(origin)
  return {
    origin,
    domain: parsed.ok ? parsed.value.domain : origin,
    head: head.ok ? head.value : undefined,
    scope: scope === 'all' ? 'all' : scope.size,
    counts: audit.counts,
    continues: continuedSize(primitives, audit),
    // Cosignatures are not written yet by any node: none can be confirmed.
    cosigners: [],
    findings: findings.slice(0, FINDINGS_MAX),
  }
}

function auditLeaf(primitives: Primitives, audit: Audit, leaf: Leaf): Audit {
  const index = audit.edge.size
  const edge = appendLeaf(primitives, audit.edge, leafHash(primitives, leaf.bytes))
  const counts = { ...audit.counts, entries: audit.counts.entries + 1 }
  const isEarlier = edge.size === audit.earlier?.checkpoint.size
  const earlierRoot = isEarlier ? edgeRoot(primitives, edge) : audit.earlierRoot
  const hashed = { ...audit, edge, counts, earlierRoot }
  return mustJudge(audit, index, leaf.bytes) ? judge(primitives, hashed, index, leaf) : hashed
}

function mustJudge({ subject: { scope } }: Audit, index: number, bytes: Uint8Array): boolean {
  if (scope === 'all' || index === 0 || scope.has(index)) return true
  const entry = parseEntry(bytes)
  return entry.ok && entry.value.statement.kind === 'key'
}

function judge(primitives: Primitives, audit: Audit, index: number, leaf: Leaf): Audit {
  if (leaf.part === 'erased') return judgeErased(primitives, audit, index, leaf.bytes)
  const checked = validity(primitives, audit, index, leaf)
  if (!checked.ok) return withFinding(audit, checked.fault, index)
  const { entry, signer, keys } = checked.value
  if (!verifySignature(primitives, signer, entry.toBeSigned, entry.signature)) {
    return withFinding(audit, 'signature', index)
  }
  const { entries, signatures, parts } = audit.counts
  const counts = { entries, signatures: signatures + 1, parts: parts + 1 }
  const { keyId: id } = entry.header
  const lastUse = new Map(audit.lastUse).set(printHex(id), { id, index })
  return { ...audit, keys, counts, lastUse, judged: keep(audit, index, entry) }
}

/** Without its part, an entry's grammar, issuer, signer and signature still tell who said that something was said. */
function judgeErased(primitives: Primitives, audit: Audit, index: number, bytes: Uint8Array): Audit {
  const entry = parseEntry(bytes)
  if (!entry.ok) return withFinding(audit, entry.fault, index)
  const { header, statement, toBeSigned, signature } = entry.value
  if (audit.keys === undefined) return withFinding(audit, 'audit-keyless', index)
  if (header.issuer !== audit.subject.origin) return withFinding(audit, 'entry-issuer', index)
  const signer = signerAt(audit.keys, statement.kind, header.keyId, index)
  if (!signer.ok) return withFinding(audit, signer.fault, index)
  if (!verifySignature(primitives, signer.value, toBeSigned, signature)) {
    return withFinding(audit, 'signature', index)
  }
  const counts = { ...audit.counts, signatures: audit.counts.signatures + 1 }
  return withFinding({ ...audit, counts }, 'audit-part-erased', index)
}

function validity(
  primitives: Primitives,
  { subject, rootKey, keys }: Audit,
  index: number,
  { bytes, part }: Leaf,
): Result<CheckedEntry, ValidityFault | 'audit-keyless'> {
  const opened = part === 'erased' ? null : part
  if (index === 0) return checkFirstEntry(primitives, subject.origin, rootKey, bytes, opened)
  return keys === undefined ? fault('audit-keyless') : checkEntry(primitives, keys, index, bytes, opened)
}

function forks(primitives: Primitives, { keys, subject }: Audit): readonly Finding[] {
  const isProven = keys !== undefined && isForked(primitives, keys, subject.proofs ?? [])
  return isProven ? [{ code: 'audit-forked', index: undefined }] : []
}

/** Entries that were valid when they were logged, by keys revoked since: one finding for each such key. */
function suspects({ keys, lastUse }: Audit): readonly Finding[] {
  if (keys === undefined) return []
  return [...lastUse.values()]
    .filter(({ id, index }) => suspectSince(keys, id, index) !== undefined)
    .map(({ index }): Finding => ({ code: 'key-suspect', index }))
}

function readHead(
  primitives: Primitives,
  { keys, subject }: Audit,
  note: Uint8Array,
): Result<Checkpoint, AuditFault> {
  const signed = parseSignedCheckpoint(note)
  if (!signed.ok) return signed
  if (signed.value.checkpoint.origin !== subject.origin) return fault('audit-head-origin')
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
function continuedSize(primitives: Primitives, { keys, earlier, earlierRoot }: Audit): number | undefined {
  if (earlier === undefined || earlierRoot === undefined) return undefined
  return underLogKey(primitives, keys, earlier).ok ? earlier.checkpoint.size : undefined
}

/** Two heads signed with the log's key, of which one does not continue the other, prove a split view. */
function compareEarlier(
  primitives: Primitives,
  { keys, earlier, earlierRoot }: Audit,
): readonly AuditFault[] {
  if (earlier === undefined || !underLogKey(primitives, keys, earlier).ok) return []
  if (earlierRoot === undefined) return ['audit-older']
  return equal(earlierRoot, earlier.checkpoint.root) ? [] : ['audit-split-view']
}

function keep({ subject, judged }: Audit, index: number, entry: Entry): Audit['judged'] {
  if (subject.scope === 'all' || !subject.scope.has(index)) return judged
  return new Map(judged).set(index, entry)
}

function withFinding(audit: Audit, code: AuditFault, index: number): Audit {
  if (audit.findings.length === FINDINGS_MAX) return audit
  return { ...audit, findings: [...audit.findings, { code, index }] }
}
