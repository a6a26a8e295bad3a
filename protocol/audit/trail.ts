/**
 * Judging audit trails: whether one is whole and says in order what its statements bear out, and whether what two
 * parties say of the same disclosures agrees. Pure; who may see them is not asked here. DESIGN §6, spec 06 §11.
 */
import { equal, printHex } from '../bytes.ts'
import { accessId, isSigned, parseAccess, type Signed } from '../access/signed.ts'
import type { OwnerStep, ReaderStep, TrailEntry } from '../access/trail.ts'
import { isCommitted } from '../codec/disclosure.ts'
import { flatten, makeItemTree } from '../codec/items.ts'
import type { Entry } from '../codec/statement.ts'
import type { PublicKey } from '../identity/key.ts'
import { verifySignature } from '../identity/signature.ts'
import { appendLeaves, edgeRoot, EMPTY_EDGE, leafHash } from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'
import { withCount } from '../redaction/count.ts'
import type { LoggedHead, TrailFile } from './trail-file.ts'

export type TrailFindingCode =
  /** The entries do not lead to the head that the file states. */
  | 'trail-head'
  /** A head that was logged is not one of these entries: they were changed or taken away since. */
  | 'trail-rewritten'
  /** The leaf in the log does not hold the head that is said to be logged there. */
  | 'trail-leaf'
  /** A step stands before the one that it needs, or without it. */
  | 'trail-order'
  /** The statement of a step is not what the step says, or about another request. */
  | 'trail-statement'
  /** The signature of a statement does not verify under the key that it names. */
  | 'trail-signature'
  /** The reader holds a grant that its owner's trail does not have, or another than it has. */
  | 'trail-grant-hidden'
  /** The reader opened what its owner's trail says was never released. */
  | 'trail-release-hidden'
  /** The owner holds a receipt that the reader's trail does not have. */
  | 'trail-receipt-hidden'
  /** The owner's trail says that the reader confirmed; the reader's does not say that it opened anything. */
  | 'trail-confirmation'

export type TrailFinding = {
  readonly code: TrailFindingCode
  /** Whose trail it is about. */
  readonly origin: string
  /** Id of the request, in hexadecimal; null where it is about the whole. */
  readonly request: string | null
}

/** What the steps of an owner need before them. */
const NEEDS: Readonly<Partial<Record<OwnerStep | ReaderStep, readonly (OwnerStep | ReaderStep)[]>>> = {
  ruled: ['decided'],
  denied: ['decided', 'ruled'],
  offered: ['decided', 'ruled'],
  receipted: ['offered'],
  confirmed: ['receipted'],
  sent: ['receipted'],
  fetched: ['opened'],
  revoked: ['offered'],
  acknowledged: ['receipted'],
  appealed: ['denied'],
  heard: ['requested'],
  received: ['requested'],
  opened: ['received'],
  answered: ['received', 'heard'],
}

export type TrailSources = {
  /** The entry of a log, where it is held and checked. */
  readonly entryAt: (origin: string, index: number) => Entry | undefined
  /** The statement key with this id (in hexadecimal), where it is known; others are not checked. */
  readonly keyOf: (keyId: string) => PublicKey | undefined
}

/** What is wrong with one trail by itself. */
export function judgeTrail(
  primitives: Primitives,
  file: TrailFile,
  { entryAt, keyOf }: TrailSources,
): readonly TrailFinding[] {
  const { origin } = file
  const findings: TrailFinding[] = []
  const whole = (code: TrailFindingCode) => findings.push({ code, origin, request: null })
  const rootAt = rootsOf(primitives, file)
  if (!equal(rootAt(file.size) ?? new Uint8Array(0), file.root)) whole('trail-head')
  for (const head of file.logged) {
    if (!equal(rootAt(head.size) ?? new Uint8Array(0), head.root)) whole('trail-rewritten')
    const entry = entryAt(head.origin, head.index)
    if (entry === undefined || !isLogged(primitives, entry, head)) whole('trail-leaf')
  }
  for (const [request, entries] of byRequest(file)) {
    const about = (code: TrailFindingCode) => findings.push({ code, origin, request })
    if (!isInOrder(entries)) about('trail-order')
    if (!entries.every((entry) => isBorneOut(primitives, entry))) about('trail-statement')
    if (!entries.every((entry) => isSignedAsSaid(primitives, entry, keyOf))) about('trail-signature')
  }
  return findings
}

