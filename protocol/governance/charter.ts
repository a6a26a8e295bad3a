/**
 * The charter: the founding document of a coalition, which names the network, binds its members' root keys and
 * says who may speak. Until decisions amend it, it is the whole of governance. DESIGN §1 and §7, spec 07 §1.
 */
import { bytesOfText, compare, equal, printBase32 } from '../bytes.ts'
import { encode, parse, type Value } from '../codec/cbor.ts'
import { hasKeys, isBytes, isCount, isList, isMap, type MapValue } from '../codec/value.ts'
import { DOMAINS } from '../identity/domains.ts'
import { admitKey, type PublicKey } from '../identity/key.ts'
import { isLabel, type Descriptor } from '../identity/member.ts'
import {
  EPOCHS_MAX,
  MEMBERS_MAX,
  OUTSIDE_WITNESSES_MAX,
  STALENESS_SECONDS_MAX,
  STALENESS_SECONDS_MIN,
  TEXT_BYTES_MAX,
} from '../limits.ts'
import { isDomain, parseOrigin } from '../log/checkpoint.ts'
import type { Caps } from '../log/daily.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'

export type Member = {
  readonly domain: string
  readonly name: string
  readonly sector: string
  readonly root: PublicKey
}

/** A C2SP witness outside the coalition: its name and key in a note, and where it takes heads (C2SP tlog-witness). */
export type OutsideWitness = { readonly name: string; readonly key: PublicKey; readonly url: string }

export type CharterDocument = {
  readonly name: string
  /** Seconds since 1970, informative. */
  readonly created: number
  /** 16 random bytes: two coalitions of the same members are two networks. */
  readonly nonce: Uint8Array
  /** In the order of their domains; each domain and each root key once. */
  readonly members: readonly Member[]
  /** Parties without a vote, in the order of their domains, none of them a member; absent where there are none. */
  readonly affiliates?: readonly Member[]
  /** Domains of members and affiliates, in order, that are named and trusted with nothing; absent where none are. */
  readonly suspended?: readonly string[]
  /** Domains of the members that may accredit researchers, in order, and how many of them it takes. */
  readonly accreditors: readonly string[]
  readonly accreditorsNeeded: number
  /** How old other members' cosignatures may be for a node to decide on disclosure (DESIGN §6). */
  readonly stalenessSeconds: number
  /** What a member's log may grow by in a day (DESIGN §4.8). */
  readonly caps: Caps
  /** What becomes of peers that are no members. */
  readonly observers: 'admit' | 'refuse'
  /** Witnesses asked for besides the quorum of mirrors, never instead (DESIGN §4.5): how many of which, by name. */
  readonly outside?: { readonly needed: number; readonly witnesses: readonly OutsideWitness[] }
}

/** A charter as it governs: the fold that decisions will extend. */
export type CharterState = {
  readonly networkId: string
  readonly document: CharterDocument
  /** Domains of founders whose signature is here. */
  readonly signed: ReadonlySet<string>
  /** Where members' nodes are reached, each signed by its member's root key; at most one of a member. */
  readonly descriptors: readonly Descriptor[]
}

export type DocumentFault =
  | 'charter-shape'
  | 'charter-members'
  | 'charter-key'
  | 'charter-affiliates'
  | 'charter-suspended'
  | 'charter-accreditors'
  | 'charter-outside'

/** SHA-256 of the unsigned document in base32: 52 characters. */
export function networkIdOf(primitives: Primitives, document: Uint8Array): string {
  return printBase32(primitives.sha256(document))
}

/** What a founder's root key signs. */
export function charterMessage(primitives: Primitives, document: Uint8Array): Uint8Array {
  return encode([DOMAINS.charter, primitives.sha256(document)])
}

export function printDocument(document: CharterDocument): Uint8Array {
  const members = document.members.toSorted((a, b) => compareTexts(a.domain, b.domain))
  const accreditors = document.accreditors.toSorted(compareTexts)
  const { outside, affiliates = [], suspended = [], ...rest } = document
  const witnesses = outside?.witnesses.toSorted((a, b) => compareTexts(a.name, b.name))
  const besides =
    outside === undefined ? {} : { outside: { needed: outside.needed, witnesses: witnesses ?? [] } }
  const named = affiliates.toSorted((a, b) => compareTexts(a.domain, b.domain))
  const others = {
    ...(named.length === 0 ? {} : { affiliates: named }),
    ...(suspended.length === 0 ? {} : { suspended: suspended.toSorted(compareTexts) }),
  }
  return encode({ v: 1, ...rest, members, accreditors, ...others, ...besides })
}

