/**
 * The check of a draft before it is published: what the linter finds in every word that may leave, what a person let
 * pass and why, and who will be able to read which tier. The node is the gate, whatever asks it. DESIGN §6, spec 06 §12.
 */
import { existsSync } from 'node:fs'
import { flatten } from '../../protocol/codec/items.ts'
import type { Tier } from '../../protocol/codec/part.ts'
import { isList, type MapValue } from '../../protocol/codec/value.ts'
import { LINT_RULE_IDS, lintDocument, type PartFinding } from '../../protocol/redaction/lint/lint.ts'
import type { AudienceView, CheckView, SuppressionOptions } from '../api/check-service.ts'
import { NodeError } from '../errors.ts'
import { readFileBounded } from '../keys/files.ts'
import type { CandorNode } from '../node.ts'
import type { Draft, Suppression } from '../store/drafts.ts'
import { findDraft } from './authoring.ts'
import { printBase32 } from '../../protocol/bytes.ts'

const BLOCKLIST_BYTES_MAX = 1_048_576
/** Findings that an error names; `candor check` shows all. */
const NAMED_MAX = 5

type TierFinding = PartFinding & { readonly tier: Tier }

export async function checkDraft(node: CandorNode, typed: string): Promise<CheckView> {
  return checkView(node, await findDraft(node, typed))
}

/** Lets findings of one rule at one place pass, for a reason that is kept. */
export async function suppress(
  node: CandorNode,
  typed: string,
  { rule, tier, path, reason, by }: SuppressionOptions,
): Promise<CheckView> {
  const draft = await findDraft(node, typed)
  if (!LINT_RULE_IDS.includes(rule))
    throw new NodeError('USAGE', `a rule is one of ${LINT_RULE_IDS.join(', ')}`)
  if (!/\S/u.test(reason)) throw new NodeError('USAGE', 'what is let pass needs a reason')
  const one: Suppression = { rule, tier, path, reason, by, at: node.clock.now() }
  if (!findingsIn(node, draft).some((found) => isCovered(found, [one])))
    throw new NodeError('NOT_FOUND', 'the linter found nothing of that rule there', {
      fix: `candor check ${typed}`,
    })
  const next = { ...draft, suppressed: [...(draft.suppressed ?? []), one] }
  await node.drafts.put(next)
  return checkView(node, next)
}

/** Throws LINT_REFUSED while something that blocks is neither mended nor let pass. */
export function refuseUnchecked(node: CandorNode, draft: Draft): void {
  const open = findingsIn(node, draft).filter(
    (found) => found.severity === 'block' && !isCovered(found, draft.suppressed ?? []),
  )
  if (open.length === 0) return
  const named = open.slice(0, NAMED_MAX).map(placeOf).join('; ')
  const more = open.length > NAMED_MAX ? ` and ${open.length - NAMED_MAX} more` : ''
  throw new NodeError('LINT_REFUSED', `the linter found what should not leave: ${named}${more}`, {
    fix: `candor check ${printBase32(draft.record)}`,
  })
}

function checkView(node: CandorNode, draft: Draft): CheckView {
  const suppressed = draft.suppressed ?? []
  const findings = findingsIn(node, draft).map((found) => {
    const by = suppressed.find((one) => isCovered(found, [one]))
    const { rule, severity, tier, line, column, length } = found
    const view = { rule, severity, tier, path: found.path.join('.'), line, column, length }
    return by === undefined ? view : { ...view, suppressed: { reason: by.reason, by: by.by } }
  })
  return {
    id: printBase32(draft.record),
    passes: findings.every((one) => one.severity === 'ask' || 'suppressed' in one),
    findings,
    audience: tiersOf(draft).map(({ tier, document }) => audienceOf(node, draft, tier, document)),
  }
}

function findingsIn(node: CandorNode, draft: Draft): readonly TierFinding[] {
  const options = { blocklist: blocklistOf(node.opened.home.blocklist) }
  return tiersOf(draft).flatMap(({ tier, document }) =>
    lintDocument(document, options).map((found) => ({ ...found, tier })),
  )
}

function isCovered({ rule, tier, path }: TierFinding, suppressed: readonly Suppression[]): boolean {
  return suppressed.some((one) => one.rule === rule && one.tier === tier && one.path === path.join('.'))
}

function placeOf({ rule, tier, path, line, column }: TierFinding): string {
  return `${rule} at ${tier}.${path.join('.')} ${line}:${column}`
}

function tiersOf({ public: open, partner, research }: Draft): readonly { tier: Tier; document: MapValue }[] {
  return [
    { tier: 'public', document: open },
    ...(partner === undefined ? [] : [{ tier: 'partner' as const, document: partner }]),
    ...(research === undefined ? [] : [{ tier: 'research' as const, document: research }]),
  ]
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
  const readers = fitting.map(
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

function blocklistOf(path: string): readonly string[] {
  if (!existsSync(path)) return []
  const text = Buffer.from(readFileBounded(path, BLOCKLIST_BYTES_MAX)).toString('utf8')
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
}
