/** Whose word a statement in an audit trail is. Spec 06 §11. */
import { printHex } from '../bytes.ts'
import type { AccessStatement, Signed } from '../access/signed.ts'
import type { PublicKey } from '../identity/key.ts'
import { verifySignature } from '../identity/signature.ts'
import type { Primitives } from '../primitives.ts'
import { domainOf, signedIn } from './trail-steps.ts'

/** A statement key and whose it is: domains of members, or null for an accredited researcher without a log. */
export type PartyKey = { readonly key: PublicKey; readonly parties: readonly (string | null)[] }

/** The statement key with this id (in hexadecimal), where it is known. */
export type KeyOf = (keyId: string) => PartyKey | undefined

/** Whether this key signed it, and is one of the party that has to have signed it. */
export function isSignedAsSaid(primitives: Primitives, signed: Signed, { key, parties }: PartyKey): boolean {
  if (!parties.includes(partyOf(signed.statement))) return false
  return verifySignature(primitives, key, signed.toBeSigned, signed.signature)
}

/** Who has to have signed it: a member, or null for somebody without a log. */
function partyOf(statement: AccessStatement): string | null {
  switch (statement.kind) {
    case 'grant':
    case 'denial':
    case 'revocation':
    case 'escrow':
      return domainOf(statement.owner)
    default:
      return statement.from === null ? null : domainOf(statement.from)
  }
}

/** Whether these bytes are a statement that the party with this log signed, or one of somebody without a log. */
export function isWordOf(
  primitives: Primitives,
  bytes: Uint8Array | null,
  origin: string,
  keyOf: KeyOf,
): boolean {
  const signed = signedIn(bytes)
  const known = signed && keyOf(printHex(signed.keyId))
  if (signed === undefined || known === undefined) return false
  const party = partyOf(signed.statement)
  return (party === null || party === domainOf(origin)) && isSignedAsSaid(primitives, signed, known)
}
