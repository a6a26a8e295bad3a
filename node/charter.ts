/** Reading a charter file as a node does: what is wrong with it is said in a sentence, and about whom. */
import { equal } from '../protocol/bytes.ts'
import { type CharterState, type Member, partyOf } from '../protocol/governance/charter.ts'
import { readCharter, type CharterFault, type CharterRefusal } from '../protocol/governance/charter-file.ts'
import type { Descriptor } from '../protocol/identity/member.ts'
import { CBOR_BYTES_MAX } from '../protocol/limits.ts'
import { NodeError } from './errors.ts'
import { readFileBounded } from './keys/files.ts'
import { native } from './keys/native.ts'

export function readCharterFile(path: string): Uint8Array {
  return readFileBounded(path, CBOR_BYTES_MAX)
}

/** The charter in these bytes, everything in it checked. `what` names them in the error. */
export function openCharter(bytes: Uint8Array, what: string): CharterState {
  const read = readCharter(native, bytes)
  if (read.ok) return read.value
  throw charterFault(read, what)
}

export function charterFault({ fault, domain }: CharterRefusal, what: string): NodeError {
  const whose = domain === undefined ? '' : `, for ${domain}`
  return new NodeError('CHARTER_INVALID', `${what} is not a valid charter: ${SENTENCES[fault]}${whose}`)
}

/** The place this home's member has in a charter, or NOT_ALLOWED. */
export function ownPlace(charter: CharterState, member: Descriptor): Member {
  const ours = partyOf(charter, member.domain)
  if (ours !== undefined && equal(ours.root, member.root)) return ours
  throw new NodeError(
    'NOT_ALLOWED',
    `the charter does not name ${member.domain} with the root key of this home`,
  )
}

const SENTENCES: Readonly<Record<CharterFault, string>> = {
  'charter-file': 'it is another kind of file, or was altered or cut short',
  'charter-shape': 'its document is not well-formed, or a value in it is out of bounds',
  'charter-members': 'its members are not well-formed, not in order, or named twice',
  'charter-key': 'a root key is not an admissible Ed25519 key, or two parties share one',
  'charter-accreditors': 'its accreditors are not members, or fewer than it needs of them',
  'charter-affiliates': 'its affiliates are not well-formed, not in order, or members',
  'charter-suspended': 'it suspends somebody it does not name, or every member',
  'charter-outside': 'its outside witnesses are not well-formed, not in order, or fewer than it needs',
  'charter-signer': 'it bears the signature of somebody it does not name',
  'charter-signature': 'a signature does not verify',
  'charter-descriptor': 'a member descriptor is not valid, not of a member, or one of several',
}
