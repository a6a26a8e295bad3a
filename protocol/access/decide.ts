/**
 * The decision on a detail request: a pure function of the request, who asks, what is held, the owner's policy and
 * the time. Whoever holds the same facts comes to the same answer. DESIGN §6, spec 06 §5.
 *
 * It fails closed: what no rule allows is denied, an empty audience is nobody, and of two restrictions the stricter
 * wins. What is not a request (to another, from another, over) is refused without a trace in any log.
 */
import { equal } from '../bytes.ts'
import type { Path } from '../codec/items.ts'
import { assert, unreachable } from '../assert.ts'
import { CLOCK_SKEW_SECONDS } from '../limits.ts'
import { parseOrigin } from '../log/checkpoint.ts'
import type { Accreditation, AccreditationState } from './accreditation.ts'
import type { DenialReason } from './grant.ts'
import { combineMarkings, windowOf, type Marking } from './marking.ts'
import { applyRules, type Audience, type DisclosurePolicy } from './policy.ts'
import type { Request } from './request.ts'
import type { Requester } from './requester.ts'

/** Why something is not a request to be decided. Nothing is signed and nothing logged. */
export type RefusalReason =
  | 'other-network'
  | 'other-owner'
  | 'other-peer'
  | 'key-unknown'
  | 'box-unknown'
  | 'not-yet'
  | 'expired'
  | 'answered'
  | 'too-many'

export type Decision =
  | { readonly kind: 'public' }
  | { readonly kind: 'allow'; readonly by: string; readonly until: number }
  | {
      readonly kind: 'ask'
      readonly by: string
      readonly because: 'rule' | 'marking'
      readonly until: number
    }
  | { readonly kind: 'deny'; readonly reason: DenialReason; readonly by: string | null }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason }
  /** Not now: the node has not heard enough of the others to know that nothing was revoked. */
  | { readonly kind: 'wait' }

export type DecisionFacts = {
  readonly request: Request
  readonly requester: Requester
  /** Ed25519 key that the connection proved. */
  readonly peer: Uint8Array
  /** The log of the node that decides. */
  readonly owner: { readonly network: string; readonly domain: string }
  /** What is asked for, as the owner holds it. */
  readonly record: {
    readonly part: 'held' | 'absent' | 'erased'
    readonly sectors: readonly string[]
    /** Of the record and of the part. */
    readonly markings: readonly Marking[]
    /** Digest of the terms that hold for this part. */
    readonly terms: Uint8Array
    readonly has: (path: Path) => boolean
  }
  readonly policy: DisclosurePolicy
  /** True when this very request has its answer. */
  readonly answered: boolean
  /** Other requests of this key within the span of the policy's rate. */
  readonly recent: number
  /** True within the charter's staleness bound (DESIGN §6). */
  readonly fresh: boolean
  /** Seconds since 1970. */
  readonly now: number
}

/** What the standing of a requester is a function of. */
export type StandingFacts = Pick<DecisionFacts, 'request' | 'requester' | 'peer'> & {
  readonly record: Pick<DecisionFacts['record'], 'sectors'>
}

/** Each step can only say no; the order decides which no is heard, and tells strangers least. */
export function decide(facts: DecisionFacts): Decision {
  const misdirected = addressFault(facts)
  if (misdirected !== undefined) return { kind: 'refuse', reason: misdirected }
  if (facts.request.tier === 'public') return { kind: 'public' }
  const refusal = identityFault(facts) ?? timeFault(facts)
  if (refusal !== undefined) return { kind: 'refuse', reason: refusal }
  if (!facts.fresh) return { kind: 'wait' }
  const objection = standingFault(facts) ?? requestFault(facts)
  if (objection !== undefined) return deny(objection, null)
  const marking = combineMarkings(facts.record.markings)
  if (marking === undefined) return deny('marking_recipients', null)
  const marked = markingFault(facts, marking)
  if (marked !== undefined) return deny(marked, null)
  return ruled(facts, marking)
}

function ruled(facts: DecisionFacts, marking: Marking): Decision {
  const { request, record, policy } = facts
  const outcome = applyRules(policy, {
    tier: request.tier,
    audience: audienceOf(facts),
    purpose: request.purpose,
    sectors: record.sectors,
    accredited: asResearcher(facts)?.sectors,
  })
  if (outcome.kind === 'none') return deny('no_rule', null)
  if (outcome.kind === 'deny') return deny(outcome.reason, outcome.by)
  // Only now may be told whether there is anything: whoever comes here is entitled to know.
  const missing = partFault(facts)
  if (missing !== undefined) return deny(missing, null)
  const { by } = outcome
  const until = grantedUntil(facts, marking)
  if (outcome.kind === 'ask') return { kind: 'ask', by, because: 'rule', until }
  // TLP:RED is for named recipients; a rule names kinds, so a person has to name this one.
  if (marking.tlp === 'RED') return { kind: 'ask', by, because: 'marking', until }
  return { kind: 'allow', by, until }
}

/**
 * What came between a grant and its content key: who asked may have lost the keys or the standing that it was decided
 * on. Rules and markings are not asked again: an owner that changes its mind revokes.
 */
