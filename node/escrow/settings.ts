/** What an operator may say of escrow, held against the charter. */
import {
  ESCROW_DAYS_MAX,
  ESCROW_DAYS_MIN,
  ESCROW_HOLDERS_MAX,
  ESCROW_THRESHOLD_MIN,
} from '../../protocol/limits.ts'
import type { Tier } from '../../protocol/codec/part.ts'
import { reaches, type TierLimit } from '../../protocol/redaction/publication.ts'
import type { CharterState } from '../../protocol/governance/charter.ts'
import { standingOf } from '../../protocol/governance/standing.ts'
import { NodeError, type ErrorCode } from '../errors.ts'
import type { EscrowSettings } from './parts.ts'

export type EscrowTerms = Omit<EscrowSettings, 'tiers'>

/** Refuses, with this code, what could never be opened or what one holder could open alone. */
export function checkTerms(
  { charter, domain }: { readonly charter: CharterState; readonly domain: string },
  { threshold, holders, afterDays }: EscrowTerms,
  code: ErrorCode,
): void {
  const refusal = refusalOf()
  if (refusal !== undefined) throw new NodeError(code, `escrow: ${refusal}`)

  function refusalOf(): string | undefined {
    const names = holders.map((holder) => JSON.stringify(holder))
    if (holders.length > ESCROW_HOLDERS_MAX) return `at most ${ESCROW_HOLDERS_MAX} holders`
    if (new Set(holders).size !== holders.length) return 'a holder stands twice'
    if (holders.includes(domain)) return 'we cannot hold a share of our own parts'
    const stranger = holders.findIndex((holder) => standingOf(charter, holder) !== 'member')
    if (stranger >= 0) return `${names[stranger]} is no voting member of the coalition`
    if (threshold < ESCROW_THRESHOLD_MIN)
      return 'with fewer than two shares, one holder could read the part alone'
    if (threshold > holders.length) return `${threshold} shares of ${holders.length} holders cannot be had`
    if (afterDays < ESCROW_DAYS_MIN) return `fewer than ${ESCROW_DAYS_MIN} days are a holiday or an outage`
    return afterDays > ESCROW_DAYS_MAX ? `at most ${ESCROW_DAYS_MAX} days` : undefined
  }
}

/** Refuses, with this code, a tier that the limit of the node keeps here. */
export function expectWithin(tiers: readonly Tier[], limit: TierLimit, code: ErrorCode): void {
  if (tiers.every((tier) => reaches(limit, tier))) return
  throw new NodeError(code, `escrow: nothing deeper than ${limit} leaves this node (publishing.maxTier)`)
}
