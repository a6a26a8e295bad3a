/**
 * What two honest nodes write down about a disclosure, with every message late, lost or repeated as chance has it, and
 * clocks that are a little off: the trails of both at any moment, and the log of one with its batches. Nothing is signed.
 */
import { accessId, prepareAccess, sealAccess, type AccessStatement } from '../../protocol/access/signed.ts'
import { parseAccess } from '../../protocol/access/signed.ts'
import {
  printTrailEntry,
  type OwnerStep,
  type ReaderStep,
  type TrailEntry,
} from '../../protocol/access/trail.ts'
import { branded } from '../../protocol/brand.ts'
import { printBase32 } from '../../protocol/bytes.ts'
import type { TrailFile, TrailLeaf, TrailLine } from '../../protocol/audit/trail-file.ts'
import type { MemberLog } from '../../protocol/audit/trail-log.ts'
import { statementsIn } from '../../protocol/audit/trail-steps.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import { flatten, makeItemTree } from '../../protocol/codec/items.ts'
import { commit } from '../../protocol/codec/part.ts'
import type { Entry } from '../../protocol/codec/statement.ts'
import type { KeyId } from '../../protocol/identity/key.ts'
import { appendLeaves, edgeRoot, EMPTY_EDGE, leafHash } from '../../protocol/log/merkle.ts'
import { portable } from '../../protocol/primitives.ts'
import { withCount } from '../../protocol/redaction/count.ts'
import { DAY, NOW, REQUEST, TERMS } from './access-facts.ts'
import { counting, NETWORK_ID, ORIGIN, OTHER_ORIGIN } from './statements.ts'

export type Side = 'owner' | 'reader'
/** Of nobody. */
const KEY_ID = branded<KeyId>(counting(32, 0x60))

type Happened = { readonly at: number; readonly entry: TrailEntry }

/** Stated without a signature: only who it is about and what it says is looked at. */
export function unsigned(statement: AccessStatement, keyId = KEY_ID) {
  const bytes = sealAccess(prepareAccess(statement, keyId), new Uint8Array(64))
  const read = parseAccess(bytes)
  if (!read.ok) throw new Error(`bug: ${read.fault}`)
  return { bytes, id: accessId(portable, read.value) }
}

