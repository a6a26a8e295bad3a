/**
 * Which keys of a log are in force at which index: a fold over leaf 0 and the `key` statements below an entry.
 * The order is the leaf index, never a clock. DESIGN §3 and §4.4, spec 02 §3.
 */
import { printHex } from '../bytes.ts'
import type { Value } from '../codec/cbor.ts'
import { isCount, isList, isMap } from '../codec/value.ts'
import { KEYS_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import {
  readDeclaredKey,
  type DeclarationFault,
  type DeclaredKey,
  type EpochDocument,
  type KeyPurpose,
} from './epoch.ts'
import { keyId, type KeyId, type PublicKey } from './key.ts'

export type KeyRecord = DeclaredKey & {
  /** The index of the statement that declared it; in force for the entries above. */
  readonly addedAt: number
  /** Entries from this index on may not use the key; those below stay valid. */
  readonly retiredAt?: number
  readonly revoked?: Revocation
}

/** Entries from `at` on may not use the key; those from `since` up to it are valid and suspect: marked wherever shown. */
export type Revocation = { readonly since: number; readonly at: number }

export type KeyState = {
  readonly origin: string
  /** What leaf 0 says. */
  readonly epoch: EpochDocument
  readonly root: PublicKey
  readonly rootId: KeyId
  /** By key id in hexadecimal, in the order of their declaration. */
  readonly keys: ReadonlyMap<string, KeyRecord>
}

export type KeyStateFault = 'key-unknown' | 'key-purpose' | 'key-not-in-force'

export type KeyEventFault =
  | DeclarationFault
  | 'key-event-shape'
  | 'key-event-target'
  /** It would leave the log without a key that it cannot do without. */
  | 'key-event-last'
  | 'key-event-many'

/** Whoever wants to speak or to be reached needs one of each in force. */
const NEEDED_PURPOSES: readonly KeyPurpose[] = ['statement', 'node']

/** The state after leaf 0. */
export function openKeyState(primitives: Primitives, origin: string, epoch: EpochDocument): KeyState {
  const keys = new Map<string, KeyRecord>()
  for (const key of epoch.keys) keys.set(printHex(key.keyId), { ...key, addedAt: 0 })
  return { origin, epoch, root: epoch.root, rootId: keyId(primitives, epoch.root), keys }
}

/** The key that may sign an entry of this kind at this index. Key events are the root key's alone. */
export function signerAt(
  state: KeyState,
  kind: string,
  id: KeyId,
  index: number,
): Result<PublicKey, KeyStateFault> {
  const name = printHex(id)
  if (kind === 'key' || kind === 'epoch') {
    return name === printHex(state.rootId) ? ok(state.root) : fault('key-purpose')
  }
  const key = state.keys.get(name)
  if (key === undefined) return fault('key-unknown')
  if (key.purpose !== 'statement') return fault('key-purpose')
  return isInForce(key, index) ? ok(key.key) : fault('key-not-in-force')
}

/**
 * The keys of one purpose that are in force at an index, oldest first. During a rotation there are two: the new
 * one from its declaration on, the old one until it is retired.
 */
export function keysInForce(state: KeyState, purpose: KeyPurpose, index: number): readonly KeyRecord[] {
  return [...state.keys.values()].filter((key) => key.purpose === purpose && isInForce(key, index))
}

/** Since which index the key is revoked, if that was said only after the entry at `index` was logged: it is suspect. */
export function suspectSince(state: KeyState, id: KeyId, index: number): number | undefined {
  const revoked = state.keys.get(printHex(id))?.revoked
  return revoked !== undefined && index >= revoked.since ? revoked.since : undefined
}

/**
 * The state after a `key` statement at `index`: `{ v: 1, add: [purpose, key, possession] }`,
 * `{ v: 1, retire: key id }` or `{ v: 1, revoke: [key id, since index] }`.
 */
export function applyKeyEvent(
  primitives: Primitives,
  state: KeyState,
  index: number,
  document: Value,
): Result<KeyState, KeyEventFault> {
  if (!isMap(document) || document['v'] !== 1 || Object.keys(document).length !== 2)
    return fault('key-event-shape')
  if (document['add'] !== undefined) return addKey(primitives, state, index, document['add'])
  if (document['retire'] !== undefined) {
    const retire = (key: KeyRecord) => ({ ...key, retiredAt: key.retiredAt ?? index })
    return changeKey(state, document['retire'], index, retire)
  }
  const revoked = document['revoke']
  if (revoked === undefined || !isList(revoked) || revoked.length !== 2) return fault('key-event-shape')
  const [id, since] = revoked
  if (!isCount(since) || since > index || id === undefined) return fault('key-event-shape')
  return changeKey(state, id, index, (key) => {
    const earlier = key.revoked ?? { since, at: index }
    return { ...key, revoked: { since: Math.min(since, earlier.since), at: earlier.at } }
  })
}

function addKey(
  primitives: Primitives,
  state: KeyState,
  index: number,
  value: Value,
): Result<KeyState, KeyEventFault> {
  // Asked before the key is admitted: that costs milliseconds.
  if (state.keys.size >= KEYS_MAX) return fault('key-event-many')
  const read = readDeclaredKey(primitives, state.origin, value)
  if (!read.ok) return read
  const name = printHex(read.value.keyId)
  // A new log key closes the epoch and opens the next (DESIGN §4.6); it is never added to a running one.
  if (read.value.purpose === 'log') return fault('key-event-target')
  if (state.keys.has(name) || name === printHex(state.rootId)) return fault('declaration-repeated')
  return ok(withKey(state, name, { ...read.value, addedAt: index }))
}

function changeKey(
  state: KeyState,
  id: Value,
  index: number,
  change: (key: KeyRecord) => KeyRecord,
): Result<KeyState, KeyEventFault> {
  if (!(id instanceof Uint8Array)) return fault('key-event-shape')
  const name = printHex(id)
  const key = state.keys.get(name)
  // An epoch ends with its log key, so that key is neither retired nor revoked: the epoch is closed.
  if (key === undefined || key.purpose === 'log') return fault('key-event-target')
  const after = withKey(state, name, change(key))
  const isWhole = NEEDED_PURPOSES.every((purpose) => keysInForce(after, purpose, index + 1).length > 0)
  return isWhole ? ok(after) : fault('key-event-last')
}

function withKey(state: KeyState, name: string, key: KeyRecord): KeyState {
  return { ...state, keys: new Map(state.keys).set(name, key) }
}

function isInForce(key: KeyRecord, index: number): boolean {
  if (index < key.addedAt) return false
  if (key.retiredAt !== undefined && index >= key.retiredAt) return false
  return key.revoked === undefined || index < key.revoked.since
}
