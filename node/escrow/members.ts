/** Who a member is by the logs held here: its open log, the keys in force there, what a signature of it is worth. */
import { equal } from '../../protocol/bytes.ts'
import type { Signed } from '../../protocol/access/signed.ts'
import { keysInForce, signerAt, type KeyState } from '../../protocol/identity/keystate.ts'
import { verifySignature } from '../../protocol/identity/signature.ts'
import type { KeyPurpose } from '../../protocol/identity/epoch.ts'
import { parseEntry, type Entry, type Target } from '../../protocol/codec/statement.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { openLogOf } from '../log/epochs.ts'
import type { Logs } from '../store/logs.ts'

type Source = { readonly primitives: Primitives; readonly logs: Logs }

export function domainOf(origin: string): string {
  return origin.slice(0, origin.indexOf('/'))
}

/** The log of this origin where it is its member's open one: of a member only that one speaks. */
function openLog(logs: Logs, origin: string): { keys: KeyState; size: number } | undefined {
  const held = openLogOf(logs, domainOf(origin))
  return held?.keys === undefined || held.origin !== origin
    ? undefined
    : { keys: held.keys, size: held.edge.size }
}

export function isOpenLog({ logs }: Source, origin: string): boolean {
  return openLog(logs, origin) !== undefined
}

/** `unknown`: a key that we may not have heard of yet. `forged`: it fails under the very key that it names. */
export function signatureOf(
  { primitives, logs }: Source,
  origin: string,
  signed: Signed,
): 'good' | 'unknown' | 'forged' {
  const log = openLog(logs, origin)
  const signer = log && signerAt(log.keys, 'access', signed.keyId, log.size)
  if (signer?.ok !== true) return 'unknown'
  const isGood = verifySignature(primitives, signer.value, signed.toBeSigned, signed.signature)
  return isGood ? 'good' : 'forged'
}

/** Whether this key is declared and in force in that log. */
export function hasKey({ logs }: Source, origin: string, purpose: KeyPurpose, key: Uint8Array): boolean {
  const log = openLog(logs, origin)
  return log !== undefined && keysInForce(log.keys, purpose, log.size).some((one) => equal(one.key, key))
}

/** The newest box key in force of a member, by its open log. */
export function boxKeyOf({ logs }: Source, domain: string): Uint8Array | undefined {
  const log = openLogOf(logs, domain)
  return log?.keys && keysInForce(log.keys, 'box', log.edge.size).at(-1)?.key
}

/** The entry that this names, in our copy of its log; `missing` where the copy ends before it. */
export function entryAt({ primitives, logs }: Source, on: Target): Entry | 'missing' | 'other' {
  const log = logs.get(on.origin)
  if (log === undefined || on.index >= log.edge.size) return 'missing'
  const [bytes] = logs.entries(log, on.index, 1)
  const entry = bytes && parseEntry(bytes)
  if (bytes === undefined || entry?.ok !== true) return 'missing'
  return equal(leafHash(primitives, bytes), on.leaf) ? entry.value : 'other'
}