/** Everything about one request, in real time. `random` answers numbers from 0 to 1. */
export function honestExchange(random: () => number, start = NOW): readonly Happened[] {
  const happened: Happened[] = []
  let now = start
  const later = (most: number) => (now += Math.ceil(random() * most))
  const nonce = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256))
  const request = unsigned({
    ...REQUEST,
    at: start,
    nonce,
    expires: start + 20 * DAY,
    until: start + 25 * DAY,
  })
  const write = (
    side: Side,
    step: OwnerStep | ReaderStep,
    statement: Uint8Array | null = null,
    facts: TrailEntry['facts'] = {},
  ) => happened.push({ at: now, entry: { side, step, at: now, request: request.id, statement, facts } })
  const isLost = () => later(random() < 0.3 ? 2 * DAY : 20) > 0 && random() < 0.12
  const answer = { network: NETWORK_ID, owner: ORIGIN, to: counting(32, 0x60) } as const
  const from = { network: NETWORK_ID, from: OTHER_ORIGIN } as const

  write('reader', 'requested', request.bytes)
  if (isLost()) return happened
  write('owner', 'decided', request.bytes)
  if (random() < 0.4) {
    if (isLost()) return happened
    write('owner', 'ruled')
  }
  if (random() < 0.25) {
    const denial = unsigned({
      kind: 'denial',
      ...answer,
      at: now,
      request: request.id,
      reason: 'no_rule',
      note: null,
    })
    write('owner', 'denied', denial.bytes)
    if (isLost()) return happened
    write('reader', 'heard', denial.bytes)
    if (random() < 0.5) return happened
    const appeal = unsigned({ kind: 'appeal', ...from, at: now, denial: denial.id, reason: 'Why?' })
    write('reader', 'answered', appeal.bytes)
    if (!isLost()) write('owner', 'appealed', appeal.bytes)
    return happened
  }
  const grant = unsigned({
    kind: 'grant',
    ...answer,
    at: now,
    request: request.id,
    on: REQUEST.on,
    tier: 'partner',
    commitment: counting(32, 0x23),
    leaves: { count: 19, digest: counting(32, 0x24) },
    until: now + 15 * DAY,
    terms: TERMS,
  })
  write('owner', 'offered', grant.bytes)
  const revocation = unsigned({
    kind: 'revocation',
    ...answer,
    at: now,
    grant: grant.id,
    reason: 'leak',
    note: null,
  })
  const heardOf = () => {
    if (isLost()) return
    write('reader', 'heard', revocation.bytes)
    if (happened.every(({ entry }) => entry.step !== 'received')) return
    acknowledge({ revocation: revocation.id }, 'erased')
  }
  const acknowledge = (
    of: Extract<AccessStatement, { kind: 'ack' }>['of'],
    state: 'marked' | 'erased',
  ): boolean => {
    const ack = unsigned({ kind: 'ack', ...from, at: now, grant: grant.id, of, state })
    write('reader', 'answered', ack.bytes)
    if (isLost()) return false
    if (happened.some(({ entry }) => entry.step === 'receipted')) write('owner', 'acknowledged', ack.bytes)
    return true
  }
  const isRevoked = (share: number) => {
    if (random() > share) return false
    later(DAY)
    write('owner', 'revoked', revocation.bytes)
    return true
  }
  if (isRevoked(0.1)) {
    heardOf()
    return happened
  }
  if (isLost()) return happened
  const receipt = unsigned({
    kind: 'receipt',
    ...from,
    at: now,
    request: request.id,
    grant: grant.id,
    ciphertext: counting(32, 0x26),
    keyCommitment: counting(32, 0x27),
  })
  write('reader', 'received', grant.bytes, { receipt: receipt.bytes })
  if (isRevoked(0.1)) {
    heardOf()
    return happened
  }
  if (isLost()) return happened
  write('owner', 'receipted', receipt.bytes)
  if (isLost()) return happened
  if (random() < 0.1) {
    write('reader', 'heard', null, { fault: 'release-leaves' })
    return happened
  }
  write('reader', 'opened')
  if (!isLost()) write('owner', 'confirmed')
  if (random() < 0.4) {
    const root = counting(32, 0x28)
    for (let from = 0; from < 3 && !isLost(); from++) write('owner', 'sent', null, { root, from, count: 1 })
    if (!isLost() && happened.some(({ entry }) => entry.step === 'sent')) {
      write('reader', 'fetched', null, { root, bytes: 3 })
      if (!isLost()) write('owner', 'confirmed', null, { root })
    }
  }
  // A retraction, a correction: each acknowledged after the one before it arrived.
  for (let index = 0; index < 3 && random() < 0.4; index++)
    if (!acknowledge({ entry: { ...REQUEST.on, index: 10 + index } }, 'marked')) return happened
  if (random() < 0.15) {
    write('owner', 'erased')
    acknowledge({ entry: { ...REQUEST.on, index: 20 } }, 'erased')
  } else if (isRevoked(0.3)) heardOf()
  else {
    now = Math.max(now, start + 16 * DAY)
    write('reader', 'heard', null, { ended: now })
  }
  return happened
}

/** The log of a member: which leaf was logged when, and what it holds. */
export type LoggedLeaf = {
  readonly at: number
  readonly entry: Entry
  readonly holds: { readonly kind: 'head'; readonly size: number; readonly root: Uint8Array } | Uint8Array
  /** The same at another place of the log. */
  readonly again: (index: number) => LoggedLeaf
}

export function trailOf(side: Side, happened: readonly Happened[], skew = 0): readonly Happened[] {
  return happened
    .filter(({ entry }) => entry.side === side)
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, entry }) => ({ at, entry: { ...entry, at: at + skew } }))
}

/** The file of a trail as it was at a moment, without anything of a log. */
export function fileAt(origin: string, trail: readonly Happened[], at: number, skew = 0): TrailFile {
  const lines = trail.filter((one) => one.at <= at).map(({ entry }) => lineOf(entry))
  return { origin, ...headOf(lines), at: at + skew, retention: 1_826, logs: [], leaves: [], lines }
}

export function lineOf(entry: TrailEntry): Extract<TrailLine, { kind: 'entry' }> {
  return { kind: 'entry', bytes: printTrailEntry(entry), entry }
}

/** Size and root over these lines. */
export function headOf(lines: readonly TrailLine[]): { readonly size: number; readonly root: Uint8Array } {
  const leaves = lines.map((line) => (line.kind === 'entry' ? leafHash(portable, line.bytes) : line.leaf))
  return { size: lines.length, root: edgeRoot(portable, appendLeaves(portable, EMPTY_EDGE, leaves)) }
}

