/**
 * An audit trail held against the logs of its member: every leaf of kind `access` has to open to a head of the trail or
 * to a statement in it, every statement and every day's head has to be in the log in time, and what is pruned has to be
 * old enough. So no disclosure can be cut out of a trail whose log somebody else holds. Spec 06 §11.
 */
import type { AccessStatement } from '../access/signed.ts'
import { unreachable } from '../assert.ts'
import { equal, printHex } from '../bytes.ts'
import { isCommitted } from '../codec/disclosure.ts'
import type { Value } from '../codec/cbor.ts'
import { flatten, makeItemTree } from '../codec/items.ts'
import type { Entry } from '../codec/statement.ts'
import { TRAIL_HEAD_SECONDS, TRAIL_LATE_SECONDS, TRAIL_STAMP_SECONDS } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { withCount } from '../redaction/count.ts'
import type { LoggedHead, TrailFile, TrailLeaf } from './trail-file.ts'
import type { TrailFindingCode } from './trail-finding.ts'
import { domainOf, signedIn, statementsIn } from './trail-steps.ts'

const DAY_SECONDS = 86_400

/** One log of a member as whoever judges holds it. */
export type MemberLog = {
  readonly origin: string
  /** Entries that are held. */
  readonly size: number
  /** Root over as many of them as the trail names; undefined where fewer are held. */
  readonly root: Uint8Array | undefined
  /** Its entries of kind `access`, by index. */
  readonly access: ReadonlyMap<number, Entry>
}

export type LogComparison = {
  readonly codes: readonly TrailFindingCode[]
  /** Leaves of kind `access` below the heads that the trail names, and how many of them hold a statement of it, a head, or what is pruned. */
  readonly leaves: number
  readonly statements: number
  readonly heads: number
  readonly forgotten: number
  /** Leaves that were logged after the trail was made, and statements of it that still waited to be logged. */
  readonly newer: number
  readonly waiting: number
  /** Leaves that the trail opens and that lie beyond what is held of the log: not looked at. */
  readonly notHeld: number
  /** The longest that a step stood in the trail before a head over it was logged, in seconds; null where none was. */
  readonly longest: number | null
}

type RootAt = (size: number) => Uint8Array | undefined

export function compareWithLogs(
  primitives: Primitives,
  file: TrailFile,
  logs: readonly MemberLog[],
  rootAt: RootAt,
): LogComparison {
  const found: Found = { codes: new Set(), heads: [], logged: new Set(), dates: [], ...NONE }
  for (const log of logs) lookAtLog(primitives, file, log, found)
  const { codes, heads, logged, dates, ...counts } = found
  for (const leaf of file.leaves) {
    // Logs of others hold nothing of this trail, whatever is said to lie there.
    if (domainOf(leaf.origin) !== domainOf(file.origin)) codes.add('trail-leaf')
    if (leaf.kind === 'head' && !equal(rootAt(leaf.size) ?? NOTHING, leaf.root)) codes.add('trail-rewritten')
  }
  const waiting = logs.length === 0 ? [] : unlogged(file, logged)
  if (waiting.some(({ at }) => at + TRAIL_LATE_SECONDS < file.at)) codes.add('trail-unlogged')
  if (logs.length > 0 && isLate(file, heads, dates)) codes.add('trail-head-late')
  if (logs.length > 0 && !isPruningExplained(file, heads)) codes.add('trail-pruned')
  return {
    ...counts,
    codes: [...codes],
    statements: logged.size,
    heads: heads.length,
    waiting: waiting.length,
    longest: longestOf(file, heads),
  }
}

/** What is found while the leaves of all logs are looked at. */
type Found = {
  readonly codes: Set<TrailFindingCode>
  readonly heads: Dated[]
  /** Statements that a leaf holds, in hexadecimal. */
  readonly logged: Set<string>
  /** Hours in which leaves of kind `access` were logged. */
  readonly dates: number[]
  leaves: number
  newer: number
  notHeld: number
  forgotten: number
}

const NONE = { leaves: 0, newer: 0, notHeld: 0, forgotten: 0 }
const NOTHING = new Uint8Array(0)

function lookAtLog(primitives: Primitives, file: TrailFile, log: MemberLog, found: Found): void {
  const { codes } = found
  const named = file.logs.find(({ origin }) => origin === log.origin)
  if (named !== undefined && log.root !== undefined && !equal(log.root, named.root)) codes.add('trail-log')
  const opened = new Map<number, TrailLeaf>()
  for (const leaf of file.leaves) if (leaf.origin === log.origin) opened.set(leaf.index, leaf)
  for (const index of opened.keys()) {
    if (index >= log.size) found.notHeld += 1
    else if (!log.access.has(index)) codes.add('trail-leaf')
  }
  for (const [index, entry] of log.access) {
    const { issuedAt } = entry.header
    if (index >= (named?.size ?? 0)) {
      // What was logged before the trail was made belongs below the head that it names.
      if (issuedAt + TRAIL_STAMP_SECONDS < file.at) codes.add('trail-leaf-withheld')
      found.newer += 1
      continue
    }
    found.leaves += 1
    found.dates.push(issuedAt)
    const leaf = opened.get(index)
    if (leaf === undefined) codes.add('trail-leaf-withheld')
    else lookAtLeaf(primitives, file, { entry, leaf }, found)
  }
}

