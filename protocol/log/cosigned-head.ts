/**
 * A head with the cosignatures on it that were verified, each member's at most once per role. What reaches a quorum is
 * decided here and nowhere else. DESIGN §4.5, Spec 03 §13.
 */
import { equal, printHex } from '../bytes.ts'
import type { PublicKey } from '../identity/key.ts'
import type { Primitives } from '../primitives.ts'
import type { Checkpoint, SignedCheckpoint } from './checkpoint.ts'
import { printCosignerName, quorum, verifyCosignature, type CosignerRole } from './cosignature.ts'
import { noteKeyId, printNote, SIGNATURE_TYPE, type NoteSignature } from './note.ts'

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

/**
 * Reads the cosignatures under these keys on a head whose log signature the caller has verified. Lines of unknown keys and
 * lines that do not verify are left out: anybody can write one, in any name, and it must not cost the head the others.
 */
export function readCosigned(
  primitives: Primitives,
  { checkpoint, note }: SignedCheckpoint,
  keys: readonly CosignerKey[],
): CosignedHead {
  const cosignatures: VerifiedLine[] = []
  for (const { domain, role, key } of keys) {
    const name = nameOf({ domain, role })
    const keyId = noteKeyId(primitives, name, SIGNATURE_TYPE.cosignature, key)
    for (const line of note.signatures) {
      if (line.name !== name || !equal(line.keyId, keyId)) continue
      const one = verifyCosignature(primitives, { name, key }, { text: note.text, signatures: [line] })
      if (one.ok) cosignatures.push({ domain, role, key, time: one.value.time, line })
    }
  }
  const own = note.signatures.filter(({ name }) => name === checkpoint.origin)
  return { checkpoint, text: note.text, own, cosignatures: onePerKey(cosignatures, 'earliest') }
}

/** The cosignatures of two sightings of one head (the same size and root). */
export function joinCosigned(a: CosignedHead, b: CosignedHead, keep: Keep): CosignedHead {
  return { ...a, cosignatures: onePerKey([...a.cosignatures, ...b.cosignatures], keep) }
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
