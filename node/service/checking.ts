/**
 * The check of a draft before it is published, as people see and answer it: what the gate finds, what somebody let pass
 * and why, who approved it, and who will be able to read which tier. DESIGN §6, spec 06 §12 and §14.
 */
import { printBase32 } from '../../protocol/bytes.ts'
import { flatten } from '../../protocol/codec/items.ts'
import type { Tier } from '../../protocol/codec/part.ts'
import { isList, type MapValue } from '../../protocol/codec/value.ts'
import { LINT_RULE_IDS } from '../../protocol/redaction/lint/lint.ts'
import type {
  AudienceView,
  CheckView,
  ConfirmedPlace,
  PublicationTrailView,
  SuppressionOptions,
} from '../api/check-service.ts'
import { NodeError } from '../errors.ts'
import type { CandorNode } from '../node.ts'
import { covers, letsPass, tiersOf, withAnswers } from '../outgoing/review.ts'
import type { Approval, Draft } from '../store/drafts.ts'
import { findDraft } from './drafting.ts'
import { findRecord, type Reader } from './records.ts'
import { timeView } from './view.ts'

/** What stands with a finding that somebody was asked about and said yes to. */
const CONFIRMED = 'confirmed when it was shown'

export async function checkDraft(node: CandorNode, typed: string): Promise<CheckView> {
  return checkView(node, await findDraft(node, typed))
}

/** Lets findings of one rule at one place pass, for a reason that is kept. */
export async function suppress(
  node: CandorNode,
  typed: string,
  { rule, tier, path, reason, by: claimed }: SuppressionOptions,
  token: string | undefined,
): Promise<CheckView> {
  const { record } = await findDraft(node, typed)
  if (!LINT_RULE_IDS.includes(rule))
    throw new NodeError('USAGE', `a rule is one of ${LINT_RULE_IDS.join(', ')}`)
  if (!/\S/u.test(reason)) throw new NodeError('USAGE', 'what is let pass needs a reason')
  const by = node.outgoing.nameOf(token, claimed)
  return node.drafts.alone(record, async (draft) => {
    const found = node.outgoing.review(draft).findings.find((one) => covers({ rule, tier, path }, one))
    if (found === undefined)
      throw new NodeError('NOT_FOUND', 'the linter found nothing of that rule there', {
        fix: `candor check ${typed}`,
      })
    const next = withAnswers(draft, [found], { reason, by, at: node.clock.now() })
    await node.drafts.put(next)
    return checkView(node, next)
  })
}

/** A second operator stands behind a draft. Whoever changes what was let pass in it ends the approval. */
export async function approve(
  node: CandorNode,
  typed: string,
  confirmed: readonly ConfirmedPlace[],
  token: string | undefined,
): Promise<CheckView> {
  const person = node.outgoing.personOf(token)
  if (person === undefined)
    throw new NodeError('NOT_ALLOWED', 'who approves is known by name: say who you are', {
      fix: `candor approve ${typed} --operator FILE`,
    })
  const { record } = await findDraft(node, typed)
  return node.drafts.alone(record, async (stored) => {
    const draft = withConfirmed(node, stored, confirmed, person.name)
    const one = node.outgoing.approval(draft, 'approve', person)
    const next = { ...draft, approvals: [...(draft.approvals ?? []), one] }
    await node.drafts.put(next)
    return checkView(node, next)
  })
}

/** A draft with the questions of the linter that somebody said yes to. What blocks is not answered so. */
export function withConfirmed(
  node: CandorNode,
  draft: Draft,
  confirmed: readonly ConfirmedPlace[],
  by: string,
): Draft {
  const open = node.outgoing.review(draft).open('ask')
  const answered = open.filter((found) => confirmed.some((place) => covers(place, found)))
  return withAnswers(draft, answered, { reason: CONFIRMED, by, at: node.clock.now() })
}

/** How the newest version of a record of ours came to be published. */
export async function publicationTrail(
  node: CandorNode,
  reader: Reader,
  typed: string,
): Promise<PublicationTrailView> {
  const newest = (await findRecord(reader, typed, node.opened.member.domain)).at(-1)
  if (newest === undefined)
    throw new NodeError('NOT_FOUND', 'no record of ours has this id', { fix: 'candor list' })
  const { record, version } = newest.entry.statement
  const { suppressed, approvals } = await node.drafts.trailOf(record, version)
  return {
    id: printBase32(record),
    version,
    suppressed: suppressed.map(({ rule, tier, path, reason, by, at }) => ({
      rule,
      tier,
      path,
      reason,
      by,
      at: timeView(at),
    })),
    approvals: approvals.map(approvalView),
  }
}

function checkView(node: CandorNode, draft: Draft): CheckView {
  const review = node.outgoing.review(draft)
  const findings = review.findings.map((found) => {
    const by = (draft.suppressed ?? []).find((one) => letsPass(one, found))
    const { rule, severity, tier, line, column, length } = found
    const view = { rule, severity, tier, path: found.path.join('.'), line, column, length }
    return by === undefined ? view : { ...view, suppressed: { reason: by.reason, by: by.by } }
  })
  return {
    id: printBase32(draft.record),
    passes: review.problems.length === 0 && review.open('block').length === 0,
    asks: review.open('ask').length,
    problems: review.problems,
    findings,
    audience: tiersOf(draft).map(({ tier, document }) => audienceOf(node, draft, tier, document)),
    approvals: node.outgoing.standing(draft).map(approvalView),
  }
}

function approvalView({ act, by, at }: Approval) {
  return { act, by, at: timeView(at) }
}

/** Who could come to read a tier: everybody, or whom the rules of the policy that fit let in. */
function audienceOf(node: CandorNode, draft: Draft, tier: Tier, document: MapValue): AudienceView {
  const words = flatten(document)
    .map(({ value }) => (typeof value === 'string' ? value.split(/\s+/u).filter(Boolean).length : 1))
    .reduce((sum, count) => sum + count, 0)
  if (tier === 'public') return { tier, words, readers: ['everybody, for good'] }
  const { rules } = node.disclosure.policy.policy()
  const sectors = isList(draft.public['sectors']) ? draft.public['sectors'] : []
  const fitting = rules.filter(
    (rule) =>
      rule.outcome !== 'deny' &&
      (rule.tiers === undefined || rule.tiers.includes(tier)) &&
      (rule.sectors === undefined || sectors.some((one) => rule.sectors?.some((listed) => listed === one))),
  )
  const readers = fitting
    .filter(({ audience }) => audience?.length !== 0)
    .map(
      ({ name, audience, purposes, outcome }) =>
        `${audience === undefined ? 'partners and researchers' : audience.map((one) => `${one}s`).join(' and ')}${
          purposes === undefined ? '' : ` for ${purposes.join(' or ')}`
        }${outcome === 'ask' ? ', when a person agrees' : ''} (rule ${name})`,
    )
  return {
    tier,
    words,
    readers: readers.length === 0 ? ['nobody: no rule of the policy lets anybody in'] : readers,
  }
}
