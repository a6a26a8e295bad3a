/**
 * The keys under which other members cosign, learned from their logs without reading these: leaf 0 and the key events, each
 * proven under a head that continues the one verified here before.
 */
import { checkedPrimitives, NodeError, type Client } from '../node/api/client.ts'
import { foldKeys } from '../protocol/audit/bundle-keys.ts'
import { equal } from '../protocol/bytes.ts'
import type { KeyState } from '../protocol/identity/keystate.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from '../protocol/log/checkpoint.ts'
import { verifyConsistency } from '../protocol/log/proof.ts'
import type { Auditor } from './audit.ts'
import { headIn, keyProofs, openingProof } from './key-proofs.ts'
import { recall } from './remembered.ts'

/** The key states of these logs, as far as they hold; a log whose proofs do not hold has none. */
export async function statesOfOthers(
  client: Client,
  { charter, home, onProgress }: Auditor,
  origins: readonly string[],
  isOpen: (origin: string) => boolean,
): Promise<readonly KeyState[]> {
  const primitives = checkedPrimitives()
  const states: KeyState[] = []
  for (const origin of origins) {
    const head = headIn(await client.head(origin))
    if (!(await continues(client, home, head))) continue
    const told = (done: number) => onProgress(origin, done, head.checkpoint.size)
    const proofs = await (isOpen(origin) ? keyProofs(client, head, told) : openingProof(client, head))
    const fold = foldKeys(primitives, { kind: 'charter', charter }, origin, proofs)
    if (fold.ok) states.push(fold.value.last)
  }
  return states
}

/** Whether the head continues the one that was verified here last, where one was. */
async function continues(client: Client, home: string, { checkpoint }: SignedCheckpoint): Promise<boolean> {
  const primitives = checkedPrimitives()
  const { origin, size, root } = checkpoint
  const note = recall(home, primitives.sha256, origin)
  const earlier = note === undefined ? undefined : parseSignedCheckpoint(note)
  if (earlier?.ok !== true) return true
  const { size: oldSize, root: oldRoot } = earlier.value.checkpoint
  if (oldSize >= size) return oldSize === size && equal(oldRoot, root)
  if (oldSize === 0) return true
  const proof = await client.consistency(origin, oldSize, size).catch(none)
  return verifyConsistency(primitives, { oldSize, oldRoot, size, root, proof }).ok
}

/** A node that cannot prove it shows nothing. */
function none(error: unknown): readonly Uint8Array[] {
  if (error instanceof NodeError && error.code !== 'NODE_UNREACHABLE') return []
  throw error
}
