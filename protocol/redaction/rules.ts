/**
 * Rules of redaction: what becomes of which paths of a research part in the partner part, and why. Notes for
 * partners follow from them, so that nobody retypes and nobody forgets. Spec 06 §9.
 */
import * as v from 'valibot'
import type { Value } from '../codec/cbor.ts'
import type { Path } from '../codec/items.ts'
import { closedTerm, integer, strict, text, token } from '../record/field.ts'
import { isDate } from '../record/date.ts'
import type { TermId } from '../record/vocabulary.ts'
import { REDACTION_REASONS, REDACTION_TRANSFORMS } from '../record/vocabulary/redaction.ts'

export type RedactionReason = TermId<typeof REDACTION_REASONS>
export type RedactionTransform = TermId<typeof REDACTION_TRANSFORMS>

/** Rules in one file, and characters of a path or of the text instead. */
const RULES_MAX = 256
const PATTERN_LENGTH_MAX = 200
const INSTEAD_LENGTH_MAX = 4_000

const LEFT_OUT: readonly RedactionTransform[] = ['suppress', 'commit_only']
const REPLACED: readonly RedactionTransform[] = ['paraphrase', 'pseudonymise', 'aggregate_k']

const RuleSchema = v.pipe(
  strict({
    /** Names the rule wherever it was applied. */
    rule: token(),
    /** Dotted; `*` is one step, `**` at the end all the rest. */
    path: v.pipe(
      v.string(),
      v.check(
        (path) => path.length <= PATTERN_LENGTH_MAX && PATTERN.test(path),
        'must be a path such as timeline.*.text or samples.**',
      ),
    ),
    transform: closedTerm(REDACTION_TRANSFORMS),
    reason: closedTerm(REDACTION_REASONS),
    /** The text instead. */
    with: v.exactOptional(text(INSTEAD_LENGTH_MAX)),
    /** How much of a date stays. */
    to: v.exactOptional(v.picklist(['year', 'month', 'day'], 'must be year, month or day')),
    /** A number becomes the lower end of its bin. */
    size: v.exactOptional(integer(2, Number.MAX_SAFE_INTEGER)),
  }),
  v.check(
    (rule) => hasItsParameter(rule),
    'must say what stands instead: with (a text), to (of a date) or size (of a bin), as the transform asks',
  ),
)

const RulesSchema = v.pipe(
  v.array(RuleSchema),
  v.check((rules) => rules.length <= RULES_MAX, `must have at most ${RULES_MAX} rules`),
)

export type RedactionRule = v.InferOutput<typeof RuleSchema>

export function parseRedactionRules(value: unknown):
  | { readonly ok: true; readonly value: readonly RedactionRule[] }
  | {
      readonly ok: false
      readonly problems: readonly { readonly path: string; readonly message: string }[]
    } {
  const read = v.safeParse(RulesSchema, value, { abortPipeEarly: true })
  if (read.success) return { ok: true, value: read.output }
  const problems = read.issues.map((issue) => ({
    path: (issue.path ?? []).map(({ key }) => String(key)).join('.'),
    message: issue.message,
  }))
  return { ok: false, problems }
}

/** The rule for a path: of those that fit the strictest, of equals the first. */
export function ruleFor(rules: readonly RedactionRule[], path: Path): RedactionRule | undefined {
  let strictest: RedactionRule | undefined
  for (const rule of rules) {
    if (fits(rule, path) && (strictest === undefined || strictness(rule) > strictness(strictest)))
      strictest = rule
  }
  return strictest
}

export function isLeftOut({ transform }: Pick<RedactionRule, 'transform'>): boolean {
  return LEFT_OUT.includes(transform)
}

/** What a rule that does not leave out makes of a value; undefined when it cannot be applied to it. */
export function transformed(rule: RedactionRule, value: Value): Value | undefined {
  if (rule.with !== undefined) return rule.with
  if (rule.to !== undefined)
    return typeof value === 'string' && isDate(value) ? shortened(value, rule.to) : undefined
  if (rule.size !== undefined)
    return typeof value === 'number' ? Math.floor(value / rule.size) * rule.size : undefined
  return undefined
}

/** The path that states what a rule left out: the item's own, or the beginning that `**` stands behind. */
export function statedPath({ path: pattern }: RedactionRule, path: Path): string {
  const steps = pattern.split('.')
  return (steps.at(-1) === '**' ? path.slice(0, steps.length - 1) : path).join('.')
}

const PATTERN = /^(?:[a-z_][a-z0-9_]*|\d{1,5}|\*)(?:\.(?:[a-z_][a-z0-9_]*|\d{1,5}|\*))*(?:\.\*\*)?$/

function fits({ path: pattern }: RedactionRule, path: Path): boolean {
  const steps = pattern.split('.')
  const isOpen = steps.at(-1) === '**'
  const fixed = isOpen ? steps.slice(0, -1) : steps
  if (isOpen ? path.length < fixed.length : path.length !== fixed.length) return false
  return fixed.every((step, index) => step === '*' || step === String(path[index]))
}

function strictness(rule: RedactionRule): number {
  if (isLeftOut(rule)) return 2
  return rule.with === undefined ? 0 : 1
}

function hasItsParameter(rule: {
  readonly transform: RedactionTransform
  readonly with?: string
  readonly to?: string
  readonly size?: number
}): boolean {
  const given = [rule.with, rule.to, rule.size].filter((one) => one !== undefined).length
  if (isLeftOut(rule)) return given === 0
  if (given !== 1) return false
  if (REPLACED.includes(rule.transform)) return rule.with !== undefined
  return rule.transform === 'bin' ? rule.size !== undefined : rule.size === undefined
}

const KEPT = { year: 4, month: 7, day: 10 } as const

function shortened(date: string, to: keyof typeof KEPT): string {
  return date.slice(0, KEPT[to])
}
