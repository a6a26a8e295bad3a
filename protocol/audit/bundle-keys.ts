/**
 * Which keys speak in a log, from the proofs in a bundle: leaf 0 under the root key that the charter binds, or under a head
 * that the policy's log key signed, and then each key event. Spec 08 §5.
 *
 * A bundle can leave a key event out, and nothing in it would show that. So an entry is safe against a hidden revocation
 * only where a quorum of mirrors vouches for it: each of them had all of the key events.
 */
import { equal } from '../bytes.ts'
import { isMap } from '../codec/value.ts'
import { speakerOf, type CharterState } from '../governance/charter.ts'
import { admitKey, type PublicKey } from '../identity/key.ts'
import { keysInForce, type KeyState } from '../identity/keystate.ts'
import { verifySignature } from '../identity/signature.ts'
import type { HeadSignatureFault } from '../log/checkpoint.ts'
import {
  checkEntry,
  checkFirstEntry,
  documentOf,
  type CheckedEntry,
  type ValidityFault,
} from '../log/entry.ts'
import type { Policy } from '../log/policy.ts'
import type { ProofFault } from '../log/proof.ts'
import { verifyProofFile } from '../log/proof-file.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import type { KeyProof } from './bundle.ts'

/** What the reader of a bundle brings along. */
export type Trust =
  | { readonly kind: 'charter'; readonly charter: CharterState }
  | { readonly kind: 'policy'; readonly policy: Policy }

export type KeyFold = {
  readonly origin: string
  readonly logKey: PublicKey
  /** The state after each statement about keys, oldest first; at least that of leaf 0. */
  readonly steps: readonly { readonly index: number; readonly keys: KeyState }[]
  readonly last: KeyState
}

export type KeyProofFault =
  | ValidityFault
  | HeadSignatureFault
  | ProofFault
  /** The charter knows nobody who may write this log, or the policy no key of it. */
  | 'audit-outsider'
  | 'policy-log'
  /** No proof of leaf 0 is there, so nobody knows which keys speak. */
  | 'audit-keyless'
  /** Something else than a key event stands among the keys. */
  | 'bundle-key-event'

/** Folds the proofs of one log, in the order of their indices. */
export function foldKeys(
  primitives: Primitives,
  trust: Trust,
  origin: string,
  proofs: readonly KeyProof[],
): Result<KeyFold, KeyProofFault> {
  const stranger = strangerTo(trust, origin)
  if (stranger !== undefined) return fault(stranger)
  const [first, ...events] = proofs
  if (first === undefined || first.file.index !== 0) return fault('audit-keyless')
  const opened = openLog(primitives, trust, origin, first)
  if (!opened.ok) return opened
  const [log] = keysInForce(opened.value, 'log', 0)
  if (log === undefined) return fault('audit-keyless')
  if (trust.kind === 'policy' && !isOfPolicy(trust.policy, origin, log.key)) return fault('policy-log')
  for (const { file } of proofs) {
    const included = verifyProofFile(primitives, file, log.key)
    if (!included.ok) return included
  }
  const steps = [{ index: 0, keys: opened.value }]
  let last = opened.value
  for (const { file, part } of events) {
    const checked = signed(primitives, checkEntry(primitives, last, file.index, file.entry, part))
    if (!checked.ok) return checked
    if (checked.value.entry.statement.kind !== 'key') return fault('bundle-key-event')
    last = checked.value.keys
    steps.push({ index: file.index, keys: last })
  }
  return ok({ origin, logKey: log.key, steps, last })
}

/** The key state that an entry at this index stands on; that of leaf 0 for leaf 0 itself. */
export function keysBelow({ steps, last }: KeyFold, index: number): KeyState {
  return steps.findLast((step) => step.index < index)?.keys ?? steps[0]?.keys ?? last
}

function strangerTo(trust: Trust, origin: string): 'audit-outsider' | 'policy-log' | undefined {
  if (trust.kind === 'charter') {
    return speakerOf(trust.charter, origin) === undefined ? 'audit-outsider' : undefined
  }
  return trust.policy.logs.some(({ key }) => key.name === origin) ? undefined : 'policy-log'
}

function openLog(
  primitives: Primitives,
  trust: Trust,
  origin: string,
  { file, part }: KeyProof,
): Result<KeyState, KeyProofFault> {
  const root = trust.kind === 'charter' ? speakerOf(trust.charter, origin)?.root : rootIn({ file, part })
  if (root === undefined) return fault('epoch-root')
  const first = signed(primitives, checkFirstEntry(primitives, origin, root, file.entry, part))
  return first.ok ? ok(first.value.keys) : first
}

/** The root key that leaf 0 names for itself: all that a reader without a charter can go by. */
function rootIn({ part }: KeyProof): PublicKey | undefined {
  const document = documentOf(part)
  const bytes = isMap(document) ? document['root'] : undefined
  const key = bytes instanceof Uint8Array ? admitKey(bytes) : undefined
  return key?.ok === true ? key.value : undefined
}

function isOfPolicy({ logs }: Policy, origin: string, key: PublicKey): boolean {
  return logs.some((log) => log.key.name === origin && equal(log.key.key, key))
}

function signed(
  primitives: Primitives,
  checked: Result<CheckedEntry, ValidityFault>,
): Result<CheckedEntry, ValidityFault> {
  if (!checked.ok) return checked
  const { entry, signer } = checked.value
  return verifySignature(primitives, signer, entry.toBeSigned, entry.signature) ? checked : fault('signature')
}
