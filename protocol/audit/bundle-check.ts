/**
 * What a bundle shows, to a reader who brings a charter or a policy and nothing else: no network, no clock. Each thing is
 * judged apart, because each rests on something else. Spec 08 §5.
 */
import { equal } from '../bytes.ts'
import { verifyDisclosure, isCommitted, parseDisclosure } from '../codec/disclosure.ts'
import type { DisclosureCommitmentFault, DisclosureShapeFault } from '../codec/disclosure.ts'
import {
  ABSENT_PART,
  checkPublicPart,
  ITEMS_MEDIA_TYPE,
  TIERS,
  type PartFault,
  type PublicPart,
  type Tier,
} from '../codec/part.ts'
import { parseEntry, type Entry } from '../codec/statement.ts'
import { standingAt } from '../identity/epochs.ts'
import { signerAt, suspectSince } from '../identity/keystate.ts'
import { verifySignature } from '../identity/signature.ts'
import type { SignedCheckpoint } from '../log/checkpoint.ts'
import { isErasable, type ValidityFault } from '../log/entry.ts'
import { erasedPlace, type ErasedPlace } from '../log/erasure.ts'
import { leafHash } from '../log/merkle.ts'
import { verifyInclusion, type ProofFault } from '../log/proof.ts'
import type { ProofFile } from '../log/proof-file.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import type { Bundle } from './bundle.ts'
import { readAccounts, type Accounts, type EquivocationCheck, type LogAccount } from './bundle-accounts.ts'
import type { HeadFault } from './bundle-heads.ts'
import type { KeyProofFault, Trust } from './bundle-keys.ts'
import type { QuorumCheck, TimeCheck } from './bundle-quorum.ts'
import { laterThan, type LaterStatement, type Placed } from './bundle-later.ts'

export type BundleCheckFault =
  | ValidityFault
  | HeadFault
  | KeyProofFault
  | ProofFault
  | PartFault
  | DisclosureCommitmentFault
  | DisclosureShapeFault
  | 'audit-keyless'
  /** A later epoch of its author leaves it out. */
  | 'entry-void'
  | 'key-suspect'

/** `not-shown`: the bundle holds nothing that would show it; the fault says what was missing or wrong with it. */
export type Outcome =
  | { readonly state: 'ok' }
  | { readonly state: 'failed'; readonly fault: BundleCheckFault }
  | { readonly state: 'not-shown'; readonly fault: BundleCheckFault | undefined }

export type PartCheck = {
  readonly tier: Tier
  readonly outcome: Outcome
  /** Items disclosed of a restricted part; undefined where the part is not one. */
  readonly items: number | undefined
}

export type CheckedProof = {
  readonly origin: string
  readonly index: number
  readonly leaf: Uint8Array
  /** Undefined when its bytes are no statement. */
  readonly entry: Entry | undefined
  readonly signature: Outcome
  readonly inLog: Outcome
  readonly quorum: QuorumCheck
  readonly time: TimeCheck
  readonly keyState: Outcome
  readonly parts: readonly PartCheck[]
  /** Later statements about it in the bundle, and the size up to which the bundle knows its log. */
  readonly later: readonly LaterStatement[]
  readonly seenUpTo: number
  /** The entry in the bundle that erased its public part, where that holds in everything but its time. */
  readonly erasedBy: number | undefined
}

export type CheckedBundle = {
  readonly proofs: readonly CheckedProof[]
  readonly equivocations: readonly EquivocationCheck[]
  /** What is wrong with a log as a whole. */
  readonly logs: readonly { readonly origin: string; readonly faults: readonly BundleCheckFault[] }[]
  /** Earlier heads of the reader's that the logs in the bundle are proven to continue. */
  readonly continues: readonly { readonly origin: string; readonly size: number }[]
}

