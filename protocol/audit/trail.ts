/**
 * Judging one audit trail: whether it is whole, says in order what its statements bear out, and has everything in it
 * that its member's logs hold. Pure; who may see a trail is not asked here. DESIGN §6, spec 06 §11.
 */
import { equal, printHex } from '../bytes.ts'
import { accessId, isSigned, type AccessStatement, type Signed } from '../access/signed.ts'
import type { TrailEntry, TrailStep } from '../access/trail.ts'
import { appendLeaf, edgeRoot, EMPTY_EDGE, leafHash } from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'
import type { TrailFile } from './trail-file.ts'
import type { TrailFinding, TrailFindingCode } from './trail-finding.ts'
import { compareWithLogs, type LogComparison, type MemberLog } from './trail-log.ts'
import { isSignedAsSaid, type KeyOf } from './trail-party.ts'
import { byRequest, signedIn, statedIn, statementsIn } from './trail-steps.ts'

export type TrailSources = {
  /** The logs of the trail's member, of all its epochs, where they are held and checked; none for somebody without a log. */
  readonly logs: readonly MemberLog[]
  readonly keyOf: KeyOf
}

export type TrailJudgement = {
  readonly findings: readonly TrailFinding[]
  readonly signatures: {
    readonly verified: number
    /** Key ids nobody knows, in hexadecimal, and how many signatures of each were therefore not checked. */
    readonly unchecked: ReadonlyMap<string, number>
  }
  /** Entries of which only the leaf hash is left. */
  readonly pruned: number
  readonly logs: LogComparison
}

/** What is wrong with one trail by itself, and what could not be looked at. */
export function judgeTrail(
  primitives: Primitives,
  file: TrailFile,
  { logs, keyOf }: TrailSources,
): TrailJudgement {
  const { origin } = file
  const findings: TrailFinding[] = []
  const rootAt = rootsOf(primitives, file)
  if (!equal(rootAt(file.size) ?? new Uint8Array(0), file.root))
    findings.push({ code: 'trail-head', origin, request: null })
  const compared = compareWithLogs(primitives, file, logs, rootAt)
  for (const code of compared.codes) findings.push({ code, origin, request: null })
  const unchecked = new Map<string, number>()
  let verified = 0
  for (const [request, entries] of byRequest(file)) {
    const about = (code: TrailFindingCode) => findings.push({ code, origin, request })
    if (!isInOrder(entries)) about('trail-order')
    if (!entries.every((entry) => isBorneOut(primitives, entry, entries))) about('trail-statement')
    const signed = entries.flatMap(statementsIn).flatMap((bytes) => signedIn(bytes) ?? [])
    let isForged = false
    for (const one of signed) {
      const known = keyOf(printHex(one.keyId))
      if (known === undefined)
        unchecked.set(printHex(one.keyId), 1 + (unchecked.get(printHex(one.keyId)) ?? 0))
      else if (isSignedAsSaid(primitives, one, known)) verified += 1
      else isForged = true
    }
    if (isForged) about('trail-signature')
  }
  const pruned = file.lines.filter(({ kind }) => kind === 'pruned').length
  return { findings, signatures: { verified, unchecked }, pruned, logs: compared }
}

/** The root over the first so many lines of the file. */
function rootsOf(primitives: Primitives, { lines }: TrailFile): (size: number) => Uint8Array | undefined {
  let edge = EMPTY_EDGE
  const roots = [edgeRoot(primitives, edge)]
  for (const line of lines) {
    edge = appendLeaf(primitives, edge, line.kind === 'entry' ? leafHash(primitives, line.bytes) : line.leaf)
    roots.push(edgeRoot(primitives, edge))
  }
  return (size) => roots[size]
}

/** What each step needs before it: one of these. */
const NEEDS: Readonly<Partial<Record<TrailStep, readonly TrailStep[]>>> = {
  ruled: ['decided'],
  denied: ['decided', 'ruled'],
  offered: ['decided', 'ruled'],
  receipted: ['offered'],
  confirmed: ['receipted'],
  sent: ['receipted'],
  revoked: ['offered'],
  acknowledged: ['receipted'],
  appealed: ['denied'],
  erased: ['decided'],
  heard: ['requested'],
  received: ['requested'],
  opened: ['received'],
  fetched: ['opened'],
  answered: ['received', 'heard'],
  vouched: ['deposited'],
  called: ['kept'],
  released: ['kept'],
  shared: ['released'],
  recalled: ['released'],
  gathered: ['recalled'],
  recovered: ['recalled'],
  forgotten: ['deposited', 'kept'],
}

