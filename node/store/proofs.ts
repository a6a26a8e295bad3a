/**
 * Proofs out of the stored tiles of one log, each verified against the tree in memory before anybody gets it: a tile that a
 * failing disk altered makes a proof that holds nowhere, and whoever gives it is taken for a liar.
 */
import { edgeRoot, type Edge } from '../../protocol/log/merkle.ts'
import {
  foldProof,
  planConsistency,
  planInclusion,
  verifyConsistency,
  verifyInclusion,
  type Coordinate,
  type ProofPlan,
} from '../../protocol/log/proof.ts'
import type { Result } from '../../protocol/result.ts'
import { NodeError } from '../errors.ts'
import type { CheckParts } from './check.ts'
import { edgeCoordinates } from './log.ts'
import { provenRoot } from './roots.ts'
import { readHashes, storedLeaf } from './tiles.ts'

type Hashes = readonly Uint8Array[]

/** Undefined where the stored hashes are missing or lead to another tree. Throws BAD_INPUT for places the log does not have. */
export async function proveInclusion(
  parts: CheckParts,
  index: number,
  size: number,
): Promise<Hashes | undefined> {
  const { primitives, store, log } = parts
  const proof = await made(parts, within(parts, planInclusion(index, size), size))
  const leaf = storedLeaf(store, log, index)
  const root = provenRoot(primitives, store, log, size)
  if (proof === undefined || leaf === undefined || root === undefined) return undefined
  return verifyInclusion(primitives, { leaf, index, size, root, proof }).ok ? proof : undefined
}

/** The same between two sizes. */
export async function proveConsistency(
  parts: CheckParts,
  oldSize: number,
  size: number,
): Promise<Hashes | undefined> {
  const proof = await made(parts, within(parts, planConsistency(oldSize, size), size))
  const oldRoot = await rootAt(parts, oldSize)
  const root = provenRoot(parts.primitives, parts.store, parts.log, size)
  if (proof === undefined || oldRoot === undefined || root === undefined) return undefined
  const claim = { oldSize, oldRoot, size, root, proof }
  return verifyConsistency(parts.primitives, claim).ok ? proof : undefined
}

/** The tree of the first `size` entries, as the stored hashes have it. */
export async function edgeAt(parts: CheckParts, size: number): Promise<Edge | undefined> {
  if (size > parts.log.edge.size) return undefined
  const hashes = await hashesAt(parts, edgeCoordinates(size))
  return hashes === undefined ? undefined : { size, hashes }
}

async function rootAt(parts: CheckParts, size: number): Promise<Uint8Array | undefined> {
  const edge = await edgeAt(parts, size)
  return edge === undefined ? undefined : edgeRoot(parts.primitives, edge)
}

function within({ log }: CheckParts, plan: Result<ProofPlan, string>, size: number): ProofPlan {
  if (plan.ok && size <= log.edge.size) return plan.value
  throw new NodeError('BAD_INPUT', 'there is no proof between these sizes')
}

async function made(parts: CheckParts, plan: ProofPlan): Promise<Hashes | undefined> {
  const hashes = await hashesAt(parts, plan.coordinates)
  return hashes === undefined ? undefined : foldProof(parts.primitives, plan, hashes)
}

function hashesAt(
  { primitives, store, log: { number, edge, growing } }: CheckParts,
  coordinates: readonly Coordinate[],
): Promise<Hashes | undefined> {
  return readHashes(primitives, store, number, edge.size, growing, coordinates)
}