/** `earlier` are heads that the reader verified before; those of logs that are not in the bundle say nothing. */
export function checkBundle(
  primitives: Primitives,
  bundle: Bundle,
  trust: Trust,
  earlier: readonly SignedCheckpoint[] = [],
): CheckedBundle {
  const accounts = readAccounts(primitives, bundle, trust, earlier)
  const places = bundle.proofs.map((file): Place => {
    const { origin } = file.signed.checkpoint
    const entry = parseEntry(file.entry)
    const statement = entry.ok ? entry.value.statement : undefined
    return { origin, index: file.index, leaf: leafHash(primitives, file.entry), statement, file, entry }
  })
  const logs = [...accounts.logs.values()].filter(({ heads }) => heads.faults.length > 0)
  const checked = places.map((place, at) => ({
    ...checkProof(primitives, accounts, place),
    parts: place.entry.ok ? checkParts(primitives, bundle, place.entry.value, at) : [],
    later: laterThan(places, at),
  }))
  const erasures = checked.flatMap((one, at) => erasureOf(bundle, one, at) ?? [])
  return {
    proofs: checked.map((one) => ({ ...one, erasedBy: erasedBy(erasures, one) })),
    equivocations: accounts.equivocations,
    logs: logs.map(({ origin, heads }) => ({ origin, faults: heads.faults })),
    continues: earlier
      .filter(({ checkpoint, note }) => accounts.logs.get(checkpoint.origin)?.heads.linked.has(note.text))
      .map(({ checkpoint: { origin, size } }) => ({ origin, size })),
  }
}

type Erasing = { readonly origin: string; readonly by: number; readonly place: ErasedPlace }

/** What a proof in the bundle erases, if it holds itself and its own public part is there. Spec 03 §7.1. */
function erasureOf(
  { openings }: Bundle,
  { origin, index, entry, signature, inLog, keyState, parts }: Omit<CheckedProof, 'erasedBy'>,
  at: number,
): Erasing | undefined {
  const opened = openings.find(({ proof, tier }) => proof === at && tier === 'public')
  const isOpened = parts.some(({ tier, outcome }) => tier === 'public' && outcome.state === 'ok')
  const holds = [signature, inLog, keyState].every(({ state }) => state === 'ok')
  if (opened === undefined || entry === undefined || !isOpened || !holds) return undefined
  const place = erasedPlace(origin, index, entry.statement, opened.part)
  return place === undefined ? undefined : { origin, by: index, place }
}

function erasedBy(
  erasures: readonly Erasing[],
  { origin, index, leaf, entry }: Omit<CheckedProof, 'erasedBy'>,
): number | undefined {
  if (entry === undefined || !isErasable(entry.statement.kind)) return undefined
  const about = erasures.filter(
    (one) => one.origin === origin && one.place.index === index && equal(one.place.leaf, leaf),
  )
  return about.toSorted((a, b) => a.by - b.by)[0]?.by
}

type Place = Placed & { readonly file: ProofFile; readonly entry: Result<Entry, BundleCheckFault> }

function checkProof(
  primitives: Primitives,
  accounts: Accounts,
  { origin, index, leaf, file, entry }: Place,
): Omit<CheckedProof, 'parts' | 'later' | 'erasedBy'> {
  const log = accounts.logs.get(origin)
  const inLog = checkPlace(primitives, log, file, leaf)
  // What is not in the log was confirmed by nobody, whoever cosigned the head.
  const heads = log === undefined || inLog.state !== 'ok' ? [] : [...log.heads.linked.values()]
  return {
    origin,
    index,
    leaf,
    entry: entry.ok ? entry.value : undefined,
    inLog,
    ...checkSigner(primitives, log, entry, { origin, index }),
    ...accounts.confirm(origin)(heads, index),
    seenUpTo: log?.heads.newest?.size ?? 0,
  }
}

