/**
 * Auditing a log from its bytes: they come from the node or from published files, every check runs in this process. What was verified
 * is remembered per log, so that the next audit can tell whether history below it changed.
 */
import { availableParallelism } from 'node:os'
import { checkedPrimitives, ENTRIES_PER_CALL, NodeError } from '../node/api/client.ts'
import type { CharterState } from '../protocol/governance/charter.ts'
import { readCharter } from '../protocol/governance/charter-file.ts'
import { judgeEpochs, type HeldEpoch } from '../protocol/identity/epochs.ts'
import { parseSignedCheckpoint } from '../protocol/log/checkpoint.ts'
import {
  mayChangeKeys,
  mayErase,
  type Judgement,
  type Leaf,
  type Scope,
} from '../protocol/audit/judgement.ts'
import type { HashedLeaves } from '../protocol/log/merkle.ts'
import { TILE_WIDTH } from '../protocol/log/tile.ts'
import { auditLeaves, closeAudit, openAudit, type Audit } from '../protocol/audit/verify.ts'
import type { KeyState } from '../protocol/identity/keystate.ts'
import { Pipeline } from './judging/pipeline.ts'
import { threadsOf } from './judging/threads.ts'
import { belowEnd, openingOf, type LogEnd } from '../protocol/audit/ending.ts'
import { goOn, type AuditStates } from './audit-states.ts'
import type { LeafSource, RawBundle } from './leaf-source.ts'
import { recall, remember } from './remembered.ts'
import { repeatedKeys } from '../protocol/identity/repeated.ts'
import { verdictOfLog, type Finding, type LogReport } from '../protocol/audit/report.ts'

export type AuditedLog = {
  readonly report: LogReport
  readonly judged: Judgement['judged']
  /** The note that the report is about, with whatever cosignatures it came with. */
  readonly note: Uint8Array | undefined
  readonly keys: KeyState | undefined
  /** Roots of the tree at the sizes that were asked for. */
  readonly roots: ReadonlyMap<number, Uint8Array>
  /** Heads with the cosignatures of others on them, as they were handed over. */
  readonly cosigned: readonly Uint8Array[]
  /** What the log states of the cosigners of others. */
  readonly observed: Judgement['observed']
  /** Entries that were hashed and counted earlier, by an audit that was cut short. */
  readonly resumed?: number
}

export type Auditor = {
  readonly charter: CharterState
  /** Where verified heads are remembered. */
  readonly home: string
  readonly onProgress: (origin: string, done: number, size: number) => void
  /** A head that was verified elsewhere, instead of what was remembered here. */
  readonly since?: Uint8Array
  /** Threads that judge; the processors of this machine when nothing else is said. */
  readonly jobs?: number
  /** Where audits that were cut short are kept, if they are to be gone on with. */
  readonly states?: AuditStates | undefined
}

/** Logs shorter than this are judged before a thread has started. */
const THREADS_FROM_ENTRIES = 2_048

export function charterOf(bytes: Uint8Array): CharterState {
  const charter = readCharter(checkedPrimitives(), bytes)
  if (charter.ok) return charter.value
  throw new NodeError(
    'CHARTER_INVALID',
    `this is not a valid charter (${charter.fault}): nothing can rest on it`,
  )
}

