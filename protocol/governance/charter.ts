/**
 * The charter: the founding document of a coalition, which names the network, binds its members' root keys and
 * says who may speak. Until decisions amend it, the file is the whole of governance. DESIGN §1 and §7, spec 07 §2.
 *
 * The network id is the hash of the unsigned document; the founders' signatures stand beside it.
 */
import { bytesOfText, compare, equal, printBase32 } from '../bytes.ts'
import { encode, parse, type Value } from '../codec/cbor.ts'
import { hasKeys, isBytes, isCount, isList, isMap, type MapValue } from '../codec/value.ts'
import { DOMAINS } from '../identity/domains.ts'
import { admitKey, type PublicKey } from '../identity/key.ts'
import { isLabel, readDescriptor, type Descriptor } from '../identity/member.ts'
import { verifySignature } from '../identity/signature.ts'
import { MEMBERS_MAX } from '../limits.ts'
import { isDomain, parseOrigin } from '../log/checkpoint.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'

export type Member = {
  readonly domain: string
  readonly name: string
  readonly sector: string
  readonly root: PublicKey
}

export type CharterDocument = {
  readonly name: string
  /** Seconds since 1970, informative. */
  readonly created: number
  /** 16 random bytes: two coalitions of the same members are two networks. */
  readonly nonce: Uint8Array
  /** In the order of their domains. */
  readonly members: readonly Member[]
  /** Domains of the members that may accredit researchers, and how many of them it takes. */
  readonly accreditors: readonly string[]
  readonly accreditorsNeeded: number
  /** How old other members' cosignatures may be for a node to decide on disclosure (DESIGN §6). */
  readonly stalenessSeconds: number
  /** What a member's log may grow by in a day (DESIGN §4.8). */
  readonly caps: { readonly entriesPerDay: number; readonly bytesPerDay: number }
  /** What becomes of peers that are no members. */
  readonly observers: 'admit' | 'refuse'
}

/** A charter as it governs: the fold that decisions will extend. */
export type CharterState = {
  readonly networkId: string
  readonly document: CharterDocument
  /** Domains of founders whose signature is here. */
  readonly signed: ReadonlySet<string>
  /** Where members' nodes are reached, each signed by its member's root key. */
  readonly descriptors: readonly Descriptor[]
}

export type CharterFault =
  | 'charter-shape'
  | 'charter-members'
  | 'charter-key'
  | 'charter-accreditors'
  | 'charter-signer'
  | 'charter-signature'
  | 'charter-descriptor'

/** The charter file: the document's bytes, and beside them signatures and descriptors. */
export type CharterFile = {
  readonly document: Uint8Array
  readonly signatures: readonly { readonly domain: string; readonly signature: Uint8Array }[]
  readonly descriptors: readonly Uint8Array[]
}

/** SHA-256 of the unsigned document in base32: 52 characters. */
export function networkIdOf(primitives: Primitives, document: Uint8Array): string {
  return printBase32(primitives.sha256(document))
}

/** What a founder's root key signs. */
export function charterMessage(primitives: Primitives, document: Uint8Array): Uint8Array {
  return encode([DOMAINS.charter, primitives.sha256(document)])
}

export function printDocument(document: CharterDocument): Uint8Array {
  const members = document.members.toSorted((a, b) => compare(bytesOfText(a.domain), bytesOfText(b.domain)))
  return encode({ v: 1, ...document, members })
}

export function printCharterFile(file: CharterFile): Uint8Array {
  const signatures = file.signatures.map(({ domain, signature }) => [domain, signature])
  return encode({ v: 1, document: file.document, signatures, descriptors: file.descriptors })
}

/** Takes a charter file apart without judging it. */
export function parseCharterFile(bytes: Uint8Array): Result<CharterFile, CharterFault> {
  const value = parse(bytes)
  if (!value.ok || !isMap(value.value)) return fault('charter-shape')
  if (!hasKeys(value.value, 'v', 'document', 'signatures', 'descriptors')) return fault('charter-shape')
  const { v, document, signatures, descriptors } = value.value
  if (v !== 1 || !(document instanceof Uint8Array) || !isList(signatures) || !isList(descriptors))
    return fault('charter-shape')
  if (signatures.length > MEMBERS_MAX || descriptors.length > MEMBERS_MAX) return fault('charter-shape')
  const signed = signatures.flatMap((item) => signatureOf(item))
  const files = descriptors.filter((item): item is Uint8Array => item instanceof Uint8Array)
  if (signed.length !== signatures.length || files.length !== descriptors.length)
    return fault('charter-shape')
  return ok({ document, signatures: signed, descriptors: files })
}

