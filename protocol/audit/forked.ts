/** Whether a log is convicted of two histories, for whoever checks it alone: from proof files, whoever hands them in. */
import { equal } from '../bytes.ts'
import { keysInForce, type KeyState } from '../identity/keystate.ts'
import { parseEquivocation } from '../log/equivocation-file.ts'
import { verifyEquivocation } from '../log/equivocation.ts'
import type { Primitives } from '../primitives.ts'

/** A proof that verifies, about the key that leaf 0 of this log declares. Anything else proves nothing here. */
export function isForked(primitives: Primitives, keys: KeyState, proofs: readonly Uint8Array[]): boolean {
  const [log] = keysInForce(keys, 'log', 0)
  if (log === undefined) return false
  return proofs.some((bytes) => {
    const claim = parseEquivocation(primitives, bytes)
    const proven = claim.ok ? verifyEquivocation(primitives, claim.value) : claim
    if (!proven.ok || proven.value.kind === 'cosigner') return false
    return proven.value.origin === keys.origin && equal(proven.value.subject.key, log.key)
  })
}
