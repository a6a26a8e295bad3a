/**
 * Which keys of a log are in force at which index: a fold over leaf 0 and the `key` statements below an entry.
 * The order is the leaf index, never a clock. DESIGN §3 and §4.4, spec 02 §3.
 */
import { printHex } from '../bytes.ts'
import type { Value } from '../codec/cbor.ts'
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
import { isList, isMap } from '../codec/value.ts'

type KeyRecord = DeclaredKey & {
  readonly addedAt: number
  /** Entries from this index on may not use the key; those below stay valid. */
  readonly retiredAt?: number
  /** Entries from this index on are suspect unless attested again. */
  readonly revokedSince?: number
}

export type KeyState = {
  readonly origin: string
  readonly root: PublicKey
  readonly rootId: KeyId
  /** By key id in hexadecimal. */
  readonly keys: ReadonlyMap<string, KeyRecord>
}

export type KeyStateFault = 'key-unknown' | 'key-purpose' | 'key-not-in-force'

export type KeyEventFault = DeclarationFault | 'key-event-shape' | 'key-event-target'

/** The state after leaf 0. */
export function openKeyState(primitives: Primitives, origin: string, epoch: EpochDocument): KeyState {
  const keys = new Map<string, KeyRecord>()
  for (const key of epoch.keys) keys.set(printHex(key.keyId), { ...key, addedAt: 0 })
  return { origin, root: epoch.root, rootId: keyId(primitives, epoch.root), keys }
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

/** The keys of one purpose that are in force at an index. */
export function keysInForce(state: KeyState, purpose: KeyPurpose, index: number): readonly DeclaredKey[] {
  return [...state.keys.values()].filter((key) => key.purpose === purpose && isInForce(key, index))
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
    return changeKey(state, document['retire'], (key) => ({ ...key, retiredAt: key.retiredAt ?? index }))
  }
  const revoked = document['revoke']
  if (revoked === undefined || !isList(revoked) || revoked.length !== 2) return fault('key-event-shape')
  const [id, since] = revoked
  if (typeof since !== 'number' || since < 0 || since > index || id === undefined)
    return fault('key-event-shape')
  return changeKey(state, id, (key) => ({ ...key, revokedSince: Math.min(since, key.revokedSince ?? since) }))
}

function addKey(
  primitives: Primitives,
  state: KeyState,
  index: number,
  value: Value,
): Result<KeyState, KeyEventFault> {
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
  change: (key: KeyRecord) => KeyRecord,
): Result<KeyState, KeyEventFault> {
  if (!(id instanceof Uint8Array)) return fault('key-event-shape')
  const name = printHex(id)
  const key = state.keys.get(name)
  return key === undefined ? fault('key-event-target') : ok(withKey(state, name, change(key)))
}

function withKey(state: KeyState, name: string, key: KeyRecord): KeyState {
  return { ...state, keys: new Map(state.keys).set(name, key) }
}

function isInForce(key: KeyRecord, index: number): boolean {
  if (index < key.addedAt) return false
  if (key.retiredAt !== undefined && index >= key.retiredAt) return false
  return key.revokedSince === undefined || index < key.revokedSince
}
