/** What an owner's answer is worth: signed by its log's key in force, and about the request it answers. Spec 06 §6. */
import { equal } from '../../protocol/bytes.ts'
import type { Denial, Grant, Revocation } from '../../protocol/access/grant.ts'
import type { Request } from '../../protocol/access/request.ts'
import { isSigned, parseAccess, type Signed } from '../../protocol/access/signed.ts'
import { signerAt } from '../../protocol/identity/keystate.ts'
import { verifySignature } from '../../protocol/identity/signature.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Logs } from '../store/logs.ts'

export type AnswerSource = { readonly primitives: Primitives; readonly logs: Logs }

/** The request that was made, with its id. */
export type Made = { readonly id: Uint8Array; readonly signed: Signed<Request> }

/** The grant for this request, or what is wrong with it. */
export function readGrantFor(source: AnswerSource, made: Made, bytes: Uint8Array): Signed<Grant> | string {
  const signed = answerFrom(source, made, bytes)
  if (typeof signed === 'string') return signed
  if (!isSigned(signed, 'grant')) return 'no grant'
  const { statement } = signed
  const { on, tier, terms } = made.signed.statement
  const isSame =
    equal(statement.request, made.id) &&
    statement.tier === tier &&
    equal(statement.terms, terms) &&
    statement.on.origin === on.origin &&
    statement.on.index === on.index &&
    equal(statement.on.leaf, on.leaf)
  return isSame ? signed : 'a grant for something else'
}

export function readDenialOf(source: AnswerSource, made: Made, bytes: Uint8Array): Signed<Denial> | string {
  const signed = answerFrom(source, made, bytes)
  if (typeof signed === 'string') return signed
  if (!isSigned(signed, 'denial')) return 'no denial'
  return equal(signed.statement.request, made.id) ? signed : 'a denial of something else'
}

/** Of this grant, or of one that never came. */
export function readRevocationOf(
  source: AnswerSource,
  made: Made,
  grant: Uint8Array | null,
  bytes: Uint8Array,
): Signed<Revocation> | string {
  const signed = answerFrom(source, made, bytes)
  if (typeof signed === 'string') return signed
  if (!isSigned(signed, 'revocation')) return 'no revocation'
  return grant === null || equal(signed.statement.grant, grant) ? signed : 'a revocation of something else'
}

/** Signed by the owner that was asked, to us. */
function answerFrom({ primitives, logs }: AnswerSource, made: Made, bytes: Uint8Array): Signed | string {
  const read = parseAccess(bytes)
  if (!read.ok) return read.fault
  const { statement, keyId, toBeSigned, signature } = read.value
  if (!('to' in statement)) return 'not an answer'
  const { owner, network } = made.signed.statement
  if (statement.owner !== owner || statement.network !== network) return 'an answer of another'
  if (!equal(statement.to, made.signed.keyId)) return 'an answer to another'
  const log = logs.get(owner)
  if (log?.keys === undefined) return 'the log of the owner is not held here'
  const signer = signerAt(log.keys, 'access', keyId, log.edge.size)
  if (!signer.ok) return signer.fault
  return verifySignature(primitives, signer.value, toBeSigned, signature) ? read.value : 'a forged signature'
}
