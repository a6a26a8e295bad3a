/**
 * Accreditations: statements of members that the charter lets accredit, each a public part of kind `accreditation`.
 * One names the researcher's keys and scope; others endorse it, suspend or revoke it through `on`. DESIGN §6, spec 06 §2.
 *
 * An accreditation is never in force by itself: it is what the statements held about it come to at one moment.
 */
import { encode, type Value } from '../codec/cbor.ts'
import { TIERS, type Tier } from '../codec/part.ts'
import { hasKeys, isCount, isList, isMap, type MapValue } from '../codec/value.ts'
import { compareTexts } from '../governance/charter.ts'
import { DOMAINS } from '../identity/domains.ts'
import { admitBoxKey, admitKey, keyId, type PublicKey } from '../identity/key.ts'
import { isLabel } from '../identity/member.ts'
import { verifySignature } from '../identity/signature.ts'
import { ACCREDITATION_SECONDS_MAX, SCOPE_SECTORS_MAX, SUSPENSION_SECONDS_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { ACCESS_END_REASONS } from '../record/vocabulary/access.ts'
import { PURPOSES } from '../record/vocabulary/marking.ts'
import { termOf } from './fields.ts'
import type { AccessEndReason } from './grant.ts'
import type { Purpose } from './request.ts'

export type Accreditation = {
  /** The organisation that answers for the researcher; never a person's name. */
  readonly body: string
  /** Signs requests and receipts. */
  readonly statementKey: PublicKey
  /** X25519 key to which answers are sealed. */
  readonly boxKey: PublicKey
  /** The researcher's signature over both keys: nobody is accredited under another's. */
  readonly possession: Uint8Array
  /** In the order of the tiers; not empty, never `public`. */
  readonly tiers: readonly Tier[]
  /** Not empty, in the order of the vocabulary. */
  readonly purposes: readonly Purpose[]
  /** Sectors of records it is good for, ascending, or null for all. */
  readonly sectors: readonly string[] | null
  /** Seconds since 1970; at most 90 days apart. */
  readonly notBefore: number
  readonly notAfter: number
}

export type AccreditationAct =
  | { readonly act: 'accredit'; readonly accreditation: Accreditation }
  | { readonly act: 'endorse' }
  | { readonly act: 'revoke'; readonly reason: AccessEndReason }
  | {
      readonly act: 'suspend'
      readonly from: number
      readonly until: number
      readonly reason: AccessEndReason
    }

export type AccreditationFault =
  | 'accreditation-shape'
  | 'accreditation-keys'
  | 'accreditation-possession'
  | 'accreditation-scope'
  | 'accreditation-times'

/** What the researcher signs and hands to the accreditors with its keys. */
export function accreditationMessage(
  network: string,
  statementKey: Uint8Array,
  boxKey: Uint8Array,
): Uint8Array {
  return encode([DOMAINS.accreditation, network, statementKey, boxKey])
}

/** The public document of a statement of kind `accreditation`. */
export function accreditationDocument(act: AccreditationAct): MapValue {
  return act.act === 'accredit' ? { v: 1, act: act.act, ...act.accreditation } : { v: 1, ...act }
}

/** Reads the public document of a statement of kind `accreditation` in a log of this network. */
export function readAccreditationAct(
  primitives: Primitives,
  network: string,
  document: Value,
): Result<AccreditationAct, AccreditationFault> {
  if (!isMap(document) || document['v'] !== 1) return fault('accreditation-shape')
  switch (document['act']) {
    case 'accredit':
      return readAccreditation(primitives, network, document)
    case 'endorse':
      return hasKeys(document, 'v', 'act') ? ok({ act: 'endorse' }) : fault('accreditation-shape')
    case 'revoke': {
      const reason = termOf(ACCESS_END_REASONS, document['reason'])
      if (reason === undefined || !hasKeys(document, 'v', 'act', 'reason'))
        return fault('accreditation-shape')
      return ok({ act: 'revoke', reason })
    }
    case 'suspend':
      return readSuspension(document)
    default:
      return fault('accreditation-shape')
  }
}

export type AccreditationState = 'in-force' | 'not-yet' | 'suspended' | 'incomplete' | 'expired' | 'revoked'

export type AccreditationFacts = {
  readonly accreditation: Accreditation
  /** Domain of the member whose statement it is. */
  readonly by: string
  /** What members stated on it: valid entries only, those of one member in the order of its logs. */
  readonly acts: readonly { readonly by: string; readonly act: AccreditationAct }[]
  /** Domains that may accredit, and how many of them it takes. */
  readonly accreditors: readonly string[]
  readonly needed: number
  readonly isSuspended: (domain: string) => boolean
  /** Seconds since 1970. */
  readonly now: number
}

/**
 * What an accreditation comes to now; the most final answer first. Support of a suspended member does not count,
 * but what it takes back stays taken back: suspending somebody never lets anybody read more.
 */
export function accreditationState(facts: AccreditationFacts): AccreditationState {
  const { accreditation, by, accreditors, needed, isSuspended, now } = facts
  const acts = facts.acts.filter((one) => accreditors.includes(one.by))
  const revokers = domainsOf(acts, 'revoke')
  const endorsers = domainsOf(acts, 'endorse')
  if (accreditors.includes(by)) endorsers.add(by)
  const supporters = [...endorsers].filter((domain) => !isSuspended(domain))
  const remaining = supporters.filter((domain) => !revokers.has(domain))
  if (revokers.size >= needed) return 'revoked'
  if (remaining.length < needed) return remaining.length < supporters.length ? 'revoked' : 'incomplete'
  if (now >= accreditation.notAfter) return 'expired'
  if (isSuspendedAt(acts, now)) return 'suspended'
  return now < accreditation.notBefore ? 'not-yet' : 'in-force'
}

type Act = AccreditationFacts['acts'][number]

function domainsOf(acts: readonly Act[], kind: AccreditationAct['act']): Set<string> {
  return new Set(acts.filter(({ act }) => act.act === kind).map(({ by }) => by))
}

/** Of each accreditor the first suspension counts; otherwise one of them could suspend for ever, 14 days at a time. */
function isSuspendedAt(acts: readonly Act[], now: number): boolean {
  const seen = new Set<string>()
  for (const { by, act } of acts) {
    if (act.act !== 'suspend' || seen.has(by)) continue
    seen.add(by)
    if (act.from <= now && now < act.until) return true
  }
  return false
}

const ACCREDIT_KEYS = [
  'v',
  'act',
  'body',
  'statementKey',
  'boxKey',
  'possession',
  'tiers',
  'purposes',
  'sectors',
  'notBefore',
  'notAfter',
]

function readAccreditation(
  primitives: Primitives,
  network: string,
  document: MapValue,
): Result<AccreditationAct, AccreditationFault> {
  if (!hasKeys(document, ...ACCREDIT_KEYS)) return fault('accreditation-shape')
  const { body, statementKey, boxKey, possession, notBefore, notAfter } = document
  if (!isLabel(body)) return fault('accreditation-shape')
  if (!(statementKey instanceof Uint8Array) || !(boxKey instanceof Uint8Array))
    return fault('accreditation-keys')
  const [signing, box] = [admitKey(statementKey), admitBoxKey(boxKey)]
  if (!signing.ok || !box.ok) return fault('accreditation-keys')
  const message = accreditationMessage(network, statementKey, boxKey)
  if (!(possession instanceof Uint8Array)) return fault('accreditation-possession')
  if (!verifySignature(primitives, signing.value, message, possession))
    return fault('accreditation-possession')
  const scope = scopeOf(document)
  if (scope === undefined) return fault('accreditation-scope')
  if (!isCount(notBefore) || !isCount(notAfter) || notAfter <= notBefore) return fault('accreditation-times')
  if (notAfter - notBefore > ACCREDITATION_SECONDS_MAX) return fault('accreditation-times')
  const keys = { statementKey: signing.value, boxKey: box.value, possession }
  return ok({ act: 'accredit', accreditation: { body, ...keys, ...scope, notBefore, notAfter } })
}

function scopeOf(document: MapValue): Pick<Accreditation, 'tiers' | 'purposes' | 'sectors'> | undefined {
  const tiers = inOrder(document['tiers'], TIERS.slice(1))
  const purposes = inOrder(
    document['purposes'],
    PURPOSES.terms.map(({ id }) => id),
  )
  const sectors = document['sectors'] === null ? null : sectorsOf(document['sectors'])
  return tiers === undefined || purposes === undefined || sectors === undefined
    ? undefined
    : { tiers, purposes, sectors }
}

/** Some of `all`, in its order, at least one. */
function inOrder<T extends string>(value: Value | undefined, all: readonly T[]): readonly T[] | undefined {
  if (!isList(value) || value.length === 0) return undefined
  const found = all.filter((one) => value.includes(one))
  return found.length === value.length && found.every((one, index) => one === value[index])
    ? found
    : undefined
}

function sectorsOf(value: Value | undefined): readonly string[] | undefined {
  if (!isList(value) || value.length === 0 || value.length > SCOPE_SECTORS_MAX) return undefined
  const sectors = value.filter(isLabel)
  if (sectors.length !== value.length) return undefined
  const isAscending = sectors.every((sector, index) => {
    const before = sectors[index - 1]
    return before === undefined || compareTexts(before, sector) < 0
  })
  return isAscending ? sectors : undefined
}

function readSuspension(document: MapValue): Result<AccreditationAct, AccreditationFault> {
  const reason = termOf(ACCESS_END_REASONS, document['reason'])
  const { from, until } = document
  if (reason === undefined || !hasKeys(document, 'v', 'act', 'from', 'until', 'reason'))
    return fault('accreditation-shape')
  if (!isCount(from) || !isCount(until) || until <= from) return fault('accreditation-times')
  if (until - from > SUSPENSION_SECONDS_MAX) return fault('accreditation-times')
  return ok({ act: 'suspend', from, until, reason })
}

/** The key id by which an accredited researcher's statements name their signer. */
export function researcherId(primitives: Primitives, accreditation: Accreditation): Uint8Array {
  return keyId(primitives, accreditation.statementKey)
}
