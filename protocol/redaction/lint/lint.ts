/**
 * The redaction linter: what stands in a text that should perhaps not leave its author's house. It is a help and no
 * proof: names without a title, and whatever only its author understands, are not found. Spec 06 §12.
 */
import { flatten, type Path } from '../../codec/items.ts'
import type { Value } from '../../codec/cbor.ts'
import { LINT_FINDINGS_PER_RULE_MAX } from '../../limits.ts'
import { ACCOUNT_RULES } from './account.ts'
import { ADDRESS_RULES } from './address.ts'
import { blocklistOf, listed, type Blocklist } from './blocklist.ts'
import { clean } from './clean.ts'
import { HOST_RULES } from './host.ts'
import { IDENTITY_RULES } from './identity.ts'
import { MAIL_RULES } from './mail.ts'
import { PERSON_RULES } from './person.ts'
import { PHONE_RULES } from './phone.ts'
import { PLACE_RULES } from './place.ts'
import { SECRET_RULES } from './secret.ts'
import type { LintRule, Severity, Span } from './span.ts'

/** Where, and by which rule; never what: a report about a secret would be a copy of it. */
export type LintFinding = {
  readonly rule: string
  readonly severity: Severity
  /** From one. */
  readonly line: number
  /** From one, in UTF-16 units of the line. */
  readonly column: number
  readonly length: number
}

export type LintOptions = {
  /** Words of the organisation that must not leave: names of staff, customers, projects, machines. */
  readonly blocklist: readonly string[]
}

/** Texts that a linter remembers, and how long they may be. Terms, dates and ids recur; sentences do not. */
const REMEMBERED_MAX = 50_000
const REMEMBERED_LENGTH_MAX = 120

/** In order of precedence within a group; the blocklist comes before all. */
export const LINT_RULES: readonly LintRule[] = [
  ...MAIL_RULES,
  ...ACCOUNT_RULES,
  ...IDENTITY_RULES,
  ...ADDRESS_RULES,
  ...PLACE_RULES,
  ...PHONE_RULES,
  ...SECRET_RULES,
  ...HOST_RULES,
  ...PERSON_RULES,
]

/** Every rule's id, the blocklist's included. */
export const LINT_RULE_IDS: readonly string[] = [...new Set(LINT_RULES.map(({ id }) => id)), 'blocklist']

/** Findings in the order of their places. */
export function lintText(text: string, { blocklist }: LintOptions): readonly LintFinding[] {
  return findingsIn(text, blocklistOf(blocklist))
}

export type PartFinding = LintFinding & { readonly path: Path }

/**
 * Every text of a document, each by itself. No end is made after so many findings: those that are suppressed, or only
 * ask, would hide one that blocks behind them. A part is bounded, and so is what is found in it.
 */
export function lintDocument(document: Value, options: LintOptions): readonly PartFinding[] {
  return linterOf(options)(document)
}

/** The same for many documents. Each short text is searched once, however many of them have it. */
export function linterOf(options: LintOptions): (document: Value) => readonly PartFinding[] {
  const blocklist = blocklistOf(options.blocklist)
  const known = new Map<string, readonly LintFinding[]>()
  const findIn = (text: string) => {
    if (text.length > REMEMBERED_LENGTH_MAX) return findingsIn(text, blocklist)
    const found = known.get(text) ?? findingsIn(text, blocklist)
    if (known.size < REMEMBERED_MAX) known.set(text, found)
    return found
  }
  return (document) =>
    flatten(document).flatMap(({ path, value }) =>
      typeof value === 'string' ? findIn(value).map((one) => ({ ...one, path })) : [],
    )
}

function findingsIn(text: string, blocklist: Blocklist): readonly LintFinding[] {
  const searched = clean(text)
  const found: { readonly rule: string; readonly severity: Severity; readonly span: Span }[] = []
  const taken = new Map<string, Uint8Array>()
  for (const span of bounded(listed(text, blocklist)))
    found.push({ rule: 'blocklist', severity: 'block', span })
  for (const { id, severity, group, find } of LINT_RULES)
    for (const span of bounded(find(searched.text), group === undefined ? undefined : seen(group))) {
      const start = searched.places[span.start] ?? 0
      const end = searched.places[span.start + span.length] ?? text.length
      found.push({ rule: id, severity, span: { start, length: end - start } })
    }
  const lines = lineStarts(text)
  return found
    .toSorted((a, b) => a.span.start - b.span.start)
    .map(({ rule, severity, span }) => ({
      rule,
      severity,
      ...placeOf(lines, span.start),
      length: span.length,
    }))

  function seen(group: string): Uint8Array {
    const mask = taken.get(group) ?? new Uint8Array(searched.text.length)
    taken.set(group, mask)
    return mask
  }
}

/** At most so many, and none on a place that the group has. */
function bounded(spans: Iterable<Span>, mask?: Uint8Array): readonly Span[] {
  const kept: Span[] = []
  for (const span of spans) {
    const { start, length } = span
    if (mask !== undefined) {
      if (mask.subarray(start, start + length).includes(1)) continue
      mask.fill(1, start, start + length)
    }
    kept.push(span)
    if (kept.length === LINT_FINDINGS_PER_RULE_MAX) break
  }
  return kept
}

function lineStarts(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]
}

function placeOf(
  lines: readonly number[],
  place: number,
): { readonly line: number; readonly column: number } {
  let [low, high] = [0, lines.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lines[middle] ?? 0) <= place) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: place - (lines[low] ?? 0) + 1 }
}
