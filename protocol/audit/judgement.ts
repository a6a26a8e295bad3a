/**
 * Judging entries in order, apart from the tree they stand in: grammar, issuer, key state, public opening, signature. A
 * run of entries can be judged anywhere, given the key state below it, as long as no key event stands in between.
 */
import { equal } from '../bytes.ts'
import type { PublicPart } from '../codec/part.ts'
import { parseEntry, type Entry } from '../codec/statement.ts'
import type { KeyId, PublicKey } from '../identity/key.ts'
import type { KeyState } from '../identity/keystate.ts'
import { verifySignature } from '../identity/signature.ts'
import { checkEntry, checkFirstEntry, type CheckedEntry, type ValidityFault } from '../log/entry.ts'
import { erasedPlace } from '../log/erasure.ts'
import { leafHash } from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'
import { fault, type Result } from '../result.ts'
import { joinObserved, observedIn, type Observed } from './entangled.ts'
import type { AuditFault, Finding, LogReport } from './report.ts'

/** Which entries are judged: all, or those at these indices. */
export type Scope = 'all' | ReadonlySet<number>

/** An entry and its public part as they were handed over. */
export type Leaf = { readonly bytes: Uint8Array; readonly part: PublicPart | 'erased' | null }

export type LastUse = { readonly id: KeyId; readonly index: number }

export type Judgement = {
  readonly origin: string
  readonly rootKey: PublicKey
  readonly scope: Scope
  readonly keys: KeyState | undefined
  readonly counts: LogReport['counts']
  /** At most FINDINGS_MAX. */
  readonly findings: readonly Finding[]
  /** The last entry judged valid of each signer, in the order of these entries. */
  readonly lastUse: readonly LastUse[]
  /** Entries in scope that were judged valid, by index; kept only where a scope names them. */
  readonly judged: ReadonlyMap<number, Entry>
  /** Entries that are valid but for their public part, which was not there. At most GAPS_MAX. */
  readonly gaps: readonly Gap[]
  /** Valid `erase` entries of this log, in order, and the public part that each erased. At most GAPS_MAX. */
  readonly erasures: readonly FoundErasure[]
  /** Valid `observed` statements that name cosigners, in order. At most OBSERVED_NAMES_MAX names. */
  readonly observed: readonly Observed[]
  /**
   * Entries that changed the keys, erased something, state what was observed or have a finding, in order: what an audit that
   * goes on later judges again.
   */
  readonly marked: readonly MarkedLeaf[]
}

/** `said`: whether the source says itself that the part was erased. */
export type Gap = { readonly index: number; readonly leaf: Uint8Array; readonly said: boolean }

export type FoundErasure = { readonly of: number; readonly leaf: Uint8Array; readonly by: number }

/** Erased parts of one log that an audit can tell from missing ones. They are kept in memory until its end. */
export const GAPS_MAX = 65_536

/** An entry by its leaf hash, and what it added to the counts. */
export type MarkedLeaf = {
  readonly index: number
  readonly leaf: Uint8Array
  readonly counts: LogReport['counts']
}

/** More findings than this about one log add nothing to the verdict. */
export const FINDINGS_MAX = 100

/**
 * An audit of a log with more of them than this cannot go on later: it would judge as much again as it saved. A member that
 * states once a day what it observed comes to it after ten years.
 */
export const MARKED_MAX = 4_096

export function openJudgement(
  place: Pick<Judgement, 'origin' | 'rootKey' | 'scope'>,
  keys: KeyState | undefined,
): Judgement {
  const counts = { entries: 0, signatures: 0, parts: 0 }
  const nothing = {
    findings: [],
    lastUse: [],
    judged: new Map(),
    gaps: [],
    erasures: [],
    observed: [],
    marked: [],
  }
  return { ...place, keys, counts, ...nothing }
}

/** Judges the leaf at this index, if it is in scope or decides over others. */
export function judgeLeaf(primitives: Primitives, current: Judgement, index: number, leaf: Leaf): Judgement {
  const { entries, signatures, parts } = current.counts
  const counted = { ...current, counts: { entries: entries + 1, signatures, parts } }
  if (!mustJudge(current, index, leaf.bytes)) return counted
  const judged = judge(primitives, counted, index, leaf)
  if (isOrdinary(current, judged)) return judged
  const marked = {
    index,
    leaf: leafHash(primitives, leaf.bytes),
    counts: {
      entries: 1,
      signatures: judged.counts.signatures - signatures,
      parts: judged.counts.parts - parts,
    },
  }
  return { ...judged, marked: [...current.marked, marked].slice(0, MARKED_MAX + 1) }
}

/** Whether an entry changed nothing but the counts and who signed last. */
function isOrdinary(before: Judgement, after: Judgement): boolean {
  return (
    after.keys === before.keys &&
    after.findings === before.findings &&
    after.gaps === before.gaps &&
    after.erasures === before.erasures &&
    after.observed === before.observed
  )
}

/** What `later` found of the entries after those of `earlier`, together. */
export function joinJudgements(earlier: Judgement, later: Judgement): Judgement {
  const lastUse = later.lastUse.reduce(used, earlier.lastUse)
  const [a, b] = [earlier.counts, later.counts]
  return {
    ...earlier,
    keys: later.keys,
    counts: {
      entries: a.entries + b.entries,
      signatures: a.signatures + b.signatures,
      parts: a.parts + b.parts,
    },
    findings: [...earlier.findings, ...later.findings].slice(0, FINDINGS_MAX),
    lastUse,
    judged: later.judged.size === 0 ? earlier.judged : new Map([...earlier.judged, ...later.judged]),
    gaps: joined(earlier.gaps, later.gaps),
    erasures: joined(earlier.erasures, later.erasures),
    observed: joinObserved(earlier.observed, later.observed),
    marked: [...earlier.marked, ...later.marked].slice(0, MARKED_MAX + 1),
  }
}

