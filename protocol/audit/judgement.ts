/**
 * Judging entries in order, apart from the tree they stand in: grammar, issuer, key state, public opening, signature. A
 * run of entries can be judged anywhere, given the key state below it, as long as no key event stands in between.
 */
import { equal } from '../bytes.ts'
import type { PublicPart } from '../codec/part.ts'
import { parseEntry, type Entry } from '../codec/statement.ts'
import type { KeyId, PublicKey } from '../identity/key.ts'
import { signerAt, type KeyState } from '../identity/keystate.ts'
import { verifySignature } from '../identity/signature.ts'
import { checkEntry, checkFirstEntry, type CheckedEntry, type ValidityFault } from '../log/entry.ts'
import { leafHash } from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'
import { fault, type Result } from '../result.ts'
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
  /** Entries that changed the keys or have a finding, in order: what an audit that goes on later judges again. */
  readonly marked: readonly MarkedLeaf[]
}

/** An entry by its leaf hash, and what it added to the counts. */
export type MarkedLeaf = {
  readonly index: number
  readonly leaf: Uint8Array
  readonly counts: LogReport['counts']
}

/** More findings than this about one log add nothing to the verdict. */
export const FINDINGS_MAX = 100

/** An audit of a log with more of them than this cannot go on later: it would judge as much again as it saved. */
export const MARKED_MAX = 1_024

export function openJudgement(
  place: Pick<Judgement, 'origin' | 'rootKey' | 'scope'>,
  keys: KeyState | undefined,
): Judgement {
  const counts = { entries: 0, signatures: 0, parts: 0 }
  return { ...place, keys, counts, findings: [], lastUse: [], judged: new Map(), marked: [] }
}

/** Judges the leaf at this index, if it is in scope or decides over others. */
export function judgeLeaf(primitives: Primitives, current: Judgement, index: number, leaf: Leaf): Judgement {
  const { entries, signatures, parts } = current.counts
  const counted = { ...current, counts: { entries: entries + 1, signatures, parts } }
  if (!mustJudge(current, index, leaf.bytes)) return counted
  const judged = judge(primitives, counted, index, leaf)
  if (judged.keys === current.keys && judged.findings === current.findings) return judged
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
    marked: [...earlier.marked, ...later.marked].slice(0, MARKED_MAX + 1),
  }
}

/**
 * Whether an entry may change keys, seen without parsing it: its statement then holds the text "key" under "kind". It never
 * misses one, because there is one encoding; that another entry holds the same bytes somewhere costs time only.
 */
export function mayChangeKeys(bytes: Uint8Array): boolean {
  const last = KIND_KEY.length - 1
  for (let at = bytes.indexOf(RAREST); at !== -1; at = bytes.indexOf(RAREST, at + 1)) {
    if (KIND_KEY.every((byte, i) => bytes[at - last + i] === byte)) return true
  }
  return false
}

/** The texts "kind" and "key", as CBOR. Few entries have a "y" among their words. */
const KIND_KEY = [0x64, 0x6b, 0x69, 0x6e, 0x64, 0x63, 0x6b, 0x65, 0x79]
const RAREST = 0x79

function mustJudge({ scope }: Judgement, index: number, bytes: Uint8Array): boolean {
  if (scope === 'all' || index === 0 || scope.has(index)) return true
  if (!mayChangeKeys(bytes)) return false
  const entry = parseEntry(bytes)
  return entry.ok && entry.value.statement.kind === 'key'
}

function judge(primitives: Primitives, current: Judgement, index: number, leaf: Leaf): Judgement {
  if (leaf.part === 'erased') return judgeErased(primitives, current, index, leaf.bytes)
  const checked = validity(primitives, current, index, leaf)
  if (!checked.ok) return withFinding(current, checked.fault, index)
  const { entry, signer, keys } = checked.value
  if (!verifySignature(primitives, signer, entry.toBeSigned, entry.signature)) {
    return withFinding(current, 'signature', index)
  }
  const { entries, signatures, parts } = current.counts
  const counts = { entries, signatures: signatures + 1, parts: parts + 1 }
  const { keyId: id } = entry.header
  const lastUse = used(current.lastUse, { id, index })
  return { ...current, keys, counts, lastUse, judged: keep(current, index, entry) }
}

/** Without its part, an entry's grammar, issuer, signer and signature still tell who said that something was said. */
function judgeErased(
  primitives: Primitives,
  current: Judgement,
  index: number,
  bytes: Uint8Array,
): Judgement {
  const entry = parseEntry(bytes)
  if (!entry.ok) return withFinding(current, entry.fault, index)
  const { header, statement, toBeSigned, signature } = entry.value
  if (current.keys === undefined) return withFinding(current, 'audit-keyless', index)
  if (header.issuer !== current.origin) return withFinding(current, 'entry-issuer', index)
  const signer = signerAt(current.keys, statement.kind, header.keyId, index)
  if (!signer.ok) return withFinding(current, signer.fault, index)
  if (!verifySignature(primitives, signer.value, toBeSigned, signature)) {
    return withFinding(current, 'signature', index)
  }
  const counts = { ...current.counts, signatures: current.counts.signatures + 1 }
  return withFinding({ ...current, counts }, 'audit-part-erased', index)
}

function validity(
  primitives: Primitives,
  { origin, rootKey, keys }: Judgement,
  index: number,
  { bytes, part }: Leaf,
): Result<CheckedEntry, ValidityFault | 'audit-keyless'> {
  const opened = part === 'erased' ? null : part
  if (index === 0) return checkFirstEntry(primitives, origin, rootKey, bytes, opened)
  return keys === undefined ? fault('audit-keyless') : checkEntry(primitives, keys, index, bytes, opened)
}

function used(before: readonly LastUse[], use: LastUse): readonly LastUse[] {
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