/** What an honest node logs of its trail at these moments: all that waits, and the head where it is due. */
export function logAt(
  origin: string,
  trail: readonly Happened[],
  batches: readonly number[],
): readonly LoggedLeaf[] {
  const leaves: LoggedLeaf[] = []
  let [done, headAt, headSize] = [0, 0, 0]
  for (const at of batches) {
    const lines = trail.filter((one) => one.at <= at).map(({ entry }) => lineOf(entry))
    for (const { entry } of lines.slice(done))
      for (const access of statementsIn(entry))
        if (isOwn(origin, access)) leaves.push(leafOf(origin, at, leaves.length, access))
    done = lines.length
    if (lines.length === headSize || at - headAt < DAY) continue
    const head = headOf(lines)
    leaves.push(leafOf(origin, at, leaves.length, { kind: 'head', ...head }))
    headAt = at
    headSize = head.size
  }
  return leaves
}

/** The same file with what opens the leaves that were logged until then. */
export function openedAt(file: TrailFile, leaves: readonly LoggedLeaf[], at: number): TrailFile {
  const below = leaves.filter((leaf) => leaf.at <= at)
  const opened = below.map(({ holds }, index): TrailLeaf => {
    const place = { origin: file.origin, index, ...secretsOf(index) }
    if (!(holds instanceof Uint8Array)) return { ...place, ...holds }
    const entry = file.lines.findIndex(
      (line) =>
        line.kind === 'entry' && statementsIn(line.entry).some((bytes) => Buffer.from(bytes).equals(holds)),
    )
    return { ...place, kind: 'statement', entry }
  })
  const log = { origin: file.origin, size: below.length, root: counting(32, below.length) }
  return { ...file, logs: [log], leaves: opened }
}

/** That log as an auditor holds it, for this file. */
export function heldBy(file: TrailFile, leaves: readonly LoggedLeaf[]): MemberLog {
  const named = file.logs[0]?.size ?? 0
  return {
    origin: file.origin,
    size: leaves.length,
    root: named <= leaves.length ? counting(32, named) : undefined,
    access: new Map(leaves.map(({ entry }, index) => [index, entry])),
  }
}

function isOwn(origin: string, access: Uint8Array): boolean {
  const read = parseAccess(access)
  if (!read.ok) return false
  const { statement } = read.value
  return (
    (statement.kind !== 'request' && 'owner' in statement
      ? statement.owner
      : 'from' in statement && statement.from) === origin
  )
}

const secretsOf = (index: number) => ({ opening: counting(32, index), secret: counting(32, index + 128) })

function leafOf(origin: string, at: number, index: number, holds: LoggedLeaf['holds']): LoggedLeaf {
  const document: Readonly<Record<string, Value>> =
    holds instanceof Uint8Array ? { v: 1, access: holds } : { v: 1, trail: [holds.size, holds.root] }
  const { opening, secret } = secretsOf(index)
  const record = counting(16, index)
  const { content } = makeItemTree(portable, secret, flatten(withCount(document)))
  const research = commit(
    portable,
    opening,
    { issuer: origin, record, version: 1, tier: 'research' },
    content,
  )
  const hour = at - (at % 3_600)
  const entry: Entry = {
    bytes: new Uint8Array(0),
    header: {
      algorithm: -8,
      keyId: KEY_ID,
      issuer: origin,
      subject: printBase32(record),
      issuedAt: hour,
    },
    statement: {
      kind: 'access',
      record,
      version: 1,
      on: null,
      parts: [counting(32, 1), counting(32, 2), research],
    },
    toBeSigned: new Uint8Array(0),
    signature: new Uint8Array(64),
  }
  return { at, entry, holds, again: (to) => leafOf(origin, at, to, holds) }
}

/** An exchange in which these steps happened, found by trying. */
export function exchangeWith(...steps: readonly TrailEntry['step'][]) {
  for (let seed = 1; seed < 5_000; seed++) {
    const happened = honestExchange(randomOf(seed))
    if (steps.every((step) => happened.some(({ entry }) => entry.step === step))) return happened
  }
  throw new Error(`bug: no exchange has ${steps.join()}`)
}

export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 0x7fff_ffff
    return state / 0x7fff_ffff
  }
}