/** Reads the document. One meaning has one text: what parses here prints back to the same bytes. */
export function parseDocument(bytes: Uint8Array): Result<CharterDocument, DocumentFault> {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value)) return fault('charter-shape')
  const { outside, affiliates, suspended, ...required } = read.value
  if (!hasKeys(required, ...KEYS)) return fault('charter-shape')
  const { v, name, created, nonce, stalenessSeconds, observers } = read.value
  if (v !== 1 || !isLabel(name) || !isCount(created) || !isBytes(nonce, NONCE_BYTES))
    return fault('charter-shape')
  if (!isCount(stalenessSeconds) || stalenessSeconds < STALENESS_SECONDS_MIN) return fault('charter-shape')
  if (stalenessSeconds > STALENESS_SECONDS_MAX) return fault('charter-shape')
  if (observers !== 'admit' && observers !== 'refuse') return fault('charter-shape')
  const caps = capsOf(read.value['caps'])
  if (caps === undefined) return fault('charter-shape')
  const members = membersOf(read.value['members'])
  if (!members.ok) return members
  const accreditation = accreditationOf(read.value, members.value)
  if (!accreditation.ok) return accreditation
  const others = partiesOf(affiliates, suspended, members.value)
  if (!others.ok) return others
  const own = { name, created, nonce, stalenessSeconds, caps, observers } as const
  const document = { ...own, members: members.value, ...others.value, ...accreditation.value }
  if (outside === undefined) return ok(document)
  const witnesses = outsideOf(outside, parties({ document }))
  return witnesses === undefined ? fault('charter-outside') : ok({ ...document, outside: witnesses })
}

/** Founders whose signature is still missing. A charter is in force when there are none. */
export function unsignedBy(state: CharterState): readonly string[] {
  return state.document.members.map(({ domain }) => domain).filter((domain) => !state.signed.has(domain))
}

/** The member of this domain. Governance will find its place here: standing is read from nowhere else. */
export function memberOf(state: CharterState, domain: string): Member | undefined {
  return state.document.members.find((member) => member.domain === domain)
}

/** The members, and behind them the affiliates: all who have a log. */
export function parties({ document }: Pick<CharterState, 'document'>): readonly Member[] {
  return [...document.members, ...(document.affiliates ?? [])]
}

/** The member or affiliate of this domain. */
export function partyOf(state: CharterState, domain: string): Member | undefined {
  return parties(state).find((party) => party.domain === domain)
}

/** Who may speak: the member or affiliate whose log this origin names, or nobody. */
export function speakerOf(state: CharterState, origin: string): Member | undefined {
  const read = parseOrigin(origin)
  if (!read.ok || read.value.networkId !== state.networkId || read.value.epoch > EPOCHS_MAX) return undefined
  return partyOf(state, read.value.domain)
}

/** Order of domains: by their bytes. */
export function compareTexts(a: string, b: string): number {
  return compare(bytesOfText(a), bytesOfText(b))
}

const NONCE_BYTES = 16
const KEYS = [
  'v',
  'name',
  'created',
  'nonce',
  'members',
  'accreditors',
  'accreditorsNeeded',
  'stalenessSeconds',
  'caps',
  'observers',
] as const

function capsOf(value: Value | undefined): CharterDocument['caps'] | undefined {
  if (!isMap(value) || !hasKeys(value, 'entriesPerDay', 'bytesPerDay')) return undefined
  const { entriesPerDay, bytesPerDay } = value
  if (!isCount(entriesPerDay) || !isCount(bytesPerDay)) return undefined
  // A member that may say nothing is no member.
  return entriesPerDay > 0 && bytesPerDay > 0 ? { entriesPerDay, bytesPerDay } : undefined
}

function membersOf(value: Value | undefined): Result<readonly Member[], DocumentFault> {
  if (!isList(value) || value.length === 0 || value.length > MEMBERS_MAX) return fault('charter-members')
  const members: Member[] = []
  for (const item of value) {
    if (!isMap(item) || !hasKeys(item, 'domain', 'name', 'sector', 'root')) return fault('charter-members')
    const { domain, name, sector, root } = item
    if (typeof domain !== 'string' || !isDomain(domain) || !isLabel(name) || !isLabel(sector))
      return fault('charter-members')
    const last = members.at(-1)
    if (last !== undefined && compareTexts(last.domain, domain) >= 0) return fault('charter-members')
    const key = root instanceof Uint8Array ? admitKey(root) : undefined
    if (key === undefined || !key.ok) return fault('charter-key')
    if (members.some((other) => equal(other.root, key.value))) return fault('charter-key')
    members.push({ domain, name, sector, root: key.value })
  }
  return ok(members)
}

