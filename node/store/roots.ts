/** Roots of a log at smaller sizes, proven against the tree in memory: the tiles they are made of may be damaged. */
import { edgeRoot } from '../../protocol/log/merkle.ts'
import { foldProof, planConsistency, verifyConsistency } from '../../protocol/log/proof.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { KeyValue } from '../ports.ts'
import { edgeCoordinates, type HeldLog } from './log.ts'
import { hashesAt } from './tiles.ts'

/** Undefined above what is held, and where what is stored does not lead to the tree in memory. */
export function provenRoot(
  primitives: Primitives,
  store: KeyValue,
  log: HeldLog,
  size: number,
): Uint8Array | undefined {
  const root = edgeRoot(primitives, log.edge)
  if (size === log.edge.size) return root
  if (size > log.edge.size) return undefined
  const plan = planConsistency(size, log.edge.size)
  const hashes = hashesAt(primitives, store, log, edgeCoordinates(size))
  const path = plan.ok ? hashesAt(primitives, store, log, plan.value.coordinates) : undefined
  if (!plan.ok || hashes === undefined || path === undefined) return undefined
  const oldRoot = edgeRoot(primitives, { size, hashes })
  const proof = foldProof(primitives, plan.value, path)
  const claim = { oldSize: size, oldRoot, size: log.edge.size, root, proof }
  return verifyConsistency(primitives, claim).ok ? oldRoot : undefined
}