export function lostStanding(facts: StandingFacts): RefusalReason | 'standing-lost' | undefined {
  return identityFault(facts) ?? (standingFault(facts) === undefined ? undefined : 'standing-lost')
}

function addressFault({ request, owner }: DecisionFacts): RefusalReason | undefined {
  if (request.network !== owner.network) return 'other-network'
  return [request.owner, request.on.origin].every((origin) => isOf(origin, owner.domain))
    ? undefined
    : 'other-owner'
}

function isOf(origin: string, domain: string): boolean {
  const read = parseOrigin(origin)
  return read.ok && read.value.domain === domain
}

function identityFault({ request, requester, peer }: StandingFacts): RefusalReason | undefined {
  if (requester.identity === 'unproven') return 'key-unknown'
  if (!equal(request.peer, peer)) return 'other-peer'
  if (requester.nodes !== null && !requester.nodes.some((node) => equal(node, peer))) return 'other-peer'
  if (requester.identity === 'anonymous') return undefined
  return requester.boxes.some((box) => equal(box, request.box)) ? undefined : 'box-unknown'
}

function timeFault({ request, policy, answered, recent, now }: DecisionFacts): RefusalReason | undefined {
  if (request.at > now + CLOCK_SKEW_SECONDS) return 'not-yet'
  if (now >= request.expires) return 'expired'
  if (answered) return 'answered'
  return recent >= policy.rate.requests ? 'too-many' : undefined
}

/** Suspension of a member stands above everything that a person of it may hold besides. */
function standingFault({ request, requester, record }: StandingFacts): DenialReason | undefined {
  const { standing, accreditation } = requester
  if (standing === 'suspended') return 'member_suspended'
  if (isPartner(requester) && request.tier === 'partner') return undefined
  if (accreditation === null) return isPartner(requester) ? 'accreditation_needed' : 'no_standing'
  const unfit = stateFault(accreditation.state)
  if (unfit !== undefined) return unfit
  const { tiers, purposes, sectors } = accreditation.accreditation
  if (!tiers.includes(request.tier)) return 'scope_tier'
  if (!purposes.includes(request.purpose)) return 'scope_purpose'
  if (sectors === null) return undefined
  const isCovered = record.sectors.length > 0 && record.sectors.every((sector) => sectors.includes(sector))
  return isCovered ? undefined : 'scope_sector'
}

function stateFault(state: AccreditationState): DenialReason | undefined {
  switch (state) {
    case 'in-force':
      return undefined
    case 'not-yet':
      return 'accreditation_not_yet'
    case 'suspended':
      return 'accreditation_suspended'
    case 'incomplete':
      return 'accreditation_incomplete'
    case 'expired':
      return 'accreditation_expired'
    case 'revoked':
      return 'accreditation_revoked'
    default:
      return unreachable(state)
  }
}

function requestFault({ request, record, now }: DecisionFacts): DenialReason | undefined {
  if (request.recipients.length === 0) return 'no_recipients'
  if (request.until <= now) return 'until_past'
  return equal(request.terms, record.terms) ? undefined : 'terms_not_accepted'
}

function markingFault({ request, now }: DecisionFacts, marking: Marking): DenialReason | undefined {
  const { from, until } = windowOf(marking)
  if (now < from) return 'marking_not_yet'
  if (now >= until) return 'marking_ended'
  const isOneOnly = marking.tlp === 'AMBER+STRICT' || marking.tlp === 'RED'
  return isOneOnly && request.recipients.length > 1 ? 'marking_recipients' : undefined
}

function partFault({ request, record }: DecisionFacts): DenialReason | undefined {
  if (record.part === 'erased') return 'part_erased'
  if (record.part === 'absent') return 'part_absent'
  return request.items === null || request.items.every(record.has) ? undefined : 'items_unknown'
}

/** The earliest of all ends. Each was checked to lie ahead, or lies ahead of now by a positive span. */
function grantedUntil(facts: DecisionFacts, marking: Marking): number {
  const { request, policy, now } = facts
  const longest = policy.longest[request.tier === 'research' ? 'research' : 'partner']
  const ends = [request.until, now + longest * DAY_SECONDS, windowOf(marking).until]
  const accreditation = asResearcher(facts)
  if (accreditation !== undefined) ends.push(accreditation.notAfter)
  const until = Math.min(...ends)
  assert(until > now, 'a grant ends after it begins')
  return until
}

const DAY_SECONDS = 86_400

function audienceOf(facts: DecisionFacts): readonly Audience[] {
  const { standing } = facts.requester
  const audience: Audience[] = standing === 'member' || standing === 'affiliate' ? [standing] : []
  if (asResearcher(facts) !== undefined) audience.push('researcher')
  return audience
}

function isPartner({ standing }: Requester): boolean {
  return standing === 'member' || standing === 'affiliate'
}

/**
 * The accreditation a request rests on. A partner asks for partner parts as a partner: an accreditation that it
 * holds besides neither opens nor shortens anything there.
 */
function asResearcher({ request, requester }: DecisionFacts): Accreditation | undefined {
  const { accreditation } = requester
  if (isPartner(requester) && request.tier === 'partner') return undefined
  return accreditation?.state === 'in-force' ? accreditation.accreditation : undefined
}

function deny(reason: DenialReason, by: string | null): Decision {
  return { kind: 'deny', reason, by }
}
