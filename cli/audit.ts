/**
 * Auditing a log from its bytes: they come from the node or from published files, every check runs in this process. What was verified
 * is remembered per log, so that the next audit can tell whether history below it changed.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkedPrimitives, ENTRIES_PER_CALL, NodeError } from '../node/api/client.ts'
import { printBase32 } from '../protocol/bytes.ts'
import type { CharterState } from '../protocol/governance/charter.ts'
import { readCharter } from '../protocol/governance/charter-file.ts'
import { parseSignedCheckpoint } from '../protocol/log/checkpoint.ts'
import {
  auditLeaves,
  closeAudit,
  openAudit,
  type Audit,
  type Leaf,
  type Scope,
} from '../protocol/audit/verify.ts'
import type { LeafSource } from './leaf-source.ts'
import { verdictOfLog, type LogReport } from '../protocol/audit/report.ts'

export type AuditedLog = { readonly report: LogReport; readonly judged: Audit['judged'] }

export type Auditor = {
  readonly charter: CharterState
  /** Where verified heads are remembered. */
  readonly home: string
  readonly onProgress: (origin: string, done: number, size: number) => void
}

export function charterOf(bytes: Uint8Array): CharterState {
  const charter = readCharter(checkedPrimitives(), bytes)
  if (charter.ok) return charter.value
  throw new NodeError(
    'CHARTER_INVALID',
    `this is not a valid charter (${charter.fault}): nothing can rest on it`,
  )
}

/** Walks one log from its first entry to its newest head. */
export async function auditLog(auditor: Auditor, source: LeafSource, scope: Scope): Promise<AuditedLog> {
  const { charter, home, onProgress } = auditor
  const { origin } = source
  const primitives = checkedPrimitives()
  const earlier = recall(home, primitives.sha256, origin)
  const proofs = (await source.proofs?.()) ?? []
  const opened = openAudit({ origin, charter, scope, proofs, ...(earlier === undefined ? {} : { earlier }) })
  if (!opened.ok) return { report: outsider(origin), judged: new Map() }
  let audit = opened.value
  const note = await source.head()
  const head = parseSignedCheckpoint(note)
  const size = head.ok ? head.value.checkpoint.size : 0
  while (audit.edge.size < size) {
    const count = Math.min(ENTRIES_PER_CALL, size - audit.edge.size)
    const entries = await source.entries(audit.edge.size, count)
    if (entries.length === 0) break
    const parts = await source.parts(audit.edge.size, entries.length)
    const leaves = entries.map((bytes, at): Leaf => ({ bytes, part: parts[at] ?? null }))
    audit = auditLeaves(primitives, audit, leaves)
    onProgress(origin, audit.edge.size, size)
  }
  const report = closeAudit(primitives, audit, note)
  if (verdictOfLog(report) === 'verified') remember(home, primitives.sha256, origin, note)
  return { report, judged: audit.judged }
}

function outsider(origin: string): LogReport {
  const counts = { entries: 0, signatures: 0, parts: 0 }
  const findings = [{ code: 'audit-outsider', index: undefined }] as const
  return {
    origin,
    domain: origin,
    head: undefined,
    scope: 'all',
    counts,
    continues: undefined,
    cosigners: [],
    findings,
  }
}

type Hash = (bytes: Uint8Array) => Uint8Array

/** The note of the head that was verified last time, if there was one. */
function recall(home: string, hash: Hash, origin: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(pathOf(home, hash, origin)))
  } catch {
    return undefined
  }
}

/** Remembering helps the next audit; an audit that cannot write is complete all the same. */
function remember(home: string, hash: Hash, origin: string, note: Uint8Array): void {
  const path = pathOf(home, hash, origin)
  try {
    mkdirSync(join(home, 'verified'), { recursive: true, mode: 0o700 })
    writeFileSync(`${path}.new`, note, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  } catch {
    // A read-only home.
  }
}

function pathOf(home: string, hash: Hash, origin: string): string {
  return join(home, 'verified', `${printBase32(hash(Buffer.from(origin))).slice(0, 26)}.head`)
}
