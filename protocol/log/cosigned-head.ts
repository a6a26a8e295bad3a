/**
 * A head with the cosignatures on it that were verified, each member's at most once per role. What reaches a quorum is
 * decided here and nowhere else. DESIGN §4.5, Spec 03 §13.
 */
import { equal, printHex } from '../bytes.ts'
import type { PublicKey } from '../identity/key.ts'
import { LINES_PER_KEY_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import type { Checkpoint, SignedCheckpoint } from './checkpoint.ts'
import { printCosignerName, quorum, verifyCosignature, type CosignerRole } from './cosignature.ts'
import { noteKeyId, printNote, printSignatureLine, SIGNATURE_TYPE, type NoteSignature } from './note.ts'

/** What a cosigner is to the log: a member in one of its two roles, or a witness outside that the charter names. */
export type CosignedAs = CosignerRole | 'outside'

/** A key that cosigns for a member. During a rotation a member has two of one role. */
export type MemberKey = { readonly domain: string; readonly role: CosignerRole; readonly key: PublicKey }

/** The key of any cosigner; of an outside witness `domain` is its whole name. */
export type CosignerKey = { readonly domain: string; readonly role: CosignedAs; readonly key: PublicKey }

/** A verified cosignature with its line. */
export type VerifiedLine = {
  readonly domain: string
  readonly role: CosignedAs
  readonly key: PublicKey
  /** Seconds since 1970, by the cosigner's clock. */
  readonly time: number
  readonly line: NoteSignature
}

export type CosignedHead = {
  readonly checkpoint: Checkpoint
  /** The three lines that all of them signed. */
  readonly text: string
  /** The log's own signature lines. */
  readonly own: readonly NoteSignature[]
  /** In the order of their key ids; one for each key. */
  readonly cosignatures: readonly VerifiedLine[]
}

/** Which of two times of one key is kept: the first for evidence of age, the last for evidence of freshness. */
export type Keep = 'earliest' | 'latest'

/** What the lines of a note are read with. */
export type Reading = {
  /** Keys that count now. */
  readonly keys: readonly CosignerKey[]
  /** Every key that was ever declared, those included: asked for only where a line does not verify. */
  readonly declared: () => readonly CosignerKey[]
  /** Lines of this very head that were verified before: the same bytes are not verified again. */
  readonly known: readonly VerifiedLine[]
}

export type ReadHead = {
  readonly head: CosignedHead
  /** Names of cosigners in whose name, and under whose key id, a line stands that their key did not sign; each once. */
  readonly forged: readonly string[]
  /** Whether every line is the log's own, or verified: only such a note is passed on as it came. */
  readonly isWhole: boolean
}

/**
 * Reads the cosignatures under these keys on a head whose log signature the caller has verified. Lines of unknown keys and
 * lines that do not verify are left out: anybody can write one, in any name, and it must not cost the head the others.
 * Of one key two lines are read: see `LINES_PER_KEY_MAX`.
 */
export function readCosigned(
  primitives: Primitives,
  signed: SignedCheckpoint,
  keys: readonly CosignerKey[],
): CosignedHead {
  return readLines(primitives, signed, { keys, declared: () => keys, known: [] }).head
}

/**
 * As `readCosigned`, and says which cosigners' lines were forged. A line is so only where one key alone was ever declared under
 * its name and key id: of two keys with one id (four bytes: anybody makes such keys in minutes) the other may have signed it.
 */
export function readLines(primitives: Primitives, signed: SignedCheckpoint, reading: Reading): ReadHead {
  const { checkpoint, note } = signed
  const verified: VerifiedLine[] = []
  const good = new Set<string>()
  const bad = new Map<string, NoteSignature>()
  for (const { of, line, known } of linesOf(primitives, signed, reading)) {
    const one = known ?? verify(primitives, of, note.text, line)
    if (one === undefined) bad.set(printSignatureLine(line), line)
    else {
      verified.push(one)
      good.add(printSignatureLine(line))
    }
  }
  const forged = [...bad].filter(([text]) => !good.has(text)).map(([, line]) => line)
  const own = note.signatures.filter(({ name }) => name === checkpoint.origin)
  return {
    head: { checkpoint, text: note.text, own, cosignatures: onePerKey(verified, 'earliest') },
    forged: forgedNames(primitives, forged, reading),
    isWhole: note.signatures.every(
      (line) => line.name === checkpoint.origin || good.has(printSignatureLine(line)),
    ),
  }
}

/** How many signatures `readLines` verifies at most: what reading the note costs. */
export function countLines(primitives: Primitives, signed: SignedCheckpoint, reading: Reading): number {
  return linesOf(primitives, signed, reading).filter(({ known }) => known === undefined).length
}

/** The cosignatures of two sightings of one head (the same size and root). */
export function joinCosigned(a: CosignedHead, b: CosignedHead, keep: Keep): CosignedHead {
  return { ...a, cosignatures: onePerKey([...a.cosignatures, ...b.cosignatures], keep) }
}

/** The larger head, or both joined where they are one. */
export function newerHead(a: CosignedHead | undefined, b: CosignedHead, keep: Keep): CosignedHead {
  if (a === undefined) return b
  if (a.text === b.text) return joinCosigned(a, b, keep)
  return b.checkpoint.size > a.checkpoint.size ? b : a
}

/** The note with all verified lines: what is stored, served and passed on. */
export function printCosigned({ text, own, cosignatures }: CosignedHead): Uint8Array {
  return printNote({ text, signatures: [...own, ...cosignatures.map(({ line }) => line)] })
}

/** The name in a cosigner's lines. */
export function nameOf({ domain, role }: Pick<CosignerKey, 'domain' | 'role'>): string {
  return role === 'outside' ? domain : printCosignerName(domain, role)
}

/** The same head without the lines of some keys. */
export function withoutLines(head: CosignedHead, isLeftOut: (line: VerifiedLine) => boolean): CosignedHead {
  return { ...head, cosignatures: head.cosignatures.filter((line) => !isLeftOut(line)) }
}

/** The members or outside witnesses that cosigned so, each once, with the earliest time of each. */
export function cosignersOf(
  { checkpoint, cosignatures }: CosignedHead,
  role: CosignedAs,
): ReadonlyMap<string, number> {
  const own = checkpoint.origin.slice(0, checkpoint.origin.indexOf('/'))
  const times = new Map<string, number>()
  for (const { domain, role: as, time } of cosignatures) {
    // Nobody confirms its own log, under whatever name.
    if (as === role && domain !== own && !domain.startsWith(`${own}/candor/`))
      times.set(domain, Math.min(time, times.get(domain) ?? time))
  }
  return times
}

/** Whether enough mirrors of `others` other voting members cosigned. Of nobody, nobody is enough. */
export function isQuorumHead(head: CosignedHead, others: number): boolean {
  return others > 0 && cosignersOf(head, 'mirror').size >= quorum(others)
}

/** The time by which the last of a quorum had confirmed the head: how fresh it is. Undefined without a quorum. */
export function confirmedAt(head: CosignedHead, others: number): number | undefined {
  if (!isQuorumHead(head, others)) return undefined
  const times = [...cosignersOf(head, 'mirror').values()].toSorted((a, b) => b - a)
  return times[quorum(others) - 1]
}

type Line = {
  readonly of: CosignerKey
  readonly line: NoteSignature
  /** Where these very bytes were verified before. */
  readonly known: VerifiedLine | undefined
}

/** Each line with each key that its name and key id may mean; of one key no more than are read. */
function linesOf(
  primitives: Primitives,
  { note }: SignedCheckpoint,
  { keys, known }: Reading,
): readonly Line[] {
  const byName = new Map<string, NoteSignature[]>()
  for (const line of note.signatures) {
    const named = byName.get(line.name)
    if (named === undefined) byName.set(line.name, [line])
    else named.push(line)
  }
  return keys.flatMap((of) => {
    const named = byName.get(nameOf(of))
    if (named === undefined) return []
    const keyId = keyIdOf(primitives, of)
    const different = new Map(
      named.filter((line) => equal(line.keyId, keyId)).map((line) => [printSignatureLine(line), line]),
    )
    const read = [...different.values()].map((line): Line => {
      const isKnown = (one: VerifiedLine) => equal(one.key, of.key) && isSameLine(one.line, line)
      return { of, line, known: known.find(isKnown) }
    })
    const isNew = ({ known: before }: Line) => before === undefined
    return [...read.filter((one) => !isNew(one)), ...read.filter(isNew).slice(0, LINES_PER_KEY_MAX)]
  })
}

function verify(
  primitives: Primitives,
  { domain, role, key }: CosignerKey,
  text: string,
  line: NoteSignature,
): VerifiedLine | undefined {
  const name = nameOf({ domain, role })
  const one = verifyCosignature(primitives, { name, key }, { text, signatures: [line] })
  return one.ok ? { domain, role, key, time: one.value.time, line } : undefined
}

function forgedNames(
  primitives: Primitives,
  lines: readonly NoteSignature[],
  { declared }: Reading,
): readonly string[] {
  if (lines.length === 0) return []
  const all = declared()
  const isOnly = (line: NoteSignature) =>
    all.filter((of) => nameOf(of) === line.name && equal(keyIdOf(primitives, of), line.keyId)).length === 1
  return [...new Set(lines.filter(isOnly).map(({ name }) => name))]
}

function keyIdOf(primitives: Primitives, of: CosignerKey): Uint8Array {
  return noteKeyId(primitives, nameOf(of), SIGNATURE_TYPE.cosignature, of.key)
}

function isSameLine(a: NoteSignature, b: NoteSignature): boolean {
  return a.name === b.name && equal(a.keyId, b.keyId) && equal(a.bytes, b.bytes)
}

function onePerKey(lines: readonly VerifiedLine[], keep: Keep): readonly VerifiedLine[] {
  const kept = new Map<string, VerifiedLine>()
  for (const one of lines) {
    const name = `${one.line.name} ${printHex(one.line.keyId)}`
    const other = kept.get(name)
    const better =
      other === undefined || (keep === 'earliest' ? one.time < other.time : one.time > other.time)
    if (better) kept.set(name, one)
  }
  return [...kept].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}