/** Reads a charter file and checks all that stands in it: every key, every signature, every descriptor. */
export function readCharter(primitives: Primitives, bytes: Uint8Array): Result<CharterState, CharterFault> {
  const file = parseCharterFile(bytes)
  if (!file.ok) return file
  const document = readDocument(file.value.document)
  if (!document.ok) return document
  const signed = new Set<string>()
  const message = charterMessage(primitives, file.value.document)
  for (const { domain, signature } of file.value.signatures) {
    const member = document.value.members.find((one) => one.domain === domain)
    if (member === undefined || signed.has(domain)) return fault('charter-signer')
    if (!verifySignature(primitives, member.root, message, signature)) return fault('charter-signature')
    signed.add(domain)
  }
  const descriptors: Descriptor[] = []
  for (const one of file.value.descriptors) {
    const descriptor = readDescriptor(primitives, one)
    if (!descriptor.ok) return fault('charter-descriptor')
    const member = document.value.members.find(({ domain }) => domain === descriptor.value.domain)
    if (member === undefined || !equal(member.root, descriptor.value.root)) return fault('charter-descriptor')
    descriptors.push(descriptor.value)
  }
  return ok({
    networkId: networkIdOf(primitives, file.value.document),
    document: document.value,
    signed,
    descriptors,
  })
}

/** Founders whose signature is still missing. A charter is in force when there are none. */
export function unsignedBy(state: CharterState): readonly string[] {
  return state.document.members.map(({ domain }) => domain).filter((domain) => !state.signed.has(domain))
}

/** The member of this domain. Governance will find its place here: standing is read from nowhere else. */
export function memberOf(state: CharterState, domain: string): Member | undefined {
  return state.document.members.find((member) => member.domain === domain)
}

/** Who may speak: the member whose log this origin names, or nobody. */
export function speakerOf(state: CharterState, origin: string): Member | undefined {
  const read = parseOrigin(origin)
  return read.ok && read.value.networkId === state.networkId ? memberOf(state, read.value.domain) : undefined
}

function readDocument(bytes: Uint8Array): Result<CharterDocument, CharterFault> {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value)) return fault('charter-shape')
  const value: MapValue = read.value
  const keys = [
    'v',
    'name',
    'created',
    'nonce',
    'members',
    'accreditors',
    'accreditorsNeeded',
    'stalenessSeconds',
    'caps',
  ]
  if (!hasKeys(value, ...keys, 'observers') || value['v'] !== 1) return fault('charter-shape')
  const { name, created, nonce, stalenessSeconds, caps, observers } = value
  if (!isLabel(name) || !isCount(created) || !isBytes(nonce, 16) || !isCount(stalenessSeconds))
    return fault('charter-shape')
  if (!isMap(caps) || !hasKeys(caps, 'entriesPerDay', 'bytesPerDay')) return fault('charter-shape')
  const { entriesPerDay, bytesPerDay } = caps
  if (!isCount(entriesPerDay) || !isCount(bytesPerDay)) return fault('charter-shape')
  if (observers !== 'admit' && observers !== 'refuse') return fault('charter-shape')
  const members = readMembers(value['members'])
  if (!members.ok) return members
  const accreditors = readAccreditors(value, members.value)
  if (!accreditors.ok) return accreditors
  const common = {
    name,
    created,
    nonce,
    stalenessSeconds,
    caps: { entriesPerDay, bytesPerDay },
    observers,
  } as const
  return ok({ ...common, members: members.value, ...accreditors.value })
}

function readMembers(value: Value | undefined): Result<readonly Member[], CharterFault> {
  if (!isList(value) || value.length === 0 || value.length > MEMBERS_MAX) return fault('charter-members')
  const members: Member[] = []
  for (const item of value) {
    if (!isMap(item) || !hasKeys(item, 'domain', 'name', 'sector', 'root')) return fault('charter-members')
    const { domain, name, sector, root } = item
    if (typeof domain !== 'string' || !isDomain(domain) || !isLabel(name) || !isLabel(sector))
      return fault('charter-members')
    const last = members.at(-1)
    if (last !== undefined && compare(bytesOfText(last.domain), bytesOfText(domain)) >= 0)
      return fault('charter-members')
    const key = root instanceof Uint8Array ? admitKey(root) : undefined
    if (key === undefined || !key.ok) return fault('charter-key')
    if (members.some((other) => equal(other.root, key.value))) return fault('charter-key')
    members.push({ domain, name, sector, root: key.value })
  }
  return ok(members)
}

function readAccreditors(
  value: MapValue,
  members: readonly Member[],
): Result<{ accreditors: readonly string[]; accreditorsNeeded: number }, CharterFault> {
  const { accreditors, accreditorsNeeded } = value
  if (!isList(accreditors) || !isCount(accreditorsNeeded) || accreditorsNeeded === 0)
    return fault('charter-accreditors')
  const domains = accreditors.filter((domain) => typeof domain === 'string')
  const known = domains.filter((domain) => members.some((member) => member.domain === domain))
  if (known.length !== accreditors.length || new Set(known).size !== known.length)
    return fault('charter-accreditors')
  if (accreditorsNeeded > Math.max(1, known.length)) return fault('charter-accreditors')
  return ok({ accreditors: known, accreditorsNeeded })
}

function signatureOf(value: Value): { domain: string; signature: Uint8Array }[] {
  if (!isList(value) || value.length !== 2) return []
  const [domain, signature] = value
  return typeof domain === 'string' && isBytes(signature, 64) ? [{ domain, signature }] : []
}
