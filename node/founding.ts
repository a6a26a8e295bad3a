/** Founding a coalition: a charter made of its members' descriptors, signed by each founder's root key. */
import {
  charterMessage,
  memberOf,
  printDocument,
  type CharterDocument,
  type Member,
} from '../protocol/governance/charter.ts'
import {
  addSignature,
  joinCharterFiles,
  parseCharterFile,
  printCharterFile,
  type CharterFile,
} from '../protocol/governance/charter-file.ts'
import { isLabel, readDescriptor, type Descriptor } from '../protocol/identity/member.ts'
import { MEMBERS_MAX } from '../protocol/limits.ts'
import type { Caps } from '../protocol/log/daily.ts'
import { parsePolicy } from '../protocol/log/policy.ts'
import { charterFault, openCharter, ownPlace } from './charter.ts'
import { NodeError } from './errors.ts'
import { readMember, type Home } from './home.ts'
import { Keystore } from './keys/keystore.ts'
import { native } from './keys/native.ts'
import type { Passphrase } from './keys/unlock.ts'

export type CharterOptions = Pick<CharterDocument, 'name' | 'observers'> & {
  readonly nonce: Uint8Array
  readonly now: number
  /** Domains; every member when none is named. */
  readonly accreditors: readonly string[]
  readonly accreditorsNeeded?: number
  /** Descriptors of affiliates. */
  readonly affiliates?: readonly Uint8Array[]
  /** Domains of parties that are named and trusted with nothing. */
  readonly suspended?: readonly string[]
  /** What each member may add to its logs in a day; a million entries and four billion bytes where nothing is said. */
  readonly caps?: Partial<Caps>
  /** Witnesses outside the coalition that heads need besides the members. */
  readonly outside?: NonNullable<CharterDocument['outside']>
}

const DAY_SECONDS = 86_400
const CAPS: Caps = { entriesPerDay: 1_000_000, bytesPerDay: 4_000_000_000 }

/** An unsigned charter file of these members' descriptors. */
export function makeCharter(descriptors: readonly Uint8Array[], options: CharterOptions): Uint8Array {
  const members = descriptors.map(descriptorOf)
  const affiliates = (options.affiliates ?? []).map(descriptorOf)
  checkMembers([...members, ...affiliates])
  const suspended = [...new Set(options.suspended ?? [])]
  const accreditors =
    options.accreditors.length > 0 ? options.accreditors : members.map(({ domain }) => domain)
  const accreditorsNeeded = options.accreditorsNeeded ?? Math.min(2, accreditors.length)
  checkOptions(options.name, accreditors, accreditorsNeeded, members)
  const document = printDocument({
    name: options.name,
    created: Math.floor(options.now / 1_000),
    nonce: options.nonce,
    members: members.map(partyOfDescriptor),
    affiliates: affiliates.map(partyOfDescriptor),
    suspended,
    accreditors,
    accreditorsNeeded,
    stalenessSeconds: DAY_SECONDS,
    caps: { ...CAPS, ...options.caps },
    observers: options.observers,
    ...(options.outside === undefined ? {} : { outside: options.outside }),
  })
  const file = printCharterFile({
    document,
    signatures: [],
    descriptors: [...descriptors, ...(options.affiliates ?? [])],
  })
  openCharter(file, 'what these members make')
  return file
}

function descriptorOf(bytes: Uint8Array, index: number): Descriptor {
  const read = readDescriptor(native, bytes)
  if (read.ok) return read.value
  throw new NodeError('BAD_INPUT', `file ${index + 1} is not a member descriptor (${read.fault})`, {
    fix: 'candor whoami --descriptor -o FILE, at that member',
  })
}

function partyOfDescriptor({ domain, name, sector, root }: Descriptor): Member {
  return { domain, name, sector, root }
}

/**
 * Outside witnesses out of a C2SP trust policy: `witness` lines with addresses, and one group of all of them as the quorum.
 * It is the form in which networks of witnesses hand theirs out.
 */
