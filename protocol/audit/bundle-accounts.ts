/**
 * The logs in a bundle as far as it shows them: whose they are, which keys speak in them, how their heads hang together,
 * which epochs count, and whom its proofs of equivocation convict. Only logs that something rests on are read.
 */
import { equal, printHex } from '../bytes.ts'
import { parties } from '../governance/charter.ts'
import { convict, type AccountFault, type Convicted } from '../governance/accountable.ts'
import type { PublicKey } from '../identity/key.ts'
import { judgeEpochs, type ConfirmedTree, type JudgedEpoch } from '../identity/epochs.ts'
import type { KeyState } from '../identity/keystate.ts'
import { parseOrigin, verifyCheckpoint, type SignedCheckpoint } from '../log/checkpoint.ts'
import { parseEquivocation, type EquivocationFileFault } from '../log/equivocation-file.ts'
import {
  equivocationId,
  verifyEquivocation,
  type EquivocationFault,
  type EquivocationKind,
  type ProvenEquivocation,
} from '../log/equivocation.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import type { Bundle, KeyProof } from './bundle.ts'
import { readHeads, type BundleHeads } from './bundle-heads.ts'
import { foldKeys, keysBelow, type KeyFold, type KeyProofFault, type Trust } from './bundle-keys.ts'
import { confirmByCharter, confirmByPolicy, memberKeys, type Confirmer } from './bundle-quorum.ts'

export type LogAccount = {
  readonly origin: string
  /** The key that signs its heads: by leaf 0, or by the policy. */
  readonly key: PublicKey | undefined
  readonly keys: { readonly below: (index: number) => KeyState; readonly last: KeyState } | undefined
  /** Why the keys are not known. */
  readonly fault: KeyProofFault | undefined
  readonly heads: BundleHeads
  /** How its epoch stands among those of its author in the bundle. */
  readonly epoch: JudgedEpoch | undefined
}

/** A proof of equivocation: whom it convicts, or why it says nothing here. */
export type EquivocationCheck = {
  /** SHA-256 of its file, in hexadecimal. */
  readonly id: string
  readonly kind: EquivocationKind | undefined
  /** The name of the key that signed both, once that is proven. */
  readonly subject: string | undefined
  readonly convicted: Result<Convicted, ConvictionFault>
}

/** `epoch-closed`: it is true of that key, and freezes nothing: the log was closed at a head that others confirmed. */
export type ConvictionFault = AccountFault | EquivocationFault | EquivocationFileFault | 'epoch-closed'

export type Accounts = {
  readonly logs: ReadonlyMap<string, LogAccount>
  readonly equivocations: readonly EquivocationCheck[]
  readonly confirm: (origin: string) => Confirmer
}

const NO_HEADS: BundleHeads = { newest: undefined, linked: new Map(), faults: [] }

export function readAccounts(
  primitives: Primitives,
  bundle: Bundle,
  trust: Trust,
  earlier: readonly SignedCheckpoint[],
): Accounts {
  const folds = foldLogs(primitives, bundle, trust)
  const epochs = epochsOf(folds, () => undefined)
  const logs = new Map<string, LogAccount>()
  for (const [origin, fold] of folds) {
    const epoch = epochs.find((one) => one.origin === origin)
    logs.set(origin, accountOf(primitives, bundle, trust, { origin, fold, epoch, earlier }))
  }
  const proven = bundle.equivocations.map((bytes) => judge(primitives, bytes, trust, logs))
  const states = [...logs.values()].flatMap(({ keys }) => (keys === undefined ? [] : [keys.last]))
  const confirmers = new Map<string, Confirmer>()
  const make = confirmerOf(primitives, trust, states, proven)
  const confirm = (origin: string) => {
    const made = confirmers.get(origin) ?? make(origin)
    confirmers.set(origin, made)
    return made
  }
  const rejudged = epochsOf(folds, (origin) => confirmedTree(logs.get(origin), confirm(origin)))
  for (const epoch of rejudged) {
    const log = logs.get(epoch.origin)
    if (log !== undefined) logs.set(epoch.origin, { ...log, epoch })
  }
  const equivocations = proven.map((one) => (isHarmless(one, rejudged) ? { ...one, convicted: CLOSED } : one))
  return { logs, equivocations, confirm }
}