/** Walks one log from its first entry to its newest head. */
export async function auditLog(
  auditor: Auditor,
  source: LeafSource,
  scope: Scope,
  end?: LogEnd,
): Promise<AuditedLog> {
  const { charter, home, onProgress, states } = auditor
  const { origin } = source
  const primitives = checkedPrimitives()
  const earlier = sinceOf(auditor, origin) ?? recall(home, primitives.sha256, origin)
  const proofs = (await source.proofs?.()) ?? []
  const cosigned = (await source.cosigned?.()) ?? []
  const opened = openAudit({
    origin,
    charter,
    scope,
    proofs,
    marks: cosigned.flatMap(sizesOf),
    ...(earlier === undefined ? {} : { earlier }),
    ...(end === undefined ? {} : { end }),
  })
  if (!opened.ok) {
    const nothing = { judged: new Map(), note: undefined, keys: undefined, roots: new Map() }
    return { report: outsider(origin), ...nothing, cosigned: [], observed: [] }
  }
  const note = await source.head()
  const head = parseSignedCheckpoint(note)
  const size = head.ok ? head.value.checkpoint.size : 0
  const begun = (await goOn(states, source, opened.value, size)) ?? opened.value
  const told = (audit: Audit) => {
    onProgress(origin, audit.edge.size, size)
    if (scope === 'all') states?.keep(audit)
  }
  const audit = await walk(auditor, source, begun, size, told)
  const report = closeAudit(primitives, audit, note)
  const resumed = begun.edge.size
  if (resumed > 0 && report.findings.some(({ code }) => code === 'audit-root')) {
    // What was judged earlier is not what the head covers now: then only the whole log tells what is wrong.
    states?.forget(origin)
    return auditLog({ ...auditor, states: undefined }, source, scope, end)
  }
  if (verdictOfLog(report) === 'verified') remember(home, primitives.sha256, origin, note)
  const { judged, keys } = audit.judgement
  const observed = belowEnd(end, audit.judgement.observed)
  const { roots } = audit
  return { report, judged, note, keys, roots, cosigned, observed, ...(resumed > 0 ? { resumed } : {}) }
}

/** From where the audit is to the head: on threads, unless the log is short. */
function walk(auditor: Auditor, source: LeafSource, begun: Audit, size: number, told: Told): Promise<Audit> {
  const isShort = size - begun.edge.size < THREADS_FROM_ENTRIES
  const jobs = isShort ? 0 : (auditor.jobs ?? availableParallelism())
  return jobs === 0 ? judgeHere(source, begun, size, told) : judgeOnThreads(source, begun, size, told, jobs)
}

function sizesOf(note: Uint8Array): readonly number[] {
  const signed = parseSignedCheckpoint(note)
  return signed.ok ? [signed.value.checkpoint.size] : []
}

/** The head that the auditor brings, for the log that it is of. */
function sinceOf({ since }: Auditor, origin: string): Uint8Array | undefined {
  const signed = since === undefined ? undefined : parseSignedCheckpoint(since)
  return signed?.ok === true && signed.value.checkpoint.origin === origin ? since : undefined
}

type Told = (audit: Audit) => void

async function judgeHere(source: LeafSource, opened: Audit, size: number, told: Told): Promise<Audit> {
  let audit = opened
  for await (const leaves of leavesOf(source, audit.edge.size, size)) {
    audit = auditLeaves(checkedPrimitives(), audit, leaves)
    told(audit)
  }
  return audit
}

async function judgeOnThreads(
  source: LeafSource,
  opened: Audit,
  size: number,
  told: Told,
  jobs: number,
): Promise<Audit> {
  const threads = threadsOf(jobs)
  const onHashes = async (leaves: HashedLeaves) => source.onHashes?.(leaves)
  const primitives = checkedPrimitives()
  const pipeline = new Pipeline({ primitives, threads, threadCount: jobs, audit: opened, onHashes })
  if (source.bundle !== undefined) await pushBundles(pipeline, source.bundle, opened, size, told)
  else {
    for await (const leaves of leavesOf(source, opened.edge.size, size)) {
      if (!(await pipeline.push(leaves))) break
      told(pipeline.current())
    }
  }
  return pipeline.settle()
}