export function outsideFromPolicy(bytes: Uint8Array, what: string): NonNullable<CharterDocument['outside']> {
  const read = parsePolicy(native, bytes)
  if (!read.ok)
    throw new NodeError('BAD_INPUT', `${what}, line ${read.line}: not a trust policy (${read.fault})`)
  const { logs, witnesses, groups, quorum } = read.value
  const [group, ...more] = groups
  const isAll = group === undefined ? witnesses.length === 1 : group.members.length === witnesses.length
  const isQuorum = quorum === (group ?? witnesses[0])?.name
  if (logs.length > 0 || more.length > 0 || !isAll || !isQuorum) {
    const shape = 'witness lines and one group of all of them, which is the quorum'
    throw new NodeError('BAD_INPUT', `${what} does not have the form that a charter takes: ${shape}`)
  }
  const named = witnesses.map(({ name, key, url }) => {
    if (url !== undefined) return { name: key.name, key: key.key, url }
    throw new NodeError('BAD_INPUT', `${what} gives no address of the witness ${JSON.stringify(name)}`)
  })
  return { needed: group?.threshold ?? 1, witnesses: named }
}

/** Adds this home's founder's signature. Signing twice changes nothing. */
export function signCharter(home: Home, file: Uint8Array, passphrase: Passphrase): Uint8Array {
  const member = readMember(home)
  const charter = openCharter(file, 'the file to sign')
  ownPlace(charter, member)
  if (memberOf(charter, member.domain) === undefined)
    throw new NodeError('NOT_ALLOWED', 'a charter is signed by its members; an affiliate is named by them')
  if (charter.signed.has(member.domain)) return file
  const parts = takeApart(file, 'the file to sign')
  const keystore = Keystore.open(home.keys, passphrase)
  const signature = keystore.withRoot((root) => root.sign(charterMessage(native, parts.document)))
  const signed = addSignature(native, parts, { domain: member.domain, signature })
  if (signed.ok) return printCharterFile(signed.value)
  throw new NodeError('CONFIGURATION', `the keystore in ${home.keys} is not the one of ${home.descriptor}`)
}

/** Joins the signatures of copies of one charter that were signed apart. */
export function mergeCharters(files: readonly Uint8Array[]): Uint8Array {
  const [first, ...rest] = files.map((file, index) => takeApart(file, `file ${index + 1}`))
  if (first === undefined) throw new NodeError('USAGE', 'name at least one charter file')
  let joined = first
  for (const [index, file] of [first, ...rest].entries()) {
    const next = joinCharterFiles(native, joined, file)
    if (next.ok) joined = next.value
    else if (next.fault !== 'charter-different') throw charterFault(next, `file ${index + 1}`)
    else throw new NodeError('CONFLICT', `files 1 and ${index + 1} are different charters`)
  }
  return printCharterFile(joined)
}

function takeApart(file: Uint8Array, what: string): CharterFile {
  const parts = parseCharterFile(file)
  if (parts.ok) return parts.value
  throw charterFault(parts, what)
}

function checkMembers(members: readonly Descriptor[]): void {
  if (members.length === 0 || members.length > MEMBERS_MAX) {
    throw new NodeError('USAGE', `a charter takes 1 to ${MEMBERS_MAX} member descriptors`)
  }
  const domains = new Set<string>()
  for (const { domain } of members) {
    if (domains.has(domain)) throw new NodeError('BAD_INPUT', `two of the descriptors are of ${domain}`)
    domains.add(domain)
  }
}

function checkOptions(
  name: string,
  accreditors: readonly string[],
  needed: number,
  members: readonly Descriptor[],
): void {
  if (!isLabel(name)) throw new NodeError('USAGE', 'a coalition has a name of 1 to 200 bytes on one line')
  const stranger = accreditors.find((domain) => !members.some((member) => member.domain === domain))
  if (stranger !== undefined) {
    throw new NodeError('USAGE', `the accreditor ${JSON.stringify(stranger)} is none of the members`)
  }
  if (new Set(accreditors).size !== accreditors.length) {
    throw new NodeError('USAGE', 'an accreditor is named twice')
  }
  if (!Number.isSafeInteger(needed) || needed < 1 || needed > accreditors.length) {
    throw new NodeError('USAGE', `an accreditation takes 1 to ${accreditors.length} accreditors`)
  }
}