const CLOSED = fault('epoch-closed')

function isHarmless({ convicted }: EquivocationCheck, epochs: readonly JudgedEpoch[]): boolean {
  if (!convicted.ok || convicted.value.kind !== 'log') return false
  const { origin } = convicted.value
  return epochs.some((epoch) => epoch.origin === origin && epoch.isProtected)
}

/** The heads of a log that the bundle proves to be of one history, up to the largest that others confirmed. */
function confirmedTree(log: LogAccount | undefined, confirm: Confirmer): ConfirmedTree | undefined {
  const heads = [...(log?.heads.linked.values() ?? [])]
  // Where there is nobody else, the log's own signature takes the place of a quorum.
  const confirmed = heads.filter(
    (head) => confirm([head], head.checkpoint.size - 1).quorum.state !== 'not-met',
  )
  const size = Math.max(0, ...confirmed.map(({ checkpoint }) => checkpoint.size))
  const rootAt = (at: number) => heads.find(({ checkpoint }) => checkpoint.size === at)?.checkpoint.root
  return { size, rootAt }
}

type Folds = ReadonlyMap<string, Result<KeyFold, KeyProofFault>>

/** A policy names the cosigners' keys itself, so only the logs of the statements are read then. */
function foldLogs(primitives: Primitives, bundle: Bundle, trust: Trust): Folds {
  const proofs = new Map<string, KeyProof[]>()
  for (const key of bundle.keys) {
    const { origin } = key.file.signed.checkpoint
    proofs.set(origin, [...(proofs.get(origin) ?? []), key])
  }
  const wanted = domainsIn(bundle, trust)
  const origins = [...bundle.proofs.map(({ signed }) => signed.checkpoint.origin), ...proofs.keys()]
  const folds = new Map<string, Result<KeyFold, KeyProofFault>>()
  for (const origin of new Set(origins)) {
    if (!wanted.has(domainOf(origin))) continue
    folds.set(origin, foldKeys(primitives, trust, origin, proofs.get(origin) ?? []))
  }
  return folds
}

/** Members whose logs something here rests on: keys cost milliseconds, and a bundle may hold those of hundreds. */
function domainsIn({ proofs, consistency, equivocations }: Bundle, trust: Trust): ReadonlySet<string> {
  const authors = new Set(proofs.map(({ signed }) => domainOf(signed.checkpoint.origin)))
  if (trust.kind === 'policy') return authors
  const heads = [
    ...proofs.map(({ signed }) => signed),
    ...consistency.flatMap(({ from, to }) => [from, to]),
  ].filter(({ checkpoint }) => authors.has(domainOf(checkpoint.origin)))
  const named = heads.flatMap(({ note }) => note.signatures.map(({ name }) => name.split('/')[0] ?? name))
  const all = parties(trust.charter).map(({ domain }) => domain)
  return new Set([...authors, ...named, ...(equivocations.length > 0 ? all : [])])
}

/** A later epoch says where the ones before it end, if its own leaf 0 holds. */
function epochsOf(
  folds: Folds,
  confirmedOf: (origin: string) => ConfirmedTree | undefined,
): readonly JudgedEpoch[] {
  const held = [...folds.values()].flatMap((fold) => (fold.ok ? [fold.value] : []))
  const domains = new Set(held.map(({ last }) => last.epoch.domain))
  return [...domains].flatMap((domain) =>
    judgeEpochs(
      held
        .filter(({ last }) => last.epoch.domain === domain)
        .map(({ origin, last }) => ({ origin, document: last.epoch, confirmed: confirmedOf(origin) })),
    ),
  )
}

function accountOf(
  primitives: Primitives,
  bundle: Bundle,
  trust: Trust,
  log: {
    readonly origin: string
    readonly fold: Result<KeyFold, KeyProofFault>
    readonly epoch: JudgedEpoch | undefined
    readonly earlier: readonly SignedCheckpoint[]
  },
): LogAccount {
  const { origin, fold, epoch } = log
  const key = fold.ok ? fold.value.logKey : keyOfPolicy(primitives, bundle, trust, origin)
  const earlier = log.earlier.filter(({ checkpoint }) => checkpoint.origin === origin)
  const heads = key === undefined ? NO_HEADS : readHeads(primitives, bundle, { origin, key, earlier })
  if (!fold.ok) return { origin, key, keys: undefined, fault: fold.fault, heads, epoch }
  const { value } = fold
  const keys = { below: (index: number) => keysBelow(value, index), last: value.last }
  return { origin, key, keys, fault: undefined, heads, epoch }
}

