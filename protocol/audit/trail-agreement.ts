/**
 * Holding the trail of an owner against that of a reader: what one side wrote down before it sent has to stand in its
 * trail whenever the other side's shows that it came. Never the other way round: messages get lost and are on their way,
 * so what was sent and has not come accuses nobody. DESIGN §6, spec 06 §11.
 */
import { equal, printHex } from '../bytes.ts'
import { accessId } from '../access/signed.ts'
import type { OwnerStep, ReaderStep, TrailEntry } from '../access/trail.ts'
import { CLOCK_SKEW_SECONDS } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import type { TrailFile } from './trail-file.ts'
import type { TrailFinding, TrailFindingCode } from './trail-finding.ts'
import { isWordOf, type KeyOf } from './trail-party.ts'
import { hiddenShares } from './trail-shares.ts'
import { byRequest, domainOf, signedIn, statedIn } from './trail-steps.ts'

const DAY_SECONDS = 86_400

export type Agreement = {
  readonly findings: readonly TrailFinding[]
  /** Requests of this reader to this owner that stand in one of the trails. */
  readonly requests: number
  /** Of these: something in one trail is newer than the other trail, so that it could not be held against it. */
  readonly newer: number
  /** Of these: one side pruned them, as its retention lets it. */
  readonly pruned: number
  /** Revocations of which the reader's trail had not heard. */
  readonly unheard: number
}

type Side = { readonly file: TrailFile; readonly madeAt: number; readonly entries: readonly TrailEntry[] }

export function compareTrails(
  primitives: Primitives,
  owner: TrailFile,
  reader: TrailFile,
  keyOf: KeyOf,
): Agreement {
  const [owned, read] = [byRequest(owner), byRequest(reader)]
  const keys = new Set([...read.values()].flatMap((entries) => keyIdOf(entries) ?? []))
  const found: Found = { findings: [], requests: 0, newer: 0, pruned: 0, unheard: 0 }
  const [ownerAt, readerAt] = [madeAt(owner), madeAt(reader)]
  for (const request of new Set([...owned.keys(), ...read.keys()])) {
    const ours = (owned.get(request) ?? []).filter(({ side }) => side === 'owner')
    const theirs = (read.get(request) ?? []).filter(({ side }) => side === 'reader')
    if (!isBetween(owner, reader, { ours, theirs, keys })) continue
    const sides = {
      ours: { file: owner, madeAt: ownerAt, entries: ours },
      theirs: { file: reader, madeAt: readerAt, entries: theirs },
    }
    compareRequest({ primitives, keyOf }, request, sides, found)
  }
  found.findings.push(...hiddenShares(primitives, owner, reader, keyOf))
  return found
}

type Found = { -readonly [K in keyof Agreement]: Agreement[K] } & { readonly findings: TrailFinding[] }

/** A trail was not made before its last entry, whatever it says. */
function madeAt({ at, lines }: TrailFile): number {
  return lines.reduce((last, line) => (line.kind === 'entry' ? Math.max(last, line.entry.at) : last), at)
}

/** Whether it is a request of this reader to this owner. */
function isBetween(
  owner: TrailFile,
  reader: TrailFile,
  at: {
    readonly ours: readonly TrailEntry[]
    readonly theirs: readonly TrailEntry[]
    readonly keys: ReadonlySet<string>
  },
): boolean {
  const asked = statedIn(at.theirs, 'requested', 'request')?.statement.owner
  const granted = statedIn(at.theirs, 'received', 'grant')?.statement.owner
  const of = asked ?? granted
  if (of !== undefined) return domainOf(of) === domainOf(owner.origin)
  const decided = statedIn(at.ours, 'decided', 'request')
  if (decided === undefined) return at.ours.length > 0 && at.theirs.length > 0
  const { from } = decided.statement
  // Somebody without a log is known by the key of its other requests.
  return from === null ? at.keys.has(printHex(decided.keyId)) : domainOf(from) === domainOf(reader.origin)
}

function keyIdOf(entries: readonly TrailEntry[]): string | undefined {
  const asked = statedIn(entries, 'requested', 'request')
  return asked && printHex(asked.keyId)
}

