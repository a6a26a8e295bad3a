/**
 * When an entry is valid: grammar, issuer, signer in force, public opening. Exactly this, and one signature
 * check that is left to the caller because it costs a hundred times the rest and can run on other threads.
 * Unknown kinds and schema faults are marks, not invalidity, so that older nodes keep up. DESIGN §4.4, spec 03 §7.
 */
import { equal } from '../bytes.ts'
import { parse, type Value } from '../codec/cbor.ts'
import { checkPublicPart, DOCUMENT_MEDIA_TYPE, type PartFault, type PublicPart } from '../codec/part.ts'
import { parseEntry, type Entry, type EntryFault } from '../codec/statement.ts'
import { readEpoch, type DeclarationFault } from '../identity/epoch.ts'
import type { PublicKey } from '../identity/key.ts'
import {
  applyKeyEvent,
  openKeyState,
  signerAt,
  type KeyEventFault,
  type KeyState,
  type KeyStateFault,
} from '../identity/keystate.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'

export type ValidityFault =
  | EntryFault
  | PartFault
  | KeyStateFault
  | DeclarationFault
  | KeyEventFault
  | 'entry-issuer'
  | 'epoch-place'
  | 'epoch-root'
  | 'part-missing'
  | 'part-not-document'
  | 'signature'

/**
 * Statements whose public parts are never erased: those that decide over others, and those that say what was erased. A kind
 * that this version does not know may be erased. DESIGN §2.
 */
const NEVER_ERASED: ReadonlySet<string> = new Set([
  'charter',
  'key',
  'epoch',
  'proposal',
  'vote',
  'commit',
  'observed',
  'erase',
])

export function isErasable(kind: string): boolean {
  return !NEVER_ERASED.has(kind)
}

/** What makes an entry valid, given that `signature` verifies under `signer`. */
export type CheckedEntry = {
  readonly entry: Entry
  readonly signer: PublicKey
  /** The key state above this entry. */
  readonly keys: KeyState
}

/** Leaf 0: the epoch statement, signed by the root key that the charter binds to this origin's domain. */
export function checkFirstEntry(
  primitives: Primitives,
  origin: string,
  rootKey: PublicKey,
  bytes: Uint8Array,
  part: PublicPart | null,
): Result<CheckedEntry, ValidityFault> {
  const read = readEntry(primitives, origin, bytes, part)
  if (!read.ok) return read
  const { entry, document } = read.value
  if (entry.statement.kind !== 'epoch' || document === undefined) return fault('epoch-place')
  const epoch = readEpoch(primitives, origin, document)
  if (!epoch.ok) return epoch
  const keys = openKeyState(primitives, origin, epoch.value)
  const { domain, epoch: number } = epoch.value
  if (!equal(epoch.value.root, rootKey) || !equal(entry.header.keyId, keys.rootId)) return fault('epoch-root')
  if (!origin.startsWith(`${domain}/`) || !origin.endsWith(`/${number}`)) return fault('epoch-root')
  return ok({ entry, signer: rootKey, keys })
}

/** Any later leaf, under the key state below it. Whoever says that its part was erased has proven it before. */
export function checkEntry(
  primitives: Primitives,
  keys: KeyState,
  index: number,
  bytes: Uint8Array,
  part: PublicPart | 'erased' | null,
): Result<CheckedEntry, ValidityFault> {
  const read = readEntry(primitives, keys.origin, bytes, part)
  if (!read.ok) return read
  const { entry, document } = read.value
  const { kind } = entry.statement
  if (kind === 'epoch') return fault('epoch-place')
  const signer = signerAt(keys, kind, entry.header.keyId, index)
  if (!signer.ok) return signer
  if (kind !== 'key') return ok({ entry, signer: signer.value, keys })
  if (document === undefined) return fault('part-not-document')
  const after = applyKeyEvent(primitives, keys, index, document)
  return after.ok ? ok({ entry, signer: signer.value, keys: after.value }) : after
}

/** The document in a public part, or undefined when it holds none. */
export function documentOf(part: PublicPart): Value | undefined {
  if (part.mediaType !== DOCUMENT_MEDIA_TYPE) return undefined
  const read = parse(part.bytes)
  return read.ok ? read.value : undefined
}

function readEntry(
  primitives: Primitives,
  origin: string,
  bytes: Uint8Array,
  part: PublicPart | 'erased' | null,
): Result<{ entry: Entry; document: Value | undefined }, ValidityFault> {
  const read = parseEntry(bytes)
  if (!read.ok) return read
  const entry = read.value
  if (entry.header.issuer !== origin) return fault('entry-issuer')
  const { kind } = entry.statement
  if (part === 'erased' && isErasable(kind)) return ok({ entry, document: undefined })
  if (part === null || part === 'erased') return fault('part-missing')
  const committed = checkPublicPart(primitives, entry, part)
  if (!committed.ok) return committed
  return ok({ entry, document: kind === 'epoch' || kind === 'key' ? documentOf(part) : undefined })
}