/** Most logs have none: then nothing is copied. */
function joined<T>(earlier: readonly T[], later: readonly T[]): readonly T[] {
  return later.length === 0 ? earlier : [...earlier, ...later].slice(0, GAPS_MAX)
}

/**
 * Whether an entry may change keys, seen without parsing it: its statement then holds the text "key" under "kind". It never
 * misses one, because there is one encoding; that another entry holds the same bytes somewhere costs time only.
 */
export function mayChangeKeys(bytes: Uint8Array): boolean {
  return hasWord(bytes, KIND_KEY, RAREST)
}

/** Whether an entry may be an `erase` statement, seen in the same way. */
export function mayErase(bytes: Uint8Array): boolean {
  return hasWord(bytes, KIND_ERASE, 0)
}

function hasWord(bytes: Uint8Array, word: readonly number[], rarest: number): boolean {
  const one = word[rarest] ?? 0
  for (let at = bytes.indexOf(one); at !== -1; at = bytes.indexOf(one, at + 1)) {
    if (word.every((byte, i) => bytes[at - rarest + i] === byte)) return true
  }
  return false
}

/** The texts "kind" and "key", as CBOR. Few entries have a "y" among their words. */
const KIND_KEY = [0x64, 0x6b, 0x69, 0x6e, 0x64, 0x63, 0x6b, 0x65, 0x79]
const RAREST = KIND_KEY.length - 1
/** The texts "kind" and "erase". */
const KIND_ERASE = [0x64, 0x6b, 0x69, 0x6e, 0x64, 0x65, 0x65, 0x72, 0x61, 0x73, 0x65]

function mustJudge({ scope }: Judgement, index: number, bytes: Uint8Array): boolean {
  if (scope === 'all' || index === 0 || scope.has(index)) return true
  if (!mayChangeKeys(bytes) && !mayErase(bytes)) return false
  const entry = parseEntry(bytes)
  if (!entry.ok) return false
  const { kind, on } = entry.value.statement
  return kind === 'key' || (kind === 'erase' && on !== null && scope.has(on.index))
}

function judge(primitives: Primitives, current: Judgement, index: number, leaf: Leaf): Judgement {
  const checked = validity(primitives, current, index, leaf)
  if (!checked.ok) return withFinding(current, checked.fault, index)
  const { entry, signer, keys } = checked.value
  if (!verifySignature(primitives, signer, entry.toBeSigned, entry.signature)) {
    return withFinding(current, 'signature', index)
  }
  const { entries, signatures, parts } = current.counts
  const { keyId: id } = entry.header
  const valid = {
    ...current,
    keys,
    counts: { entries, signatures: signatures + 1, parts },
    lastUse: used(current.lastUse, { id, index }),
    judged: keep(current, index, entry),
  }
  if (leaf.part === null || leaf.part === 'erased') {
    // Without its part, everything else still tells who said that something was said. Whether it may be gone shows later.
    const gap = { index, leaf: leafHash(primitives, leaf.bytes), said: leaf.part === 'erased' }
    return { ...valid, gaps: joined(current.gaps, [gap]) }
  }
  const seen = observedIn(entry, index, leaf.part)
  const observed = seen === undefined ? current.observed : joinObserved(current.observed, [seen])
  const whole = { ...valid, observed, counts: { ...valid.counts, parts: parts + 1 } }
  const place = erasedPlace(current.origin, index, entry.statement, leaf.part)
  if (place === undefined) return whole
  const erasure = { of: place.index, leaf: place.leaf.slice(), by: index }
  return { ...whole, erasures: joined(current.erasures, [erasure]) }
}

function validity(
  primitives: Primitives,
  { origin, rootKey, keys }: Judgement,
  index: number,
  { bytes, part }: Leaf,
): Result<CheckedEntry, ValidityFault | 'audit-keyless'> {
  if (index === 0) return checkFirstEntry(primitives, origin, rootKey, bytes, part === 'erased' ? null : part)
  return keys === undefined
    ? fault('audit-keyless')
    : checkEntry(primitives, keys, index, bytes, part ?? 'erased')
}

function used(before: readonly LastUse[], use: LastUse): readonly LastUse[] {
  const [only] = before
  if (before.length === 1 && only !== undefined && equal(only.id, use.id)) return [use]
  return [...before.filter(({ id }) => !equal(id, use.id)), use]
}

function keep({ scope, judged }: Judgement, index: number, entry: Entry): Judgement['judged'] {
  if (scope === 'all' || !scope.has(index)) return judged
  return new Map(judged).set(index, entry)
}

function withFinding(current: Judgement, code: AuditFault, index: number): Judgement {
  if (current.findings.length === FINDINGS_MAX) return current
  return { ...current, findings: [...current.findings, { code, index }] }
}

/**
 * What became of the parts that were not there: a note for each that an entry below the same head erased, a finding for
 * each other one.
 */
export function findingsOfGaps({ gaps, erasures }: Judgement): readonly Finding[] {
  if (gaps.length === 0) return []
  const first = new Map<number, FoundErasure>()
  for (const erasure of erasures) if (!first.has(erasure.of)) first.set(erasure.of, erasure)
  return gaps.map(({ index, leaf, said }): Finding => {
    const erasure = first.get(index)
    if (erasure !== undefined && equal(erasure.leaf, leaf))
      return { code: 'audit-erased', index, by: erasure.by }
    return { code: said ? 'audit-part-erased' : 'part-missing', index }
  })
}
