/**
 * The owner's policy of disclosure: a readable file of rules, each of which says for whom, what and for what it
 * allows, denies or asks a person. All rules that fit count, and the strictest wins; none is no. Spec 06 §5.
 */
import * as v from 'valibot'
import { encode, type Value } from '../codec/cbor.ts'
import { TIERS, type Tier } from '../codec/part.ts'
import { POLICY_RULES_MAX, SCOPE_SECTORS_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { closedTerm, integer, openTerm, strict, token } from '../record/field.ts'
import { DENIAL_REASONS } from '../record/vocabulary/access.ts'
import { PURPOSES } from '../record/vocabulary/marking.ts'
import { reaches, type TierLimit } from '../redaction/publication.ts'
import { SECTORS } from '../record/vocabulary/sector.ts'
import type { DenialReason } from './grant.ts'
import type { Purpose } from './request.ts'

/** What a rule can call those who ask. A member that is accredited is both. */
export const AUDIENCES = ['member', 'affiliate', 'researcher'] as const
export type Audience = (typeof AUDIENCES)[number]

const RESTRICTED = TIERS.slice(1)
const YEAR_SECONDS = 31_622_400
const DECADE_DAYS = 3_660

/** A list that may be empty: it fits nothing. Only a left-out list fits everything. */
function choice<S extends v.GenericSchema>(item: S, max: number) {
  return v.exactOptional(
    v.pipe(
      v.array(item),
      v.check((items) => items.length <= max, `must have at most ${max} items`),
    ),
  )
}

const days = () => strict({ partner: integer(1, DECADE_DAYS), research: integer(1, DECADE_DAYS) })

const RuleSchema = v.pipe(
  strict({
    name: token(),
    tiers: choice(v.picklist(RESTRICTED, 'must be partner or research'), RESTRICTED.length),
    audience: choice(v.picklist(AUDIENCES, 'must be member, affiliate or researcher'), AUDIENCES.length),
    purposes: choice(closedTerm(PURPOSES), PURPOSES.terms.length),
    /** Sectors of the record. To allow, all of them must be listed; to deny or ask, one is enough. */
    sectors: choice(openTerm(SECTORS), SCOPE_SECTORS_MAX),
    /** Sectors of which the accreditation must name one, or cover all. */
    accredited: choice(openTerm(SECTORS), SCOPE_SECTORS_MAX),
    outcome: v.picklist(['allow', 'ask', 'deny'], 'must be allow, ask or deny'),
    reason: v.exactOptional(closedTerm(DENIAL_REASONS)),
  }),
  v.check(
    ({ outcome, reason }) => (outcome === 'deny') === (reason !== undefined),
    'must have a reason exactly when it denies',
  ),
  v.check(
    ({ outcome, ...lists }) =>
      outcome === 'allow' || !Object.values(lists).some((one) => Array.isArray(one) && one.length === 0),
    'must not have an empty list unless it allows: it would hold nobody back',
  ),
)

const PolicyFileSchema = strict({
  v: v.literal(1),
  rules: v.pipe(
    v.array(RuleSchema),
    v.check((rules) => rules.length <= POLICY_RULES_MAX, `must have at most ${POLICY_RULES_MAX} rules`),
    v.check(
      (rules) => new Set(rules.map(({ name }) => name)).size === rules.length,
      'must name each rule once',
    ),
  ),
  /** Requests of one requester that are decided within so many seconds. */
  rate: strict({ requests: integer(1, 10_000), seconds: integer(1, YEAR_SECONDS) }),
  /** Days that a grant lasts at most. */
  longest: days(),
  /** Days that the trail of disclosures is kept. */
  retention: integer(1, DECADE_DAYS),
})

type RuleFile = v.InferOutput<typeof RuleSchema>
export type DisclosurePolicy = v.InferOutput<typeof PolicyFileSchema>

export type PolicyProblem = { readonly path: string; readonly message: string }

/** Reads a policy file that was parsed into plain values. */
export function parsePolicy(
  value: unknown,
):
  | { readonly ok: true; readonly value: DisclosurePolicy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] } {
  const read = v.safeParse(PolicyFileSchema, value, { abortPipeEarly: true })
  if (read.success) return { ok: true, value: read.output }
  const problems = read.issues.map((issue) => ({
    path: (issue.path ?? []).map(({ key }) => String(key)).join('.'),
    message: issue.message,
  }))
  return { ok: false, problems }
}