/** Without leaf 0, a policy still says whose heads they are. Of two keys, the one that signed what is here. */
function keyOfPolicy(
  primitives: Primitives,
  { proofs }: Bundle,
  trust: Trust,
  origin: string,
): PublicKey | undefined {
  if (trust.kind !== 'policy') return undefined
  const named = trust.policy.logs.filter(({ key }) => key.name === origin).map(({ key }) => key.key)
  const heads = proofs.map(({ signed }) => signed).filter(({ checkpoint }) => checkpoint.origin === origin)
  return named.find((key) => heads.some((head) => verifyCheckpoint(primitives, head, key).ok)) ?? named[0]
}

/** Cosigners that are proven to have signed two histories count no more. */
function confirmerOf(
  primitives: Primitives,
  trust: Trust,
  states: readonly KeyState[],
  equivocations: readonly EquivocationCheck[],
): Accounts['confirm'] {
  if (trust.kind === 'charter') {
    const convicted = equivocations.flatMap((one) => (one.convicted.ok ? [one.convicted.value] : []))
    const keys = memberKeys(primitives, trust.charter, states, convicted)
    return (origin) => confirmByCharter(primitives, trust.charter, keys, origin)
  }
  const struck = new Set(equivocations.filter((one) => one.convicted.ok).map(({ subject }) => subject))
  const witnesses = trust.policy.witnesses.filter(({ key }) => !struck.has(key.name))
  return () => confirmByPolicy(primitives, { ...trust.policy, witnesses })
}

function judge(
  primitives: Primitives,
  bytes: Uint8Array,
  trust: Trust,
  logs: ReadonlyMap<string, LogAccount>,
): EquivocationCheck {
  const id = printHex(equivocationId(primitives, bytes))
  const claim = parseEquivocation(primitives, bytes)
  if (!claim.ok) return { id, kind: undefined, subject: undefined, convicted: claim }
  const { kind } = claim.value
  const proven = verifyEquivocation(primitives, claim.value)
  if (!proven.ok) return { id, kind, subject: undefined, convicted: proven }
  const convicted = convictedBy(proven.value, trust, [...logs.values()])
  return { id, kind, subject: proven.value.subject.name, convicted }
}

function convictedBy(
  proven: ProvenEquivocation,
  trust: Trust,
  logs: readonly LogAccount[],
): Result<Convicted, AccountFault> {
  // What is asked of cosigners' keys only: of a log, whether its closing protects it is asked afterwards.
  const isClosed = (origin: string) => {
    const state = logs.find((log) => log.origin === origin)?.epoch?.state
    return state !== undefined && state.kind !== 'open'
  }
  if (trust.kind === 'charter') {
    const known = logs.flatMap(({ origin, keys, heads }) =>
      keys === undefined ? [] : [{ origin, keys: keys.last, size: heads.newest?.size ?? 0 }],
    )
    return convict({ charter: trust.charter, logs: known, isClosed }, proven)
  }
  const { subject } = proven
  const { logs: named, witnesses } = trust.policy
  const keys = proven.kind === 'cosigner' ? witnesses : named
  const isNamed = keys.some(({ key }) => key.name === subject.name && equal(key.key, subject.key))
  if (!isNamed) return fault('key-not-declared')
  const domain = domainOf(subject.name)
  if (proven.kind !== 'cosigner') return ok({ kind: 'log', origin: proven.origin, domain })
  return ok({ kind: 'cosigner', role: subject.name.endsWith('/witness') ? 'witness' : 'mirror', domain })
}

/** Of an origin, or of the name of any other key. */
function domainOf(name: string): string {
  const read = parseOrigin(name)
  return read.ok ? read.value.domain : (name.split('/')[0] ?? name)
}
