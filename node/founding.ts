/** Founding a coalition: a charter made of its members' descriptors, signed by each founder's root key. */
import { equal } from '../protocol/bytes.ts'
import { encode } from '../protocol/codec/cbor.ts'
import {
  charterMessage,
  parseCharterFile,
  printCharterFile,
  printDocument,
  readCharter,
  type CharterDocument,
} from '../protocol/governance/charter.ts'
import { readDescriptor } from '../protocol/identity/member.ts'
import { NodeError } from './errors.ts'
import { readMember, type Home } from './home.ts'
import { Keystore, type Passphrase } from './keys/keystore.ts'
import { native } from './keys/native.ts'

export type CharterOptions = Pick<CharterDocument, 'name' | 'observers'> & {
  readonly nonce: Uint8Array
  readonly now: number
  /** Domains; every member when none is named. */
  readonly accreditors: readonly string[]
  readonly accreditorsNeeded?: number
}

const DAY_SECONDS = 86_400

/** An unsigned charter file of these members' descriptors. */
export function makeCharter(descriptors: readonly Uint8Array[], options: CharterOptions): Uint8Array {
  const members = descriptors.map((bytes, index) => {
    const read = readDescriptor(native, bytes)
    if (read.ok) return read.value
    throw new NodeError('BAD_INPUT', `file ${index + 1} is not a member descriptor (${read.fault})`, {
      fix: 'candor whoami --descriptor -o FILE, at that member',
    })
  })
  const accreditors =
    options.accreditors.length > 0 ? options.accreditors : members.map(({ domain }) => domain)
  const document = printDocument({
    name: options.name,
    created: Math.floor(options.now / 1_000),
    nonce: options.nonce,
    members: members.map(({ domain, name, sector, root }) => ({ domain, name, sector, root })),
    accreditors,
    accreditorsNeeded: options.accreditorsNeeded ?? Math.min(2, accreditors.length),
    stalenessSeconds: DAY_SECONDS,
    caps: { entriesPerDay: 1_000_000, bytesPerDay: 4_000_000_000 },
    observers: options.observers,
  })
  const file = printCharterFile({ document, signatures: [], descriptors })
  const charter = readCharter(native, file)
  if (charter.ok) return file
  throw new NodeError(
    'BAD_INPUT',
    `these members do not make a charter (${charter.fault}): each domain and root key once`,
  )
}

/** Adds this home's founder's signature. Signing twice changes nothing. */
export function signCharter(home: Home, file: Uint8Array, passphrase: Passphrase): Uint8Array {
  const member = readMember(home)
  const charter = readCharter(native, file)
  const parts = parseCharterFile(file)
  if (!charter.ok || !parts.ok) {
    throw new NodeError(
      'CHARTER_INVALID',
      `this is not a valid charter file (${charter.ok ? 'charter-shape' : charter.fault})`,
    )
  }
  const ours = charter.value.document.members.find(({ domain }) => domain === member.domain)
  if (ours === undefined || !equal(ours.root, member.root)) {
    throw new NodeError(
      'NOT_ALLOWED',
      `the charter does not name ${member.domain} with the root key of this home`,
    )
  }
  if (charter.value.signed.has(member.domain)) return file
  const keystore = Keystore.open(home.keys, passphrase)
  const { document, signatures, descriptors } = parts.value
  const signature = keystore.withRoot((root) => root.sign(charterMessage(native, document)))
  return printCharterFile({
    document,
    descriptors,
    signatures: [...signatures, { domain: member.domain, signature }],
  })
}

/** Joins the signatures of copies of one charter that were signed apart. */
export function mergeCharters(files: readonly Uint8Array[]): Uint8Array {
  const [first, ...rest] = files.map((file) => {
    const read = parseCharterFile(file)
    if (read.ok) return read.value
    throw new NodeError('CHARTER_INVALID', `this is not a charter file (${read.fault})`)
  })
  if (first === undefined) throw new NodeError('USAGE', 'name at least one charter file')
  const signatures = new Map(first.signatures.map((one) => [one.domain, one]))
  const descriptors = new Map(first.descriptors.map((one) => [Buffer.from(encode(one)).toString('hex'), one]))
  for (const { document, signatures: more, descriptors: others } of rest) {
    if (!equal(document, first.document))
      throw new NodeError('CONFLICT', 'these files are different charters')
    for (const one of more) signatures.set(one.domain, one)
    for (const one of others) descriptors.set(Buffer.from(encode(one)).toString('hex'), one)
  }
  const joined = {
    document: first.document,
    signatures: [...signatures.values()],
    descriptors: [...descriptors.values()],
  }
  return printCharterFile(joined)
}
