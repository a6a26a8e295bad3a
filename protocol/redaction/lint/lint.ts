/**
 * The redaction linter: what should not leave in a text, found by rules, with line and column. It never carries the
 * words it found. What it finds is a fraction of what can tell on somebody; people decide. Spec 06 §12.
 */
import type { Value } from '../../codec/cbor.ts'
import { flatten, type Path } from '../../codec/items.ts'
import { LINT_FINDINGS_MAX } from '../../limits.ts'
import { CONTACTS } from './contacts.ts'
import { fold } from './fold.ts'
import { MACHINES } from './machines.ts'
import { NUMBERS } from './numbers.ts'
import { PEOPLE } from './people.ts'
import type { LintRule, Severity, Span } from './rule.ts'

export type LintFinding = {
  readonly rule: string
  readonly severity: Severity
  /** From 1, in lines and in characters as UTF-16 counts them. */
  readonly line: number
  readonly column: number
  readonly length: number
}

export type LintOptions = {
  /** Words of the organisation that must not leave: names of staff, customers, projects, machines. */
  readonly blocklist: readonly string[]
}

/** A stronger rule hides a weaker one at the same place; of equals the first. */
export const LINT_RULES: readonly LintRule[] = [...NUMBERS, ...CONTACTS, ...MACHINES, ...PEOPLE]

/** Every rule's id, the blocklist's included. */
export const LINT_RULE_IDS: readonly string[] = [...LINT_RULES.map(({ id }) => id), 'blocklist']

export function lintText(text: string, options: LintOptions): readonly LintFinding[] {
  const { text: folded, places } = fold(text)
  const taken: Span[] = []
  const found: { readonly rule: LintRule; readonly span: Span }[] = []
  for (const rule of [blocklistRule(options.blocklist), ...LINT_RULES]) {
    for (const span of rule.find(folded)) {
      if (taken.some(({ start, end }) => span.start < end && start < span.end)) continue
      taken.push(span)
      found.push({ rule, span })
      if (found.length === LINT_FINDINGS_MAX) return findingsOf(text, places, found)
    }
  }
  return findingsOf(text, places, found)
}

export type PartFinding = LintFinding & { readonly path: Path }

/** Every text of a document, each by itself. */
export function lintDocument(document: Value, options: LintOptions): readonly PartFinding[] {
  const found: PartFinding[] = []
  for (const { path, value } of flatten(document)) {
    if (typeof value !== 'string') continue
    for (const one of lintText(value, options)) {
      found.push({ ...one, path })
      if (found.length === LINT_FINDINGS_MAX) return found
    }
  }
  return found
}

function findingsOf(
  text: string,
  places: readonly number[],
  found: readonly { readonly rule: LintRule; readonly span: Span }[],
): readonly LintFinding[] {
  return found
    .toSorted((a, b) => a.span.start - b.span.start)
    .map(({ rule: { id, severity }, span: { start, end } }) => {
      const [from, to] = [places[start] ?? 0, places[end] ?? text.length]
      const before = text.slice(0, from)
      const line = before.split('\n').length
      return {
        rule: id,
        severity,
        line,
        column: from - (before.lastIndexOf('\n') + 1) + 1,
        length: to - from,
      }
    })
}

/** Letters without their accents and case: how people vary a name. */
function plainOf(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

function blocklistRule(words: readonly string[]): LintRule {
  const wanted = words.map((word) => plainOf(fold(word.trim()).text)).filter((word) => word !== '')
  return {
    id: 'blocklist',
    severity: 'block',
    find: (text) => {
      // Taking accents off changes lengths; character by character the places stay.
      const plain = [...text].map((character) =>
        plainOf(character).padEnd(character.length, ' ').slice(0, character.length),
      )
      const folded = plain.join('')
      return wanted.flatMap((word) => placesOf(folded, word))
    },
  }
}

function placesOf(text: string, word: string): readonly Span[] {
  const spans: Span[] = []
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
    const isWhole = !isWordAt(text, at - 1) && !isWordAt(text, at + word.length)
    if (isWhole) spans.push({ start: at, end: at + word.length })
    if (spans.length === LINT_FINDINGS_MAX) break
  }
  return spans
}

function isWordAt(text: string, at: number): boolean {
  return /[\p{L}\p{N}]/u.test(text[at] ?? '')
}