function checkPlace(
  primitives: Primitives,
  log: LogAccount | undefined,
  { index, proof, signed }: ProofFile,
  leaf: Uint8Array,
): Outcome {
  if (log === undefined || log.key === undefined) return keyless(log)
  const { size, root } = signed.checkpoint
  if (!log.heads.linked.has(signed.note.text)) {
    const [found] = log.heads.faults
    return found === 'bundle-unlinked' ? notShown(found) : failed(found ?? 'head-signature')
  }
  const included = verifyInclusion(primitives, { leaf, index, size, root, proof })
  return included.ok ? OK : failed(included.fault)
}

/** The signature under the key that it names, and whether that key was in force there. */
function checkSigner(
  primitives: Primitives,
  log: LogAccount | undefined,
  entry: Result<Entry, BundleCheckFault>,
  { origin, index }: { readonly origin: string; readonly index: number },
): { readonly signature: Outcome; readonly keyState: Outcome } {
  if (!entry.ok) return { signature: failed(entry.fault), keyState: notShown(undefined) }
  const { header, statement, toBeSigned, signature } = entry.value
  if (header.issuer !== origin) return { signature: failed('entry-issuer'), keyState: notShown(undefined) }
  if (log?.keys === undefined) {
    return { signature: keyless(log), keyState: keyless(log) }
  }
  const signer = signerAt(log.keys.below(index), statement.kind, header.keyId, index)
  if (!signer.ok) return { signature: notShown(signer.fault), keyState: failed(signer.fault) }
  const holds = verifySignature(primitives, signer.value, toBeSigned, signature)
  const isVoid = log.epoch !== undefined && standingAt(log.epoch, index) !== undefined
  const isSuspect = suspectSince(log.keys.last, header.keyId, index) !== undefined
  return {
    signature: holds ? OK : failed('signature'),
    keyState: isVoid ? failed('entry-void') : isSuspect ? failed('key-suspect') : OK,
  }
}

function checkParts(
  primitives: Primitives,
  { openings }: Bundle,
  entry: Entry,
  proof: number,
): readonly PartCheck[] {
  return TIERS.map((tier) => {
    const opened = openings.find((one) => one.proof === proof && one.tier === tier)
    if (opened === undefined) return { tier, outcome: notShown(undefined), items: undefined }
    const { part } = opened
    const read =
      tier === 'public' ? publicPart(primitives, entry, part) : restrictedPart(primitives, entry, tier, part)
    const outcome = read.ok ? OK : failed(read.fault)
    return { tier, outcome, items: read.ok ? read.value : undefined }
  })
}

function publicPart(
  primitives: Primitives,
  entry: Entry,
  part: PublicPart,
): Result<undefined, BundleCheckFault> {
  const checked = checkPublicPart(primitives, entry, part)
  return checked.ok ? ok(undefined) : checked
}

/** How many items of it are disclosed, or that there is no such part at all. */
function restrictedPart(
  primitives: Primitives,
  entry: Entry,
  tier: Tier,
  { opening, mediaType, bytes }: PublicPart,
): Result<number, BundleCheckFault> {
  if (mediaType === '' && bytes.length === 0) {
    const isAbsent = isCommitted(primitives, entry, tier, { opening, content: ABSENT_PART })
    return isAbsent ? ok(0) : fault('part-commitment')
  }
  if (mediaType !== ITEMS_MEDIA_TYPE) return fault('part-media-type')
  const disclosure = parseDisclosure(bytes)
  if (!disclosure.ok) return disclosure
  const holds = verifyDisclosure(primitives, entry, tier, { opening, disclosure: disclosure.value })
  return holds.ok ? ok(disclosure.value.items.length) : holds
}

const OK: Outcome = { state: 'ok' }

function failed(found: BundleCheckFault): Outcome {
  return { state: 'failed', fault: found }
}

/** A log whose keys are not in the bundle shows nothing; one whose keys are wrong fails. */
function keyless(log: LogAccount | undefined): Outcome {
  const found = log?.fault ?? 'audit-keyless'
  return found === 'audit-keyless' ? notShown(found) : failed(found)
}

function notShown(found: BundleCheckFault | undefined): Outcome {
  return { state: 'not-shown', fault: found }
}