/** Where two parties' trails disagree about the requests of one to the other. */
export function compareTrails(owner: TrailFile, reader: TrailFile): readonly TrailFinding[] {
  const findings: TrailFinding[] = []
  const [owned, read] = [byRequest(owner), byRequest(reader)]
  for (const [request, theirs] of read) {
    const asked = requestIn(theirs)
    if (asked === undefined || domainOf(asked.statement.owner) !== domainOf(owner.origin)) continue
    const ours = owned.get(request) ?? []
    const against = (code: TrailFindingCode, origin: string) => findings.push({ code, origin, request })
    const received = find(theirs, 'reader', 'received')?.statement ?? undefined
    const offered = find(ours, 'owner', 'offered')?.statement ?? undefined
    if (received !== undefined && (offered === undefined || !equal(received, offered)))
      against('trail-grant-hidden', owner.origin)
    const receipt = find(ours, 'owner', 'receipted')?.statement ?? undefined
    const opened = find(theirs, 'reader', 'opened')
    if (opened !== undefined && receipt === undefined) against('trail-release-hidden', owner.origin)
    if (receipt !== undefined && received === undefined) against('trail-receipt-hidden', reader.origin)
    if (find(ours, 'owner', 'confirmed') !== undefined && opened === undefined)
      against('trail-confirmation', reader.origin)
  }
  for (const [request, ours] of owned) {
    if (read.has(request) || find(ours, 'owner', 'receipted') === undefined) continue
    // A receipt of this very reader, in whose trail the request does not stand at all.
    const receipt = statementOf(find(ours, 'owner', 'receipted'))
    const from = receipt && isSigned(receipt, 'receipt') ? receipt.statement.from : null
    if (from !== null && domainOf(from) === domainOf(reader.origin))
      findings.push({ code: 'trail-receipt-hidden', origin: reader.origin, request })
  }
  return findings
}

function rootsOf(primitives: Primitives, { entries }: TrailFile): (size: number) => Uint8Array | undefined {
  let edge = EMPTY_EDGE
  const roots = [edgeRoot(primitives, edge)]
  for (const { bytes } of entries) {
    edge = appendLeaves(primitives, edge, [leafHash(primitives, bytes)])
    roots.push(edgeRoot(primitives, edge))
  }
  return (size) => roots[size]
}

/** Whether this entry of the log commits to the head, in its research part. */
function isLogged(
  primitives: Primitives,
  entry: Entry,
  { size, root, opening, secret }: LoggedHead,
): boolean {
  const document = withCount({ v: 1, trail: [size, root] })
  const { content } = makeItemTree(primitives, secret, flatten(document))
  return entry.statement.kind === 'access' && isCommitted(primitives, entry, 'research', { opening, content })
}

function byRequest({ entries }: TrailFile): ReadonlyMap<string, readonly TrailEntry[]> {
  const found = new Map<string, TrailEntry[]>()
  for (const { entry } of entries) {
    const name = printHex(entry.request)
    const known = found.get(name)
    if (known === undefined) found.set(name, [entry])
    else known.push(entry)
  }
  return found
}

function isInOrder(entries: readonly TrailEntry[]): boolean {
  return entries.every(({ side, step }, at) => {
    const needed = NEEDS[step]
    return (
      needed === undefined ||
      entries.slice(0, at).some((one) => one.side === side && needed.includes(one.step))
    )
  })
}

function isSignedAsSaid(primitives: Primitives, entry: TrailEntry, keyOf: TrailSources['keyOf']): boolean {
  const signed = statementOf(entry)
  const key = signed && keyOf(printHex(signed.keyId))
  if (signed === undefined || key === undefined) return true
  return verifySignature(primitives, key, signed.toBeSigned, signed.signature)
}

/** Whether the statement of a step is of its kind and about its request. */
function isBorneOut(primitives: Primitives, entry: TrailEntry): boolean {
  const { step, statement, request } = entry
  const kinds = KINDS[step]
  if (statement === null) return kinds === undefined || step === 'heard'
  const signed = parseAccess(statement)
  if (!signed.ok || kinds === undefined || !kinds.includes(signed.value.statement.kind)) return false
  const { statement: said } = signed.value
  if (said.kind === 'request') return equal(accessId(primitives, signed.value), request)
  return !('request' in said) || equal(said.request, request)
}

const KINDS: Readonly<Partial<Record<OwnerStep | ReaderStep, readonly string[]>>> = {
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
}

function find(
  entries: readonly TrailEntry[],
  side: TrailEntry['side'],
  step: TrailEntry['step'],
): TrailEntry | undefined {
  return entries.find((one) => one.side === side && one.step === step)
}

function statementOf(entry: TrailEntry | undefined): Signed | undefined {
  const bytes = entry?.statement ?? undefined
  const read = bytes && parseAccess(bytes)
  return read?.ok === true ? read.value : undefined
}

function requestIn(entries: readonly TrailEntry[]) {
  const signed = statementOf(find(entries, 'reader', 'requested'))
  return signed !== undefined && isSigned(signed, 'request') ? signed : undefined
}

function domainOf(origin: string): string {
  return origin.slice(0, origin.indexOf('/'))
}
