/**
 * How a log ends when its author goes on in another one: whether it leads to the head at which it was closed, and what
 * stands above that. DESIGN §4.6, spec 02 §3.3.
 */
import { equal } from '../bytes.ts'
import type { PublicPart } from '../codec/part.ts'
import type { Head } from '../codec/statement.ts'
import { speakerOf, type CharterState } from '../governance/charter.ts'
import type { EpochDocument } from '../identity/epoch.ts'
import { verifySignature } from '../identity/signature.ts'
import { checkFirstEntry } from '../log/entry.ts'
import type { Primitives } from '../primitives.ts'
import type { Finding } from './report.ts'

/** Closed at a head, or left out altogether. */
export type LogEnd = { readonly kind: 'closed'; readonly at: Head } | { readonly kind: 'void' }

/**
 * What a verified leaf 0 says, under the root key that the charter binds: for putting the epochs of a member in
 * order before their logs are walked.
 */
export function openingOf(
  primitives: Primitives,
  charter: CharterState,
  origin: string,
  leaf: { readonly bytes: Uint8Array; readonly part: PublicPart | 'erased' | null },
): EpochDocument | undefined {
  const speaker = speakerOf(charter, origin)
  if (speaker === undefined || leaf.part === 'erased') return undefined
  const first = checkFirstEntry(primitives, origin, speaker.root, leaf.bytes, leaf.part)
  if (!first.ok) return undefined
  const { entry, signer, keys } = first.value
  return verifySignature(primitives, signer, entry.toBeSigned, entry.signature) ? keys.epoch : undefined
}

export function closingOf(end: LogEnd | undefined): Head | undefined {
  return end?.kind === 'closed' ? end.at : undefined
}

/** Statements below the end: what stands above it is void. */
export function belowEnd<T extends { readonly index: number }>(
  end: LogEnd | undefined,
  stated: readonly T[],
): readonly T[] {
  if (end === undefined) return stated
  return end.kind === 'void' ? [] : stated.filter(({ index }) => index < end.at.size)
}

/** What was walked of the log. */
type Walked = {
  readonly scope: 'all' | ReadonlySet<number>
  readonly size: number
  /** Root of the walked tree at the closing size. */
  readonly closingRoot: Uint8Array | undefined
}

/** Void entries are a note on a whole log, which is as good as before below them, and a fault of an entry that was asked for. */
export function findingsOfEnd(end: LogEnd, { scope, size, closingRoot }: Walked): readonly Finding[] {
  const closing = closingOf(end)
  const from = closing?.size ?? 0
  const asked = scope === 'all' ? [] : [...scope].filter((index) => index >= from)
  const entries = asked.map((index): Finding => ({ code: 'entry-void', index }))
  if (closing === undefined) return [{ code: 'audit-epoch-void', index: 0 }, ...entries]
  if (closingRoot === undefined) return [{ code: 'audit-closing-missing', index: undefined }, ...entries]
  if (!equal(closingRoot, closing.root)) return [{ code: 'audit-closing', index: from - 1 }, ...entries]
  return size > from ? [{ code: 'audit-above-closing', index: from }, ...entries] : entries
}