/** Names a policy in an audit entry: SHA-256 of its deterministic CBOR. */
export function policyDigest(primitives: Primitives, policy: DisclosurePolicy): Uint8Array {
  return primitives.sha256(encode(plain(policy)))
}

/** The policy without what it lets out of tiers beyond a limit: a limit denies more, never less. */
export function limitPolicy(policy: DisclosurePolicy, limit: TierLimit): DisclosurePolicy {
  const within = RESTRICTED.filter((tier) => reaches(limit, tier))
  if (within.length === RESTRICTED.length) return policy
  const rules = policy.rules.map((rule) =>
    rule.outcome === 'deny'
      ? rule
      : { ...rule, tiers: (rule.tiers ?? within).filter((tier) => within.includes(tier)) },
  )
  return { ...policy, rules }
}

export type Question = {
  readonly tier: Tier
  readonly audience: readonly Audience[]
  readonly purpose: Purpose
  /** Of the record. */
  readonly sectors: readonly string[]
  /** Of the accreditation: null for all, undefined without one. */
  readonly accredited: readonly string[] | null | undefined
}

export type RulesOutcome =
  | { readonly kind: 'allow'; readonly by: string }
  | { readonly kind: 'ask'; readonly by: string }
  | { readonly kind: 'deny'; readonly by: string; readonly reason: DenialReason }
  | { readonly kind: 'none' }

/** The strictest of the rules that fit; of equals the first in the file. */
export function applyRules(policy: DisclosurePolicy, question: Question): RulesOutcome {
  const fitting = policy.rules.filter((rule) => fits(rule, question))
  const denying = fitting.find(({ outcome }) => outcome === 'deny')
  if (denying?.reason !== undefined) return { kind: 'deny', by: denying.name, reason: denying.reason }
  const asking = fitting.find(({ outcome }) => outcome === 'ask')
  if (asking !== undefined) return { kind: 'ask', by: asking.name }
  const [allowing] = fitting
  return allowing === undefined ? { kind: 'none' } : { kind: 'allow', by: allowing.name }
}

function fits(rule: RuleFile, { tier, audience, purpose, sectors, accredited }: Question): boolean {
  if (rule.tiers !== undefined && !rule.tiers.includes(tier)) return false
  if (rule.audience !== undefined && !rule.audience.some((one) => audience.includes(one))) return false
  if (rule.purposes !== undefined && !rule.purposes.includes(purpose)) return false
  return fitsSectors(rule, sectors) && fitsAccreditation(rule.accredited, accredited)
}

function fitsSectors({ sectors: listed, outcome }: RuleFile, sectors: readonly string[]): boolean {
  if (listed === undefined) return true
  if (outcome === 'allow') return sectors.length > 0 && sectors.every((sector) => listed.includes(sector))
  // A record whose sector is not known may be of any: what holds back fits it.
  return sectors.length === 0 || sectors.some((sector) => listed.includes(sector))
}

function fitsAccreditation(
  listed: readonly string[] | undefined,
  accredited: readonly string[] | null | undefined,
): boolean {
  if (listed === undefined) return true
  if (accredited === undefined || listed.length === 0) return false
  return accredited === null || listed.some((sector) => accredited.includes(sector))
}

/** Without the types that the schema gave its lists. */
function plain(policy: DisclosurePolicy): { readonly [key: string]: Value } {
  const { v: version, rules, rate, longest, retention } = policy
  return {
    v: version,
    rules: rules.map((rule) => ({ ...rule })),
    rate: { ...rate },
    longest: { ...longest },
    retention,
  }
}