/** Whole bundles, unread; parts only of those in which something is judged. */
async function pushBundles(
  pipeline: Pipeline,
  bundleAt: NonNullable<LeafSource['bundle']>,
  { judgement: { scope } }: Audit,
  size: number,
  told: Told,
): Promise<void> {
  const read = async (from: number): Promise<ReadBundle | undefined> => {
    const isJudged = from === 0 || scope === 'all' || hasAny(scope, from)
    const bare = await bundleAt(from / TILE_WIDTH, isJudged)
    const isHard = bare !== undefined && mayChangeKeys(bare.entries)
    // What erased a part that is judged is judged with it.
    const isWanted = isHard || (!isJudged && bare !== undefined && mayErase(bare.entries))
    const bundle = !isWanted || isJudged ? bare : await bundleAt(from / TILE_WIDTH, true)
    return bundle === undefined ? undefined : { ...bundle, isHard }
  }
  const ahead: Promise<ReadBundle | undefined>[] = []
  for (let from = 0; from < size; from += TILE_WIDTH) {
    for (
      let at = from + ahead.length * TILE_WIDTH;
      ahead.length < READ_AHEAD && at < size;
      at += TILE_WIDTH
    ) {
      const reading = read(at)
      // A failure is heard in its turn; until then it must not count as unheard.
      reading.catch(() => undefined)
      ahead.push(reading)
    }
    const bundle = await ahead.shift()
    const width = Math.min(TILE_WIDTH, size - from)
    if (bundle === undefined) return
    const { isHard, ...bytes } = bundle
    if (!(await pipeline.pushRun({ from, width, ...bytes }, isHard))) return
    told(pipeline.current())
  }
}

/** With whether a key may change in it. */
type ReadBundle = RawBundle & { readonly isHard: boolean }

/** Bundles read before they are needed: opening a file takes longer than hashing what is in it. */
const READ_AHEAD = 8

function hasAny(scope: ReadonlySet<number>, from: number): boolean {
  for (const index of scope) if (index >= from && index < from + TILE_WIDTH) return true
  return false
}

/** The leaves of a log as its source gives them, until it has no more. */
export async function* leavesOf(
  source: LeafSource,
  from: number,
  size: number,
): AsyncGenerator<readonly Leaf[]> {
  for (let at = from; at < size;) {
    const entries = await source.entries(at, Math.min(ENTRIES_PER_CALL, size - at))
    if (entries.length === 0) return
    const parts = await source.parts(at, entries.length)
    yield entries.map((bytes, i): Leaf => ({ bytes, part: parts[i] ?? null }))
    at += entries.length
  }
}

/** How the later epochs of their members end these logs, by verified leaves 0; nothing for a log that is open. */
export async function endsOf(
  charter: CharterState,
  sources: readonly LeafSource[],
): Promise<ReadonlyMap<string, LogEnd>> {
  const members = new Map<string, HeldEpoch[]>()
  for (const source of sources) {
    const [bytes] = await source.entries(0, 1)
    if (bytes === undefined) continue
    const [part = null] = await source.parts(0, 1)
    const { origin } = source
    const document = openingOf(checkedPrimitives(), charter, origin, { bytes, part })
    if (document === undefined) continue
    const epochs = members.get(document.domain) ?? []
    members.set(document.domain, [...epochs, { origin, document, confirmed: undefined }])
  }
  const ends = new Map<string, LogEnd>()
  for (const { origin, state } of [...members.values()].flatMap(judgeEpochs)) {
    if (state.kind === 'closed') ends.set(origin, { kind: 'closed', at: state.at })
    if (state.kind === 'void') ends.set(origin, { kind: 'void' })
  }
  return ends
}

/** The reports of logs that were all audited, with what only shows when they are seen together. */
export function seenTogether(audited: readonly AuditedLog[]): readonly LogReport[] {
  const repeated = repeatedKeys(audited.flatMap(({ keys }) => (keys === undefined ? [] : [keys])))
  return audited.map(({ report }) => {
    const here = repeated.filter(({ again }) => again.origin === report.origin)
    const found = here.map(({ again }): Finding => ({ code: 'key-repeated', index: again.index }))
    return { ...report, findings: [...report.findings, ...found] }
  })
}

function outsider(origin: string): LogReport {
  const counts = { entries: 0, signatures: 0, parts: 0 }
  const findings = [{ code: 'audit-outsider', index: undefined }] as const
  return {
    origin,
    domain: origin.split('/')[0] ?? origin,
    head: undefined,
    scope: 'all',
    counts,
    continues: undefined,
    cosigners: [],
    findings,
  }
}
