/** What speaks against letting a draft leave: faults of its schema, contradictions, and what the linter finds. */
import { existsSync } from 'node:fs'
import { equal } from '../../protocol/bytes.ts'
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import { flatten } from '../../protocol/codec/items.ts'
import type { Tier } from '../../protocol/codec/part.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { readAccreditationAct } from '../../protocol/access/accreditation.ts'
import { parseContent } from '../../protocol/record/content.ts'
import { contradictionsOf } from '../../protocol/record/contradiction.ts'
import { linterOf, type PartFinding } from '../../protocol/redaction/lint/lint.ts'
import { readFileBounded } from '../keys/files.ts'
import { native } from '../keys/native.ts'
import type { Draft, Suppression } from '../store/drafts.ts'

const BLOCKLIST_BYTES_MAX = 1_048_576

export type TierFinding = PartFinding & {
  readonly tier: Tier
  /** SHA-256 of the whole text that it is in. */
  readonly of: Uint8Array
}

export type Review = {
  /** Each with its place. */
  readonly problems: readonly string[]
  readonly findings: readonly TierFinding[]
  /** Findings of a severity that nobody let pass. */
  readonly open: (severity: TierFinding['severity']) => readonly TierFinding[]
}

/** The linter, with the organisation's own words as they stand in their file now. */
export function linterAt(blocklistPath: string): ReturnType<typeof linterOf> {
  return linterOf({ blocklist: blocklistAt(blocklistPath) })
}

export type Reviewer = (draft: Draft) => Review

/** Looks through drafts. */
export function reviewerOf(blocklistPath: string, network: string): Reviewer {
  const lint = linterAt(blocklistPath)
  return (draft) => {
    const findings = tiersOf(draft).flatMap(({ tier, document }) =>
      withDigests(lint(document), tier, document),
    )
    const passed = draft.suppressed ?? []
    const open = findings.filter((found) => !passed.some((one) => letsPass(one, found)))
    return {
      problems: problemsOf(draft, network),
      findings,
      open: (severity) => open.filter((found) => found.severity === severity),
    }
  }
}

function withDigests(found: readonly PartFinding[], tier: Tier, document: MapValue): readonly TierFinding[] {
  if (found.length === 0) return []
  const values = new Map(flatten(document).map(({ path, value }) => [path.join('.'), value]))
  return found.flatMap((one) => {
    const value = values.get(one.path.join('.'))
    return value === undefined ? [] : [{ ...one, tier, of: digestOf(value) }]
  })
}

/** A draft in which these findings are let pass, each place once. */
export function withAnswers(
  draft: Draft,
  findings: readonly TierFinding[],
  how: Pick<Suppression, 'reason' | 'by' | 'at'>,
): Draft {
  if (findings.length === 0) return draft
  const places = new Map(
    findings.map((found) => [`${found.rule} ${found.tier} ${found.path.join('.')}`, found]),
  )
  const added = [...places.values()].map(({ rule, tier, path, of }): Suppression => ({
    rule,
    tier,
    path: path.join('.'),
    of,
    ...how,
  }))
  return { ...draft, suppressed: [...(draft.suppressed ?? []), ...added] }
}

/** Whether what was let pass is this: the same rule at the same place, in the same words. */
export function letsPass(one: Suppression, found: TierFinding): boolean {
  return covers(one, found) && equal(one.of, found.of)
}

export function covers({ rule, tier, path }: Place, found: TierFinding): boolean {
  return rule === found.rule && tier === found.tier && path === found.path.join('.')
}

export type Place = Pick<Suppression, 'rule' | 'tier' | 'path'>

/** Where a finding is, without its words. */
export function placeOf({ tier, path, ...found }: PartFinding & { readonly tier?: Tier }): string {
  const whole = tier === undefined ? path : [tier, ...path]
  return `${found.rule} at ${whole.join('.')} ${found.line}:${found.column}`
}

/** The parts of a draft, the deepest last. */
export function tiersOf({
  public: open,
  partner,
  research,
}: Draft): readonly { readonly tier: Tier; readonly document: MapValue }[] {
  return [
    { tier: 'public', document: open },
    ...(partner === undefined ? [] : [{ tier: 'partner' as const, document: partner }]),
    ...(research === undefined ? [] : [{ tier: 'research' as const, document: research }]),
  ]
}

export function deepestOf({
  partner,
  research,
}: {
  readonly partner?: unknown
  readonly research?: unknown
}): Tier {
  if (research !== undefined) return 'research'
  return partner === undefined ? 'public' : 'partner'
}

function digestOf(value: Value): Uint8Array {
  return native.sha256(encode(value))
}

function problemsOf({ kind, public: open, partner, research }: Draft, network: string): readonly string[] {
  if (kind === 'accreditation') {
    const read = readAccreditationAct(native, network, open)
    return read.ok ? [] : [`public is no accreditation: ${read.fault}`]
  }
  const parsed = parseContent(kind, {
    public: open,
    ...(partner === undefined ? {} : { partner }),
    ...(research === undefined ? {} : { research }),
  })
  const problems = parsed.ok ? contradictionsOf(parsed.value) : parsed.problems
  return problems.map(({ tier, path, message }) => `${tier}${path === '' ? '' : `.${path}`} ${message}`)
}

function blocklistAt(path: string): readonly string[] {
  if (!existsSync(path)) return []
  const text = Buffer.from(readFileBounded(path, BLOCKLIST_BYTES_MAX)).toString('utf8')
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
}