/** Steps that a disclosure has at most one of. */
const ONCE: ReadonlySet<TrailStep> = new Set([
  'decided',
  'ruled',
  'denied',
  'offered',
  'receipted',
  'confirmed',
  'revoked',
  'appealed',
  'requested',
  'received',
  'opened',
  'deposited',
  'kept',
  'recovered',
  'forgotten',
])

function isInOrder(entries: readonly TrailEntry[]): boolean {
  const steps = entries.map(({ step }) => step)
  // A request is answered once: with a grant or with a denial.
  if (steps.includes('denied') && steps.includes('offered')) return false
  return entries.every((entry, at) => {
    const { side, step } = entry
    const before = entries.slice(0, at)
    if (ONCE.has(step) && before.some((one) => isSameStep(one, entry))) return false
    const file = fileConfirmed(entry)
    if (file !== undefined) return before.some((one) => one.step === 'sent' && isOf(one, file))
    const needed = NEEDS[step]
    return needed === undefined || before.some((one) => one.side === side && needed.includes(one.step))
  })
}

/** A reader confirms the part once, and each file of it once. */
function isSameStep(one: TrailEntry, other: TrailEntry): boolean {
  const file = fileConfirmed(other)
  if (one.step !== other.step) return false
  return file === undefined ? fileConfirmed(one) === undefined : isOf(one, file)
}

/** The root of the file that the reader says it holds; undefined where it confirms the part. */
function fileConfirmed({ step, facts }: TrailEntry): Uint8Array | undefined {
  const { root } = facts
  return step === 'confirmed' && root instanceof Uint8Array ? root : undefined
}

function isOf({ facts: { root } }: TrailEntry, file: Uint8Array): boolean {
  return root instanceof Uint8Array && equal(root, file)
}

const KINDS: Readonly<Partial<Record<TrailStep, readonly AccessStatement['kind'][]>>> = {
  decided: ['request'],
  denied: ['denial'],
  offered: ['grant'],
  receipted: ['receipt'],
  revoked: ['revocation'],
  acknowledged: ['ack'],
  appealed: ['appeal'],
  requested: ['request'],
  heard: ['denial', 'revocation'],
  received: ['grant'],
  answered: ['ack', 'appeal'],
  deposited: ['escrow'],
  vouched: ['escrow-ack'],
  kept: ['escrow'],
  called: ['escrow-recall'],
  shared: ['escrow-release'],
  recalled: ['escrow-recall'],
  gathered: ['escrow-release'],
}

/** Whether the statements of a step are of its kind and about its request, and about its grant or denial. */
function isBorneOut(primitives: Primitives, entry: TrailEntry, all: readonly TrailEntry[]): boolean {
  const { step, statement, facts } = entry
  if (step === 'received') {
    // The receipt that was signed for this grant stands beside it.
    const receipt = facts['receipt'] instanceof Uint8Array ? signedIn(facts['receipt']) : undefined
    if (receipt?.statement.kind !== 'receipt' || !isAbout(primitives, receipt, entry, all)) return false
  }
  const kinds = KINDS[step]
  if (statement === null) return kinds === undefined || step === 'heard'
  const signed = signedIn(statement)
  if (signed === undefined || kinds?.includes(signed.statement.kind) !== true) return false
  return isAbout(primitives, signed, entry, all)
}

function isAbout(
  primitives: Primitives,
  signed: Signed,
  { request, side }: TrailEntry,
  all: readonly TrailEntry[],
): boolean {
  const { statement } = signed
  if (statement.kind === 'request' || statement.kind === 'escrow')
    return equal(accessId(primitives, signed), request)
  if ('escrow' in statement) return equal(statement.escrow, request)
  if ('request' in statement && !equal(statement.request, request)) return false
  const own = all.filter((one) => one.side === side)
  const grant = statedIn(own, side === 'owner' ? 'offered' : 'received', 'grant')
  if ('grant' in statement && grant !== undefined && !equal(statement.grant, accessId(primitives, grant)))
    return false
  const denial = statedIn(own, side === 'owner' ? 'denied' : 'heard', 'denial')
  return (
    !isSigned(signed, 'appeal') ||
    denial === undefined ||
    equal(signed.statement.denial, accessId(primitives, denial))
  )
}
