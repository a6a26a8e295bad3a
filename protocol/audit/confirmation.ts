/**
 * Who confirmed a head, by the keys that the audited logs of the other members declare, and what that says of time.
 * Nothing here is the word of the host that the bytes came from. DESIGN §4.5 and §4.7, spec 03 §10 and §13.
 */
import { equal, printHex } from '../bytes.ts'
import { memberOf, type CharterState } from '../governance/charter.ts'
import { standingOf } from '../governance/standing.ts'
import type { PublicKey } from '../identity/key.ts'
import { keysInForce, type KeyState } from '../identity/keystate.ts'
import { parseSignedCheckpoint, verifyCheckpoint, type SignedCheckpoint } from '../log/checkpoint.ts'
import {
  confirmedAt,
  cosignersOf,
  readCosigned,
  type CosignedHead,
  type MemberKey,
} from '../log/cosigned-head.ts'
import { quorum, verifyCosignature, type CosignerRole } from '../log/cosignature.ts'
import { existedBy, existedBySizes, type DatedHead } from '../log/time.ts'
import type { Primitives } from '../primitives.ts'
import { NOTHING_ATTESTED, type Attested, type Attester, type Observed } from './entangled.ts'

export type Confirmation = {
  /** Other members that could confirm it, and how many of their mirrors a quorum takes; none of nobody. */
  readonly others: number
  readonly needed: number
  /** Domains, in order. */
  readonly mirrors: readonly string[]
  readonly witnesses: readonly string[]
  readonly isQuorum: boolean
  /** When the last of a quorum confirmed it; seconds since 1970. */
  readonly at: number | undefined
}

/** Up to this size the entries existed by this time, if no more mirrors lie than a coalition of this size stands. */
export type ExistedBy = { readonly size: number; readonly time: number }

/** Whose cosignatures count: under keys in force now, and under past ones as far as others attest to them. */
export type Counting = {
  readonly current: readonly MemberKey[]
  readonly past: readonly MemberKey[]
  readonly attested: Attested
}

/** The cosigner keys of members whose cosignatures count, from the key states of their open logs. */
export function cosignerKeys(
  charter: CharterState,
  states: ReadonlyMap<string, KeyState>,
): readonly MemberKey[] {
  const counting = [...states].filter(([domain]) => standingOf(charter, domain) === 'member')
  return counting.flatMap(([domain, state]) => {
    const of = (role: CosignerRole) =>
      keysInForce(state, role, Number.MAX_SAFE_INTEGER).map(({ key }) => ({ domain, role, key }))
    return [...of('mirror'), ...of('witness')]
  })
}

/**
 * Mirror keys that were in force in some epoch of a member and are no more: retired, left behind in an epoch that was closed,
 * or of a member that is suspended. One that any epoch of it revoked never counts: whoever revoked it knows that it was stolen.
 */
export function pastMirrorKeys(
  charter: CharterState,
  states: readonly KeyState[],
  current: readonly MemberKey[],
): readonly MemberKey[] {
  const past = new Map<string, MemberKey>()
  const out = new Set(current.map(({ domain, key }) => `${domain} ${printHex(key)}`))
  const mirrors = states.flatMap(({ epoch: { domain }, keys }) =>
    [...keys.values()].filter(({ purpose }) => purpose === 'mirror').map((record) => ({ domain, record })),
  )
  for (const { domain, record } of mirrors)
    if (record.revoked !== undefined) out.add(`${domain} ${printHex(record.key)}`)
  for (const { domain, record } of mirrors) {
    const name = `${domain} ${printHex(record.key)}`
    if (memberOf(charter, domain) === undefined || out.has(name)) continue
    past.set(name, { domain, role: 'mirror', key: record.key })
  }
  return [...past.values()]
}

/** Counts keys in force alone. */
export function countingNow(current: readonly MemberKey[]): Counting {
  return { current, past: [], attested: NOTHING_ATTESTED }
}

export function othersOf({ document }: CharterState, origin: string): number {
  return document.members.filter(({ domain }) => !origin.startsWith(`${domain}/`)).length
}

