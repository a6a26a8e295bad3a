/**
 * Cosigners whose lines count no more, as an auditor finds them: convicted by a proof that verifies, or by their own lines on
 * the heads that were handed over. It strikes the cosigner and never the log it cosigned. Spec 03 §9 and §13.
 */
import { equal, printHex } from '../bytes.ts'
import { convict } from '../governance/accountable.ts'
import type { CharterState } from '../governance/charter.ts'
import { keyId, type PublicKey } from '../identity/key.ts'
import type { KeyState } from '../identity/keystate.ts'
import { repeatedKeys } from '../identity/repeated.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from '../log/checkpoint.ts'
import { nameOf as cosignerName, type CosignedAs, type MemberKey } from '../log/cosigned-head.ts'
import { parseCosignature, verifyCosignature } from '../log/cosignature.ts'
import { parseEquivocation } from '../log/equivocation-file.ts'
import { verifyEquivocation } from '../log/equivocation.ts'
import { noteKeyId, SIGNATURE_TYPE, type NoteSignature } from '../log/note.ts'
import type { Primitives } from '../primitives.ts'

export type Struck = {
  readonly code: 'cosigner-struck' | 'cosigner-contradicts'
  readonly role: CosignedAs
  /** Of a witness outside, its whole name. */
  readonly domain: string
  readonly key: PublicKey
  /** The log whose heads it signed. */
  readonly origin: string
}

/**
 * Whom these proof files convict, each key once. `open` are the key states of the members' open logs: keys that only a closed
 * epoch declares convict nobody. A file that proves nothing says nothing.
 */
export function struckByProofs(
  primitives: Primitives,
  charter: CharterState,
  open: readonly KeyState[],
  files: readonly Uint8Array[],
): readonly Struck[] {
  const logs = open.map((keys) => ({ origin: keys.origin, keys, size: Number.MAX_SAFE_INTEGER }))
  const accounts = { charter, logs, isClosed: () => false }
  const found = files.flatMap((bytes): readonly Struck[] => {
    const claim = parseEquivocation(primitives, bytes)
    const proven = claim.ok ? verifyEquivocation(primitives, claim.value) : claim
    if (!proven.ok || proven.value.kind !== 'cosigner') return []
    const convicted = convict(accounts, proven.value)
    if (!convicted.ok || convicted.value.kind !== 'cosigner') return []
    const { origin, subject } = proven.value
    const { role, domain } = convicted.value
    return [{ code: 'cosigner-struck', role, domain, key: subject.key, origin }]
  })
  return eachOnce(found)
}

export type CosignedLog = {
  readonly origin: string
  readonly notes: readonly Uint8Array[]
  readonly rootAt: (size: number) => Uint8Array | undefined
}

/**
 * Keys whose verified lines on heads of one log exclude each other: two roots of one size, a smaller head at a later time than
 * a larger one, or a head that is no part of the audited tree although a larger one that is was cosigned too.
 */
export function struckByLines(
  primitives: Primitives,
  { origin, notes, rootAt }: CosignedLog,
  keys: readonly MemberKey[],
): readonly Struck[] {
  const heads = notes.flatMap((note): readonly SignedCheckpoint[] => {
    const head = parseSignedCheckpoint(note)
    return head.ok && head.value.checkpoint.origin === origin ? [head.value] : []
  })
  return keys.flatMap((by): readonly Struck[] => {
    const claimed = linesOf(primitives, heads, by)
    // Signatures are checked only where lines would exclude each other: of an honest cosigner they never do.
    if (!contradict(claimed, rootAt)) return []
    const signed = claimed.filter((line) => isSigned(primitives, line, by))
    return contradict(signed, rootAt) ? [{ code: 'cosigner-contradicts', ...by, origin }] : []
  })
}

/** Keys that count: no proof or line strikes them, and no second member declares them. */
export function countedKeys(
  primitives: Primitives,
  keys: readonly MemberKey[],
  open: readonly KeyState[],
  struck: readonly Struck[],
): readonly MemberKey[] {
  const repeated = new Set(repeatedKeys(open).map((one) => printHex(one.keyId)))
  const out = new Set(struck.map(nameOf))
  return keys.filter((one) => !out.has(nameOf(one)) && !repeated.has(printHex(keyId(primitives, one.key))))
}

/** `time` in seconds since 1970, by the cosigner's clock. */
type Line = {
  readonly size: number
  readonly root: Uint8Array
  readonly time: number
  readonly text: string
  readonly line: NoteSignature
}

/** The lines in the name of this key, as they stand there. */
function linesOf(primitives: Primitives, heads: readonly SignedCheckpoint[], by: MemberKey): readonly Line[] {
  const name = cosignerName(by)
  const id = noteKeyId(primitives, name, SIGNATURE_TYPE.cosignature, by.key)
  return heads.flatMap(({ checkpoint: { size, root }, note: { text, signatures } }) =>
    signatures.flatMap((line): readonly Line[] => {
      const read = line.name === name && equal(line.keyId, id) ? parseCosignature(line.bytes) : undefined
      return read?.ok === true ? [{ size, root, time: read.value.time, text, line }] : []
    }),
  )
}

function isSigned(primitives: Primitives, { text, line }: Line, by: MemberKey): boolean {
  const cosigner = { name: cosignerName(by), key: by.key }
  return verifyCosignature(primitives, cosigner, { text, signatures: [line] }).ok
}

function contradict(lines: readonly Line[], rootAt: CosignedLog['rootAt']): boolean {
  const sorted = lines.toSorted((a, b) => a.size - b.size || a.time - b.time)
  let last: Line | undefined
  // The latest time at a smaller size than the one that is looked at, and at the same.
  let [below, here] = [0, 0]
  let isBeside = false
  for (const line of sorted) {
    if (last?.size === line.size) {
      if (!equal(last.root, line.root)) return true
    } else below = here
    if (line.time < below) return true
    here = Math.max(here, line.time)
    const own = rootAt(line.size)
    const isOwn = own !== undefined && equal(own, line.root)
    if (isOwn && isBeside) return true
    if (own !== undefined && !isOwn) isBeside = true
    last = line
  }
  return false
}

function eachOnce(struck: readonly Struck[]): readonly Struck[] {
  const first = new Map<string, Struck>()
  for (const one of struck) if (!first.has(nameOf(one))) first.set(nameOf(one), one)
  return [...first.values()]
}

function nameOf({ domain, role, key }: { domain: string; role: CosignedAs; key: PublicKey }): string {
  return `${domain} ${role} ${printHex(key)}`
}