/** What a step on one side shows that the other side had written down before. */
type Demand = {
  readonly code: TrailFindingCode
  readonly because: TrailEntry
  readonly of: 'ours' | 'theirs'
  readonly isMet: boolean
  /** Whether nothing but the other side's entry says so, which it can have invented; else a statement that this side signed. */
  readonly isWord: boolean
}

type Words = { readonly isWord: boolean }
const SIGNED: Words = { isWord: false }
const WORD: Words = { isWord: true }

function compareRequest(
  { primitives, keyOf }: { readonly primitives: Primitives; readonly keyOf: KeyOf },
  request: string,
  sides: { readonly ours: Side; readonly theirs: Side },
  found: Found,
): void {
  const [ours, theirs] = [sides.ours.entries, sides.theirs.entries]
  found.requests += 1
  const open = [...demandsOfReader(ours, theirs), ...demandsOfOwner(ours, theirs)].filter(
    ({ isMet }) => !isMet,
  )
  const missing = open
    .map((one) => {
      const isProven = isWordOf(primitives, one.because.statement, sides[one.of].file.origin, keyOf)
      return { one, isWord: one.isWord || !isProven, excuse: excuseFor(primitives, one, sides) }
    })
    .toSorted((a, b) => Number(a.isWord) - Number(b.isWord))
  if (missing.some(({ excuse }) => excuse === 'newer')) found.newer += 1
  if (missing.some(({ excuse }) => excuse === 'pruned')) found.pruned += 1
  const told = new Set<string>()
  for (const { one, isWord, excuse } of missing) {
    const { origin } = sides[one.of].file
    if (excuse !== undefined || told.has(`${one.code} ${origin}`)) continue
    told.add(`${one.code} ${origin}`)
    found.findings.push({ code: one.code, origin, request, ...(isWord ? { isWord } : {}) })
  }
  const isRevoked = has(ours, 'revoked')
  if (isRevoked && has(theirs, 'received') && !theirs.some(isHeard('revocation'))) found.unheard += 1
}

/** What came to the reader, and the owner therefore has. */
function demandsOfReader(ours: readonly TrailEntry[], theirs: readonly TrailEntry[]): readonly Demand[] {
  const demand = (
    code: TrailFindingCode,
    { isWord }: Words,
    because: TrailEntry,
    isMet: boolean,
  ): Demand => ({
    code,
    because,
    of: 'ours',
    isMet,
    isWord,
  })
  const receipt = theirs.find(({ step }) => step === 'received')?.facts['receipt']
  const released = ours.some(
    ({ step, statement }) =>
      step === 'receipted' && (!(receipt instanceof Uint8Array) || same(statement, receipt)),
  )
  return theirs.flatMap((entry): readonly Demand[] => {
    const { step, statement, facts } = entry
    switch (step) {
      case 'received':
        return [demand('trail-grant-hidden', SIGNED, entry, holds(ours, 'offered', statement))]
      case 'opened':
        return [demand('trail-release-hidden', WORD, entry, released)]
      case 'fetched':
        // Files without a byte come without a block.
        return facts['bytes'] === 0
          ? []
          : [demand('trail-files-hidden', WORD, entry, isOfFile(ours, 'sent', facts['root']))]
      case 'heard':
        // What was opened and found to be something else came after a receipt, too.
        if ('fault' in facts) return [demand('trail-release-hidden', WORD, entry, released)]
        if (isHeard('denial')(entry))
          return [demand('trail-denial-hidden', SIGNED, entry, holds(ours, 'denied', statement))]
        return isHeard('revocation')(entry)
          ? [demand('trail-revocation-hidden', SIGNED, entry, holds(ours, 'revoked', statement))]
          : []
      default:
        return []
    }
  })
}