export function confirmHead(
  primitives: Primitives,
  note: Uint8Array,
  counting: Counting,
  others: number,
): Confirmation {
  const signed = parseSignedCheckpoint(note)
  const none = { others, needed: others === 0 ? 0 : quorum(others) }
  if (!signed.ok) return { ...none, mirrors: [], witnesses: [], isQuorum: false, at: undefined }
  const head = readCosigned(primitives, signed.value, counting.current)
  const past = pastMirrors(primitives, signed.value, counting)
  const mirrors = [...cosignersOf(head, 'mirror').keys(), ...past.keys()]
  return {
    ...none,
    mirrors: mirrors.toSorted(),
    witnesses: domainsOf(head, 'witness'),
    isQuorum: others > 0 && mirrors.length >= none.needed,
    // A past key's word on the time counts for nothing, so it makes no head fresher.
    at: confirmedAt(head, others),
  }
}

/** Witnesses outside that cosigned a head, of those that the charter names and that nothing strikes. */
export type OutsideCosigned = { readonly cosigned: readonly string[]; readonly needed: number }

/** Undefined where the charter asks for none. */
export function outsideOn(
  primitives: Primitives,
  { document: { outside } }: CharterState,
  { note }: Pick<SignedCheckpoint, 'note'>,
  isStruck: (key: PublicKey) => boolean = () => false,
): OutsideCosigned | undefined {
  if (outside === undefined) return undefined
  const good = outside.witnesses.filter(
    (witness) => !isStruck(witness.key) && verifyCosignature(primitives, witness, note).ok,
  )
  return { cosigned: good.map(({ name }) => name), needed: outside.needed }
}

/** A head with the times that count, for the bounds of `time.ts`. */
export function datedHead(primitives: Primitives, signed: SignedCheckpoint, counting: Counting): DatedHead {
  const head = readCosigned(primitives, signed, counting.current)
  const late = [...pastMirrors(primitives, signed, counting).values()]
  return {
    size: signed.checkpoint.size,
    times: [...cosignersOf(head, 'mirror').values()],
    ...(late.length === 0 ? {} : { late }),
  }
}

/** Members of whose mirror only a past key signed this head, where a current member's log names it: by when at the latest. */
function pastMirrors(
  primitives: Primitives,
  signed: SignedCheckpoint,
  { current, past, attested }: Counting,
): ReadonlyMap<string, number> {
  const now = cosignersOf(readCosigned(primitives, signed, current), 'mirror')
  const before = cosignersOf(readCosigned(primitives, signed, past), 'mirror')
  const found = new Map<string, number>()
  for (const domain of before.keys()) {
    const by = now.has(domain) ? undefined : attested(signed.checkpoint, domain)
    if (by !== undefined) found.set(domain, by)
  }
  return found
}

/** A log as it was audited, with the cosigned heads of it that were handed over. */
export type AuditedTree = {
  readonly notes: readonly Uint8Array[]
  readonly keys: KeyState
  readonly rootAt: (size: number) => Uint8Array | undefined
}

/** What these cosigned heads of one log say of time: those that the audited tree really had at their size. */
export function timeBounds(
  primitives: Primitives,
  log: AuditedTree,
  counting: Counting,
  others: number,
): readonly ExistedBy[] {
  return existedBySizes(datedHeads(primitives, log, counting), others)
}

/** What a current member's log states of others' cosigners, with the time of each statement by keys in force alone. */
export function attesterOf(
  primitives: Primitives,
  log: AuditedTree & { readonly observed: readonly Observed[] },
  current: readonly MemberKey[],
  others: number,
): Attester {
  const heads = log.observed.length === 0 ? [] : datedHeads(primitives, log, countingNow(current))
  return {
    origin: log.keys.origin,
    observed: log.observed,
    existedBy: (index) => existedBy(heads, index, others)?.time,
  }
}

function datedHeads(
  primitives: Primitives,
  { notes, keys, rootAt }: AuditedTree,
  counting: Counting,
): readonly DatedHead[] {
  return notes.flatMap((note): readonly DatedHead[] => {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok || signed.value.checkpoint.origin !== keys.origin) return []
    const { size, root } = signed.value.checkpoint
    const own = rootAt(size)
    const isSigned = keysInForce(keys, 'log', 0).some(
      ({ key }) => verifyCheckpoint(primitives, signed.value, key).ok,
    )
    if (!isSigned || own === undefined || !equal(own, root)) return []
    return [datedHead(primitives, signed.value, counting)]
  })
}

function domainsOf(head: CosignedHead, role: CosignerRole): readonly string[] {
  return [...cosignersOf(head, role).keys()].toSorted()
}
