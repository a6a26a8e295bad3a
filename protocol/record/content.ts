/**
 * Reading the content of a statement: what a kind asks of each tier, as problems with tier and path.
 *
 * `parseContent` stands before writing: everything must fit. `readContent` stands before showing what others
 * wrote: an unknown kind or a schema problem is a mark on the entry, never a reason to refuse it (DESIGN §4.4).
 */
import * as v from 'valibot'
import { encode, type Value } from '../codec/cbor.ts'
import { TIERS, type Tier } from '../codec/part.ts'
import type { MapValue } from '../codec/value.ts'
import { CBOR_BYTES_MAX, CBOR_DEPTH_MAX, PUBLIC_PART_BYTES_MAX } from '../limits.ts'
import { isKind, KINDS, type Kind, type KindRule } from './kinds.ts'

export type Problem = {
  readonly tier: Tier
  /** Dotted, such as `harms.0.type`; empty for the whole part. Keys that are not ours read `?`. */
  readonly path: string
  readonly message: string
}

/** Content ready for commitment: plain values that deterministic CBOR can write. */
export type RecordContent = {
  readonly kind: Kind
  readonly public: MapValue
  readonly partner?: MapValue
  readonly research?: MapValue
}

export type RawContent = {
  readonly public: unknown
  readonly partner?: unknown
  readonly research?: unknown
}

export type ParsedContent =
  | { readonly ok: true; readonly value: RecordContent }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export type ReadContent<K extends Kind = Kind> =
  | { readonly state: 'known'; readonly kind: K; readonly value: PublicOf<K> }
  | { readonly state: 'unknown-kind' }
  | { readonly state: 'schema-problems'; readonly kind: K; readonly problems: readonly Problem[] }

/** The public part of a kind, typed. */
type PublicOf<K extends Kind> = v.InferOutput<(typeof KINDS)[K]['public']>

/** A person corrects a few at a time; a hostile document could produce a million. */
export const PROBLEMS_MAX = 100

/** Checks what is about to be written, tier by tier: schema first, then that the tiers fit one another. */
export function parseContent(kind: string, raw: RawContent): ParsedContent {
  if (!isKind(kind))
    return {
      ok: false,
      problems: [{ tier: 'public', path: '', message: 'this version does not know this kind' }],
    }
  const problems: Problem[] = []
  const tiers: { -readonly [T in Tier]?: MapValue } = {}
  for (const tier of TIERS) {
    const value = raw[tier]
    if (value === undefined && tier !== 'public') continue
    const read = readTier(KINDS[kind], tier, value)
    if (read.ok) tiers[tier] = read.value
    else problems.push(...read.problems)
  }
  if (problems.length > 0 || tiers.public === undefined)
    return { ok: false, problems: problems.slice(0, PROBLEMS_MAX) }
  return { ok: true, value: { ...tiers, kind, public: tiers.public } }
}

/** Reads the public part of an entry, whoever wrote it. What does not fit is a mark. */
export function readContent(kind: string, publicPart: Value): ReadContent {
  return isKind(kind) ? readAs(kind, publicPart) : { state: 'unknown-kind' }
}

/** Reads the public part of an entry whose kind the caller knows. */
export function readAs<K extends Kind>(kind: K, publicPart: Value): ReadContent<K> {
  const schema: (typeof KINDS)[K]['public'] = KINDS[kind].public
  const read = v.safeParse(schema, publicPart, CONFIG)
  if (read.success) return { state: 'known', kind, value: read.output }
  return { state: 'schema-problems', kind, problems: problemsOf('public', read.issues) }
}

type TierRead =
  | { readonly ok: true; readonly value: MapValue }
  | { readonly ok: false; readonly problems: readonly Problem[] }

function readTier(rule: KindRule, tier: Tier, value: unknown): TierRead {
  const schema = rule[tier]
  if (schema === undefined) return failed(tier, 'this kind has no such part')
  const read = v.safeParse(schema, value, CONFIG)
  if (!read.success) return { ok: false, problems: problemsOf(tier, read.issues) }
  if (!isDocument(read.output)) return failed(tier, 'must be an object of plain values')
  if (Object.keys(read.output).length === 0) return failed(tier, 'must not be empty: leave it out instead')
  return tooLong(tier, read.output) ?? { ok: true, value: read.output }
}

/** The public part is always read whole; the others travel in frames. */
function tooLong(tier: Tier, value: MapValue): TierRead | undefined {
  const bytesMax = tier === 'public' ? PUBLIC_PART_BYTES_MAX : CBOR_BYTES_MAX
  const bytes = encode(value).length
  return bytes <= bytesMax
    ? undefined
    : failed(tier, `takes ${bytes} bytes and may take ${bytesMax}: shorten its texts or lists`)
}

function failed(tier: Tier, message: string): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [{ tier, path: '', message }] }
}

/** Fallback messages name what was expected. The library's own would quote what was read. */
const CONFIG = {
  message: (issue: v.BaseIssue<unknown>) => expectation(issue),
  // The first problem of a field is enough: the others mostly follow from it.
  abortPipeEarly: true,
}

function expectation(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') return 'is not a field of this part'
  if (issue.received === 'undefined') return 'is missing'
  const expected = issue.expected ?? 'something else'
  return `must be ${EXPECTATIONS[expected] ?? expected}`
}

const EXPECTATIONS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
}

function problemsOf(tier: Tier, issues: readonly v.BaseIssue<unknown>[]): readonly Problem[] {
  return issues.slice(0, PROBLEMS_MAX).map((issue) => ({ tier, path: pathOf(issue), message: issue.message }))
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).map(({ key }) => (isPlainKey(key) ? String(key) : '?')).join('.')
}

/** A key that a stranger chose is not printed unless it looks like one of ours. */
function isPlainKey(key: unknown): boolean {
  return typeof key === 'number' || (typeof key === 'string' && /^[a-zA-Z_][a-zA-Z0-9_]{0,39}$/.test(key))
}

function isDocument(value: unknown): value is MapValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value, 0)
}

/** What deterministic CBOR can write. The schemas promise it; this holds the promise. */
function isPlain(value: unknown, depth: number): value is Value {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0)
  if (typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value !== 'object' || value === null || depth === CBOR_DEPTH_MAX) return false
  return Object.values(value).every((item) => isPlain(item, depth + 1))
}