function lookAtLeaf(
  primitives: Primitives,
  file: TrailFile,
  { entry, leaf }: { readonly entry: Entry; readonly leaf: TrailLeaf },
  found: Found,
): void {
  const { codes, heads, logged } = found
  const { issuedAt } = entry.header
  switch (leaf.kind) {
    case 'pruned':
      found.forgotten += 1
      if (!isOld(file, issuedAt)) codes.add('trail-pruned')
      break
    case 'head':
      if (isLogged(primitives, entry, leaf)) heads.push({ size: leaf.size, issuedAt })
      else codes.add('trail-leaf')
      break
    case 'statement': {
      const bytes = statementOf(primitives, file, entry, leaf)
      if (bytes === undefined) codes.add('trail-leaf')
      else logged.add(printHex(bytes))
      break
    }
    default:
      unreachable(leaf)
  }
}

/** A head of the trail in the log: entries below `size`, and the hour of the leaf that holds it. */
type Dated = { readonly size: number; readonly issuedAt: number }

/** Whether what happened then is older than the trail is kept. */
function isOld({ at, retention }: TrailFile, when: number): boolean {
  return when + retention * DAY_SECONDS <= at
}

/** Whether this entry of the log commits to the head, in its research part. */
function isLogged(
  primitives: Primitives,
  entry: Entry,
  { size, root, opening, secret }: LoggedHead,
): boolean {
  return holds(primitives, entry, { opening, secret }, { v: 1, trail: [size, root] })
}

/** The statement of the entry of the trail that this leaf of the log commits to. */
function statementOf(
  primitives: Primitives,
  { lines }: TrailFile,
  entry: Entry,
  leaf: Extract<TrailLeaf, { kind: 'statement' }>,
): Uint8Array | undefined {
  const line = lines[leaf.entry]
  if (line?.kind !== 'entry') return undefined
  return statementsIn(line.entry).find((access) => holds(primitives, entry, leaf, { v: 1, access }))
}

function holds(
  primitives: Primitives,
  entry: Entry,
  { opening, secret }: { readonly opening: Uint8Array; readonly secret: Uint8Array },
  document: { readonly [key: string]: Value },
): boolean {
  const { content } = makeItemTree(primitives, secret, flatten(withCount(document)))
  return isCommitted(primitives, entry, 'research', { opening, content })
}

/** A leaf for each of these, soon after a record, would tell everybody that the record has more. Spec 06 §15. */
const UNLOGGED: ReadonlySet<AccessStatement['kind']> = new Set(['escrow', 'escrow-ack'])

/** Statements of the trail that its member has to log and no leaf holds: its own, and those of parties without a log. */
function unlogged(file: TrailFile, logged: ReadonlySet<string>): readonly { readonly at: number }[] {
  const domain = domainOf(file.origin)
  return file.lines.flatMap((line) => {
    // What is older than the trail is kept may be half deleted.
    if (line.kind === 'pruned' || isOld(file, line.entry.at)) return []
    const { side, at } = line.entry
    return statementsIn(line.entry).flatMap((bytes) => {
      const statement = signedIn(bytes)?.statement
      if (statement === undefined || UNLOGGED.has(statement.kind) || logged.has(printHex(bytes))) return []
      const by = 'owner' in statement && statement.kind !== 'request' ? statement.owner : undefined
      const from = 'from' in statement ? statement.from : undefined
      const isOwn = [by, from].some((origin) => typeof origin === 'string' && domainOf(origin) === domain)
      return isOwn || (side === 'owner' && from === null) ? [{ at }] : []
    })
  })
}

/**
 * Whether the member had to log a head and did not: a step is older than the bound when the trail was made and no head
 * is over it, or leaves of kind `access` were logged a day after a step and no head over it with them. A node that was away
 * logs both when it is back, so its absence is no fault.
 */
function isLate(file: TrailFile, heads: readonly Dated[], dates: readonly number[]): boolean {
  const first = atOf(file, Math.max(0, ...heads.map(({ size }) => size)))
  if (first !== undefined && first + TRAIL_LATE_SECONDS < file.at) return true
  const sorted = heads.toSorted((a, b) => a.issuedAt - b.issuedAt)
  let [next, covered] = [0, 0]
  for (const date of dates.toSorted((a, b) => a - b)) {
    for (let head = sorted[next]; head !== undefined; head = sorted[++next]) {
      if (head.issuedAt > date + TRAIL_STAMP_SECONDS) break
      covered = Math.max(covered, head.size)
    }
    const at = atOf(file, covered)
    if (at !== undefined && at + TRAIL_HEAD_SECONDS + TRAIL_STAMP_SECONDS < date) return true
  }
  return false
}

/** When the first entry from this one on that was not pruned was written. */
function atOf({ lines }: TrailFile, from: number): number | undefined {
  for (let index = from; index < lines.length; index++) {
    const line = lines[index]
    if (line?.kind === 'entry') return line.entry.at
  }
  return undefined
}

/** What is below a head that was logged before the retention began was written before, too. */
function isPruningExplained(file: TrailFile, heads: readonly Dated[]): boolean {
  const old = heads.filter(({ issuedAt }) => isOld(file, issuedAt)).map(({ size }) => size)
  const last = file.lines.findLastIndex(({ kind }) => kind === 'pruned')
  return last < Math.max(0, ...old)
}

function longestOf(file: TrailFile, heads: readonly Dated[]): number | null {
  let longest: number | null = null
  let covered = 0
  for (const { size, issuedAt } of heads.toSorted((a, b) => a.size - b.size)) {
    const at = size > covered ? atOf(file, covered) : undefined
    if (at !== undefined) longest = Math.max(longest ?? 0, issuedAt - at)
    covered = Math.max(covered, size)
  }
  return longest
}
