/**
 * What rules of redaction would let through, before anybody is given anything: of a record, what a grant by these rules shows of a part;
 * of a draft, the partner part that follows from its research part, and on demand that part written into the draft.
 */
import { printBase32 } from '../../protocol/bytes.ts'
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import { flatten, type Item } from '../../protocol/codec/items.ts'
import { isMap, type MapValue } from '../../protocol/codec/value.ts'
import { TIER_FIELDS } from '../../protocol/record/incident-restricted.ts'
import { withoutCount } from '../../protocol/redaction/count.ts'
import { derivePartner, type DeriveFault } from '../../protocol/redaction/derive.ts'
import { ruleFor, type RedactionRule } from '../../protocol/redaction/rules.ts'
import type { RedactedItem, RedactionOptions, RedactionView } from '../api/access-service.ts'
import type { DraftView } from '../api/service.ts'
import { heldPart } from '../disclosure/release.ts'
import { NodeError } from '../errors.ts'
import type { CandorNode } from '../node.ts'
import type { Draft } from '../store/drafts.ts'
import { readVault } from '../store/vault.ts'
import { checkContent, showDraft } from './authoring.ts'
import { findDraft } from './drafting.ts'
import { rulesOf } from './redaction-rules.ts'
import { findRecord, type Reader } from './records.ts'
import { jsonOf } from './view.ts'

export async function previewRedaction(
  node: CandorNode,
  records: Reader,
  typed: string,
  { rules, tier }: RedactionOptions,
): Promise<RedactionView> {
  const read = rulesOf(rules)
  const draft = await findDraft(node, typed).catch((error: unknown) => {
    if (error instanceof NodeError && error.code === 'NOT_FOUND') return undefined
    throw error
  })
  if (draft === undefined) return recordRedacted(node, records, typed, { rules: read, tier })
  if (tier !== undefined)
    throw new NodeError('USAGE', 'of a draft the partner part is derived; only a record has parts to choose')
  return draftRedacted(draft, read)
}

/** Puts the partner part that follows by these rules into the draft. What it had as one is replaced, its marking kept. */
export async function writePartner(node: CandorNode, typed: string, rules: unknown): Promise<DraftView> {
  const { record: found } = await findDraft(node, typed)
  return node.drafts.alone(found, (draft) => writeInto(node, draft, rules))
}

async function writeInto(node: CandorNode, draft: Draft, rules: unknown): Promise<DraftView> {
  const isHeld = (await node.drafts.held()).some(({ record }) => Buffer.compare(record, draft.record) === 0)
  if (isHeld)
    throw new NodeError('CONFLICT', 'this draft is in the outbox already', {
      fix: `candor outbox cancel ${printBase32(draft.record).slice(0, 10)}`,
    })
  const derived = derivedOf(researchOf(draft), rulesOf(rules))
  const policy = draft.partner?.['policy']
  const partner = policy === undefined ? derived : { ...derived, policy }
  const { kind, public: open, research } = draft
  const checked = checkContent({ kind, public: open, partner, research })
  await node.drafts.put({ ...draft, ...checked })
  return showDraft(node, printBase32(draft.record))
}

async function recordRedacted(
  node: CandorNode,
  records: Reader,
  typed: string,
  { rules, tier }: { readonly rules: readonly RedactionRule[]; readonly tier: RedactionOptions['tier'] },
): Promise<RedactionView> {
  const versions = await findRecord(records, typed, node.opened.member.domain)
  const newest = versions.at(-1)
  if (newest === undefined)
    throw new NodeError('NOT_FOUND', 'no draft and no record of ours has this id', { fix: 'candor list' })
  const kept = await readVault(node.opened.database, node.sealer, newest.log.number, newest.index)
  const of = tier ?? (heldPart(kept?.partner) === undefined ? 'research' : 'partner')
  const part = heldPart(kept?.[of])
  if (part === undefined || !isMap(part.document))
    throw new NodeError('NOT_FOUND', `this record has no ${of} part here`, { fix: `candor show ${typed}` })
  const { record, version } = newest.entry.statement
  const items = writtenItems(part.document).map(({ path, value }): RedactedItem => {
    const rule = ruleFor(rules, path)
    // A grant withholds whatever a rule fits: it shows committed values, and no other value can verify.
    return rule === undefined
      ? { path, outcome: 'shown', before: jsonOf(value) }
      : { path, outcome: 'withheld', before: jsonOf(value), by: byOf(rule) }
  })
  return { of: 'record', id: printBase32(record), version, tier: of, items, replaces: false }
}

function draftRedacted(draft: Draft, rules: readonly RedactionRule[]): RedactionView {
  const research = researchOf(draft)
  const derived = new Map(writtenItems(derivedOf(research, rules)).map((one) => [nameOf(one), one.value]))
  const items = writtenItems(research)
    .filter(isShared)
    .map((item): RedactedItem => {
      const { path, value } = item
      const [after, rule] = [derived.get(nameOf(item)), ruleFor(rules, path)]
      const before = jsonOf(value)
      if (rule === undefined) return { path, outcome: 'shown', before }
      if (after === undefined) return { path, outcome: 'withheld', before, by: byOf(rule) }
      return isSame(after, value)
        ? { path, outcome: 'shown', before }
        : { path, outcome: 'changed', before, after: jsonOf(after), by: byOf(rule) }
    })
  const { record, version } = draft
  const replaces = draft.partner !== undefined
  return { of: 'draft', id: printBase32(record), version, tier: 'research', items, replaces }
}

function researchOf({ research }: Draft): MapValue {
  if (research !== undefined) return research
  throw new NodeError('BAD_INPUT', 'this draft has no research part to derive a partner part from')
}

const FAULTS: Readonly<Record<DeriveFault, string>> = {
  'derive-uncovered': 'a partner part cannot have this, and no rule says that it is withheld',
  'derive-transform': 'its rule cannot be applied to it',
  'derive-gap': 'of this list an element would go and a later one stay: withhold all of it, or replace it',
  'derive-empty': 'nothing would be left',
}

function derivedOf(research: MapValue, rules: readonly RedactionRule[]): MapValue {
  const derived = derivePartner(research, rules)
  if (derived.ok) return derived.value.partner
  const { fault, path } = derived
  throw new NodeError('BAD_INPUT', `${path === '' ? '' : `${path}: `}${FAULTS[fault]}`)
}

function writtenItems(document: MapValue): readonly Item[] {
  return flatten(withoutCount(document))
}

/** Of what is about one tier alone nothing is derived. */
function isShared({ path }: Item): boolean {
  return !TIER_FIELDS.has(String(path[0]))
}

function byOf({ rule, transform, reason }: RedactionRule): NonNullable<RedactedItem['by']> {
  return { rule, transform, reason }
}

function nameOf({ path }: Item): string {
  return JSON.stringify(path)
}

function isSame(a: Value, b: Value): boolean {
  return Buffer.compare(encode(a), encode(b)) === 0
}
