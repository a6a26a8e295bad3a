/**
 * Shares of parts in escrow, held against each other: what one holder gathered, the other had written down before it gave
 * it. Spec 06 §15.
 */
import { equal } from '../bytes.ts'
import { isSigned } from '../access/signed.ts'
import { CLOCK_SKEW_SECONDS } from '../limits.ts'
import type { TrailFile } from './trail-file.ts'
import type { Primitives } from '../primitives.ts'
import type { TrailFinding } from './trail-finding.ts'
import { isWordOf, type KeyOf } from './trail-party.ts'
import { byRequest, domainOf, signedIn } from './trail-steps.ts'

const DAY_SECONDS = 86_400

/** Shares that somebody has from the member of the first trail, and that this trail had to have and does not. */
export function hiddenShares(
  primitives: Primitives,
  giver: TrailFile,
  taker: TrailFile,
  keyOf: KeyOf,
): readonly TrailFinding[] {
  const given = byRequest(giver)
  return [...byRequest(taker)].flatMap(([request, entries]) =>
    entries.flatMap((entry): readonly TrailFinding[] => {
      const signed = entry.step === 'gathered' ? signedIn(entry.statement) : undefined
      if (signed === undefined || !isSigned(signed, 'escrow-release')) return []
      if (domainOf(signed.statement.from) !== domainOf(giver.origin)) return []
      // What came after the trail was made cannot stand in it, and what is older than it is kept may be pruned.
      const isNewer = entry.at > giver.at - CLOCK_SKEW_SECONDS
      if (isNewer || entry.at + giver.retention * DAY_SECONDS <= giver.at) return []
      const own = given.get(request) ?? []
      const isThere = own.some(
        ({ step, statement }) => step === 'shared' && statement !== null && equal(statement, signed.bytes),
      )
      if (isThere) return []
      const isWord = !isWordOf(primitives, entry.statement, giver.origin, keyOf)
      return [{ code: 'trail-share-hidden', origin: giver.origin, request, ...(isWord ? { isWord } : {}) }]
    }),
  )
}
