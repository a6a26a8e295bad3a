/**
 * Who asks: what the signature on a request proves, from the logs alone. The claim stands in the request; this
 * says whether the key that signed bears it out. Spec 06 §3.
 */
import { parseOrigin } from '../log/checkpoint.ts'
import { equal } from '../bytes.ts'
import { speakerOf, type CharterState } from '../governance/charter.ts'
import { standingOf, type Standing } from '../governance/standing.ts'
import { keysInForce, signerAt, type KeyState } from '../identity/keystate.ts'
import type { PublicKey } from '../identity/key.ts'
import { verifySignature } from '../identity/signature.ts'
import type { Primitives } from '../primitives.ts'
import { researcherId, type Accreditation, type AccreditationState } from './accreditation.ts'
import type { Request } from './request.ts'
import type { Signed } from './signed.ts'

export type HeldAccreditation = {
  readonly accreditation: Accreditation
  readonly state: AccreditationState
}

export type Requester = {
  /** `anonymous` claims nothing, so nothing was checked; `unproven` claims what its key does not bear out. */
  readonly identity: 'proven' | 'unproven' | 'anonymous'
  readonly standing: Standing
  readonly accreditation: HeldAccreditation | null
  /** Node keys of the member that asks, or null where the request alone says which peer may fetch. */
  readonly nodes: readonly Uint8Array[] | null
  /** Keys to which an answer may be sealed. */
  readonly boxes: readonly Uint8Array[]
}

export type RequesterFacts = {
  readonly signed: Signed<Request>
  readonly charter: CharterState
  /** The log that `from` names, as far as it is held: its key state and size. */
  readonly log: { readonly keys: KeyState; readonly size: number } | undefined
  /** The accreditation that the request names, where its statement is held and valid. */
  readonly accreditation: HeldAccreditation | undefined
}

export function requesterOf(primitives: Primitives, facts: RequesterFacts): Requester {
  const { from, accreditation } = facts.signed.statement
  if (from === null && accreditation === null) return ANONYMOUS
  const researcher = accreditation === null ? null : researcherOf(primitives, facts)
  if (researcher === undefined) return UNPROVEN
  if (from !== null) return memberRequester(primitives, facts, from, researcher) ?? UNPROVEN
  if (researcher === null) return UNPROVEN
  const boxes = [researcher.accreditation.boxKey]
  return { identity: 'proven', standing: 'none', accreditation: researcher, nodes: null, boxes }
}

/**
 * The key under which a request verified: receipts and other later statements of the requester are signed with the
 * same. Undefined where the request proves nobody.
 */
export function signerOfRequest(primitives: Primitives, facts: RequesterFacts): PublicKey | undefined {
  const { signed, log, accreditation } = facts
  if (requesterOf(primitives, facts).identity !== 'proven') return undefined
  if (signed.statement.from === null) return accreditation?.accreditation.statementKey
  const signer = log && signerAt(log.keys, 'access', signed.keyId, log.size)
  return signer?.ok === true ? signer.value : undefined
}

/**
 * Whether the signature fails under the very key that the request names. Other unproven claims may become true with
 * statements that are not held yet: a new key, an accreditation.
 */
export function isForged(
  primitives: Primitives,
  { signed, log, accreditation: held }: RequesterFacts,
): boolean {
  const signer = log && signerAt(log.keys, 'access', signed.keyId, log.size)
  if (signer?.ok === true) return !isSignedBy(primitives, signed, signer.value)
  if (held === undefined || !equal(researcherId(primitives, held.accreditation), signed.keyId)) return false
  return !isSignedBy(primitives, signed, held.accreditation.statementKey)
}

const ANONYMOUS: Requester = {
  identity: 'anonymous',
  standing: 'none',
  accreditation: null,
  nodes: null,
  boxes: [],
}
const UNPROVEN: Requester = { ...ANONYMOUS, identity: 'unproven' }

function researcherOf(primitives: Primitives, facts: RequesterFacts): HeldAccreditation | undefined {
  const { signed, accreditation: held } = facts
  if (held === undefined || !equal(researcherId(primitives, held.accreditation), signed.keyId))
    return undefined
  return isSignedBy(primitives, signed, held.accreditation.statementKey) ? held : undefined
}

function memberRequester(
  primitives: Primitives,
  { signed, charter, log }: RequesterFacts,
  from: string,
  accreditation: HeldAccreditation | null,
): Requester | undefined {
  const origin = parseOrigin(from)
  if (!origin.ok || speakerOf(charter, from) === undefined || log?.keys.origin !== from) return undefined
  const { keys, size } = log
  // The next entry of that log would be valid under this key: it is in force now.
  const signer = signerAt(keys, 'access', signed.keyId, size)
  if (!signer.ok || !isSignedBy(primitives, signed, signer.value)) return undefined
  const keysFor = (purpose: 'node' | 'box') => keysInForce(keys, purpose, size).map(({ key }) => key)
  const standing = standingOf(charter, origin.value.domain)
  return { identity: 'proven', standing, accreditation, nodes: keysFor('node'), boxes: keysFor('box') }
}

function isSignedBy(primitives: Primitives, signed: Signed<Request>, key: PublicKey): boolean {
  return verifySignature(primitives, key, signed.toBeSigned, signed.signature)
}
