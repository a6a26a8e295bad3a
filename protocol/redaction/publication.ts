/**
 * Whether a draft may leave for the log: a pure function of what was found in it, of the limits that were set, and of
 * who stands behind it. Whatever asks, the node carries out what is decided here. DESIGN §6, spec 06 §14.
 *
 * Invariant: a finding more, a limit less or a person less never lets a draft out that stayed before.
 */
import { TIERS, type Tier } from '../codec/part.ts'

/** How deep what leaves may go: nothing at all, or up to a tier. */
export const TIER_LIMITS = ['none', ...TIERS] as const
export type TierLimit = (typeof TIER_LIMITS)[number]

/** Somebody who is known to the node by name, with how deep their role lets them publish. */
export type Person = { readonly name: string; readonly limit: TierLimit }

export type PublicationFacts = {
  /** The deepest part that the draft has. */
  readonly deepest: Tier
  /** The deepest part that whoever publishes means to let go, where they said so. */
  readonly meant: Tier | undefined
  /** Faults of the schema and contradictions. */
  readonly problems: number
  /** Findings that block and were not let pass. */
  readonly blocking: number
  /** Findings that ask and that nobody answered. */
  readonly asking: number
  readonly nodeLimit: TierLimit
  /** Whether only persons that the node knows by name may publish. */
  readonly onlyNamed: boolean
  readonly twoPersons: boolean
  readonly publisher: Person | undefined
  /** Who approved exactly this content, with exactly what was let pass. */
  readonly approvers: readonly Person[]
}

export type PublicationRefusal =
  | 'problems'
  | 'blocking'
  | 'other-tier'
  | 'node-limit'
  | 'no-person'
  | 'role-limit'
  | 'asking'
  | 'second-person'

/** Why a draft stays, or undefined when it may leave. What must be mended comes before what a person can answer. */
export function publicationRefusal(facts: PublicationFacts): PublicationRefusal | undefined {
  const { deepest, meant, publisher, approvers } = facts
  if (facts.problems > 0) return 'problems'
  if (facts.blocking > 0) return 'blocking'
  if (meant !== undefined && meant !== deepest) return 'other-tier'
  if (!reaches(facts.nodeLimit, deepest)) return 'node-limit'
  const needsPerson = facts.onlyNamed || facts.twoPersons
  if (needsPerson && publisher === undefined) return 'no-person'
  if (publisher !== undefined && !reaches(publisher.limit, deepest)) return 'role-limit'
  if (facts.asking > 0) return 'asking'
  const isSeconded = approvers.some(({ name, limit }) => name !== publisher?.name && reaches(limit, deepest))
  return facts.twoPersons && !isSeconded ? 'second-person' : undefined
}

/** Whether a limit lets a tier out. */
export function reaches(limit: TierLimit, tier: Tier): boolean {
  return TIER_LIMITS.indexOf(limit) >= TIER_LIMITS.indexOf(tier)
}
