/**
 * What a holder decides about escrow, as functions of facts: whether a deposit is one to hold, and whether its owner has
 * been silent for so long that a share may go to another holder. Spec 06 §15.
 */
import { equal } from '../bytes.ts'
import { ESCROW_BYTES_MAX, ESCROW_DEPOSITS_MAX } from '../limits.ts'
import type { Standing } from '../governance/standing.ts'
import type { Escrow, EscrowHolder } from './escrow.ts'

export const DAY_SECONDS = 86_400

export type DepositFacts = {
  readonly network: string
  /** What the owner is, and what each holder is that the deposit names. */
  readonly owner: Standing
  readonly holders: readonly Standing[]
  /** Whether the log that it names is the owner's open one. */
  readonly isOpenLog: boolean
  /** Whether the connection proved one of the owner's node keys in force. */
  readonly isProven: boolean
  /** Whether it is signed with a statement key of the owner's in force; `forged` under the very key that it names. */
  readonly signature: 'good' | 'unknown' | 'forged'
  /** Our place among the holders. */
  readonly own: EscrowHolder | undefined
  /** The entry it is about, in our copy of its owner's logs. */
  readonly entry: 'missing' | 'other' | { readonly commitment: Uint8Array | undefined }
  /** Whether its owner erased this part. */
  readonly isErased: boolean
  /** What we hold for this owner already. */
  readonly held: { readonly deposits: number; readonly bytes: number }
}

export type DepositRefusal =
  | 'other-network'
  | 'no-standing'
  | 'owner-moved'
  | 'other-peer'
  | 'key-unknown'
  | 'not-named'
  | 'holder-unknown'
  | 'not-held'
  | 'no-such-entry'
  | 'other-commitment'
  | 'part-erased'
  | 'too-many'

/** The bounds of a holder for one owner. */
export type EscrowBounds = { readonly deposits: number; readonly bytes: number }

export const ESCROW_BOUNDS: EscrowBounds = { deposits: ESCROW_DEPOSITS_MAX, bytes: ESCROW_BYTES_MAX }

/** Why a deposit is not held; undefined for one that is, once its share and its ciphertext are those it names. */
export function depositRefusal(
  deposit: Escrow,
  facts: DepositFacts,
  bounds: EscrowBounds = ESCROW_BOUNDS,
): DepositRefusal | undefined {
  const { entry, held } = facts
  if (deposit.network !== facts.network) return 'other-network'
  if (facts.owner !== 'member') return 'no-standing'
  if (!facts.isOpenLog) return 'owner-moved'
  if (!facts.isProven) return 'other-peer'
  if (facts.signature !== 'good') return 'key-unknown'
  if (facts.own === undefined) return 'not-named'
  // A share at somebody who is no member is a share that no one can ask for.
  if (!facts.holders.every((standing) => standing === 'member' || standing === 'suspended'))
    return 'holder-unknown'
  if (entry === 'missing') return 'not-held'
  if (entry === 'other') return 'no-such-entry'
  if (entry.commitment === undefined || !equal(entry.commitment, deposit.commitment))
    return 'other-commitment'
  if (facts.isErased) return 'part-erased'
  const bytes = held.bytes + deposit.offer.length
  return held.deposits >= bounds.deposits || bytes > bounds.bytes ? 'too-many' : undefined
}

export type SilenceFacts = {
  /** When a quorum last confirmed a head of the owner's open log, by the cosignatures held here. */
  readonly confirmedAt: number | undefined
  /** When the deposit came here, by our clock. */
  readonly heldAt: number
  /** Whether the owner's node is connected now. */
  readonly isConnected: boolean
  /** Whether this node hears enough of the others to know that it is the owner that is silent, and not itself. */
  readonly isFresh: boolean
}

/** Since when an owner is silent, in seconds since 1970. A deposit is a word of its owner like any other. */
export function silentSince({ confirmedAt, heldAt }: SilenceFacts): number {
  return Math.max(confirmedAt ?? 0, heldAt)
}

/** Why no share is released now; undefined where its owner has been silent for as long as the deposit says. */
export function releaseRefusal(
  { afterDays }: Pick<Escrow, 'afterDays'>,
  facts: SilenceFacts,
  now: number,
): 'owner-connected' | 'owner-heard' | 'not-fresh' | undefined {
  if (facts.isConnected) return 'owner-connected'
  if (now - silentSince(facts) < afterDays * DAY_SECONDS) return 'owner-heard'
  return facts.isFresh ? undefined : 'not-fresh'
}