type Parties = Pick<CharterDocument, 'affiliates' | 'suspended'>

/** Neither list is there when it is empty, so that one charter has one text. */
function partiesOf(
  affiliates: Value | undefined,
  suspended: Value | undefined,
  members: readonly Member[],
): Result<Parties, DocumentFault> {
  const read = affiliates === undefined ? ok([]) : membersOf(affiliates)
  if (!read.ok) return read.fault === 'charter-key' ? read : fault('charter-affiliates')
  for (const { domain, root } of read.value) {
    if (members.some((member) => member.domain === domain)) return fault('charter-affiliates')
    if (members.some((member) => equal(member.root, root))) return fault('charter-key')
  }
  const named = affiliates === undefined ? {} : { affiliates: read.value }
  if (suspended === undefined) return ok(named)
  const domains = suspendedOf(suspended, [...members, ...read.value])
  const isNobodyLeft = domains !== undefined && members.every(({ domain }) => domains.includes(domain))
  return domains === undefined || isNobodyLeft
    ? fault('charter-suspended')
    : ok({ ...named, suspended: domains })
}

function suspendedOf(value: Value, named: readonly Member[]): readonly string[] | undefined {
  if (!isList(value) || value.length === 0) return undefined
  const domains: string[] = []
  for (const domain of value) {
    const last = domains.at(-1)
    if (typeof domain !== 'string' || (last !== undefined && compareTexts(last, domain) >= 0))
      return undefined
    if (!named.some((party) => party.domain === domain)) return undefined
    domains.push(domain)
  }
  return domains
}

function accreditationOf(
  { accreditors, accreditorsNeeded }: MapValue,
  members: readonly Member[],
): Result<{ accreditors: readonly string[]; accreditorsNeeded: number }, DocumentFault> {
  if (!isList(accreditors) || accreditors.length === 0 || !isCount(accreditorsNeeded))
    return fault('charter-accreditors')
  const domains: string[] = []
  for (const domain of accreditors) {
    const last = domains.at(-1)
    if (typeof domain !== 'string' || (last !== undefined && compareTexts(last, domain) >= 0))
      return fault('charter-accreditors')
    if (!members.some((member) => member.domain === domain)) return fault('charter-accreditors')
    domains.push(domain)
  }
  if (accreditorsNeeded === 0 || accreditorsNeeded > domains.length) return fault('charter-accreditors')
  return ok({ accreditors: domains, accreditorsNeeded })
}

/** Names are those of C2SP signed-note; each name and key once, and no party's root key. */
function outsideOf(value: Value, named: readonly Member[]): CharterDocument['outside'] | undefined {
  if (!isMap(value) || !hasKeys(value, 'needed', 'witnesses')) return undefined
  const { needed, witnesses } = value
  if (!isCount(needed) || !isList(witnesses) || witnesses.length > OUTSIDE_WITNESSES_MAX) return undefined
  const read: OutsideWitness[] = []
  for (const item of witnesses) {
    if (!isMap(item) || !hasKeys(item, 'name', 'key', 'url')) return undefined
    const { name, key: bytes, url } = item
    if (typeof name !== 'string' || !isKeyName(name) || typeof url !== 'string' || !isUrl(url))
      return undefined
    const key = bytes instanceof Uint8Array ? admitKey(bytes) : undefined
    const last = read.at(-1)
    if (key === undefined || !key.ok || (last !== undefined && compareTexts(last.name, name) >= 0))
      return undefined
    const keys = [...read.map((one) => one.key), ...named.map(({ root }) => root)]
    if (keys.some((other) => equal(other, key.value))) return undefined
    read.push({ name, key: key.value, url })
  }
  return needed > 0 && needed <= read.length ? { needed, witnesses: read } : undefined
}

function isKeyName(name: string): boolean {
  return bytesOfText(name).length <= TEXT_BYTES_MAX && /^[^\p{White_Space}\p{Cc}+]+$/u.test(name)
}

function isUrl(url: string): boolean {
  return url.length <= TEXT_BYTES_MAX && /^https?:\/\/[!-~]+$/.test(url)
}

/** The root key of the party whose log this is; undefined for a log of nobody in the charter. */
export function rootKeyOf(charter: CharterState, origin: string): PublicKey | undefined {
  return speakerOf(charter, origin)?.root
}