/** What came to the owner, and the reader therefore has. */
function demandsOfOwner(ours: readonly TrailEntry[], theirs: readonly TrailEntry[]): readonly Demand[] {
  const demand = (
    code: TrailFindingCode,
    { isWord }: Words,
    because: TrailEntry,
    isMet: boolean,
  ): Demand => ({
    code,
    because,
    of: 'theirs',
    isMet,
    isWord,
  })
  const acks = theirs.filter(
    ({ step, statement }) => step === 'answered' && signedIn(statement)?.statement.kind === 'ack',
  )
  return ours.flatMap((entry): readonly Demand[] => {
    const { step, statement, facts } = entry
    switch (step) {
      case 'decided':
        return [demand('trail-request-hidden', SIGNED, entry, holds(theirs, 'requested', statement))]
      case 'receipted': {
        const isMet = theirs.some((one) => one.step === 'received' && same(statement, one.facts['receipt']))
        return [demand('trail-receipt-hidden', SIGNED, entry, isMet)]
      }
      case 'confirmed':
        return [
          demand(
            'trail-confirmation',
            WORD,
            entry,
            'root' in facts ? isOfFile(theirs, 'fetched', facts['root']) : has(theirs, 'opened'),
          ),
        ]
      case 'sent':
        return [demand('trail-files-hidden', WORD, entry, has(theirs, 'opened'))]
      case 'appealed':
        return [demand('trail-answer-hidden', SIGNED, entry, holds(theirs, 'answered', statement))]
      case 'acknowledged': {
        // Acknowledgements of one grant come in their order: with one the owner has those before it.
        const at = acks.findIndex((ack) => same(statement, ack.statement))
        const before = acks.slice(0, Math.max(0, at))
        return [
          demand('trail-answer-hidden', SIGNED, entry, at >= 0),
          ...before.map((ack): Demand => ({
            code: 'trail-answer-hidden',
            because: ack,
            of: 'ours',
            ...WORD,
            isMet: holds(ours, 'acknowledged', ack.statement),
          })),
        ]
      }
      default:
        return []
    }
  })
}

/** Why a side may lack what is demanded of it: its trail is older, or it deleted all about the request when it might. */
function excuseFor(
  primitives: Primitives,
  { because, of }: Demand,
  sides: { readonly ours: Side; readonly theirs: Side },
): 'newer' | 'pruned' | undefined {
  const { file, madeAt: at, entries } = sides[of]
  if (because.at + CLOCK_SKEW_SECONDS > at) return 'newer'
  if (entries.length > 0 || !file.lines.some(({ kind }) => kind === 'pruned')) return undefined
  const other = sides[of === 'ours' ? 'theirs' : 'ours'].entries
  const kept = because.at + file.retention * DAY_SECONDS
  return Math.max(kept, inForceUntil(primitives, other)) <= at + CLOCK_SKEW_SECONDS ? 'pruned' : undefined
}

/** When the request and what was granted on it are over, as far as one side's entries tell. */
function inForceUntil(primitives: Primitives, entries: readonly TrailEntry[]): number {
  const request = statedIn(entries, 'requested', 'request') ?? statedIn(entries, 'decided', 'request')
  const grant = statedIn(entries, 'received', 'grant') ?? statedIn(entries, 'offered', 'grant')
  const end = grant && entries.find((entry) => endsGrant(entry, accessId(primitives, grant)))
  return Math.max(request?.statement.expires ?? 0, end?.at ?? grant?.statement.until ?? 0)
}

function endsGrant({ statement }: TrailEntry, grant: Uint8Array): boolean {
  const said = signedIn(statement)?.statement
  return said?.kind === 'revocation' && equal(said.grant, grant)
}

function isHeard(kind: 'denial' | 'revocation') {
  return ({ step, statement }: TrailEntry) => step === 'heard' && signedIn(statement)?.statement.kind === kind
}

function has(entries: readonly TrailEntry[], step: OwnerStep | ReaderStep): boolean {
  return entries.some((one) => one.step === step)
}

/** Whether such a step is about the file with this root. */
function isOfFile(entries: readonly TrailEntry[], step: OwnerStep | ReaderStep, root: unknown): boolean {
  return entries.some(
    (one) => one.step === step && root instanceof Uint8Array && same(root, one.facts['root']),
  )
}

/** Whether such a step has exactly this statement. */
function holds(
  entries: readonly TrailEntry[],
  step: OwnerStep | ReaderStep,
  statement: Uint8Array | null,
): boolean {
  return entries.some((one) => one.step === step && same(one.statement, statement))
}

function same(a: Uint8Array | null, b: unknown): boolean {
  return a !== null && b instanceof Uint8Array && equal(a, b)
}
