/**
 * Which keys speak in a log, as a node shows it without the rest of the log: leaf 0 and the key events, each proven to be
 * under a head. A node can leave an event out; who must know reads the whole log.
 */
import { NodeError, type Client } from '../node/api/client.ts'
import type { KeyProof } from '../protocol/audit/bundle.ts'
import { mayChangeKeys } from '../protocol/audit/judgement.ts'
import { parseEntry } from '../protocol/codec/statement.ts'
import { parseOrigin, parseSignedCheckpoint, type SignedCheckpoint } from '../protocol/log/checkpoint.ts'
import type { ProofFile } from '../protocol/log/proof-file.ts'
import { leavesOf } from './audit.ts'
import { nodeSource } from './leaf-source.ts'

export type Proven = { readonly file: ProofFile; readonly part: KeyProof['part'] | null }

/** In the order of their indices. */
export async function keyProofs(
  client: Client,
  signed: SignedCheckpoint,
  told: (done: number) => void,
): Promise<readonly KeyProof[]> {
  const { origin, size } = signed.checkpoint
  return provenAt(client, signed, await keyStatements(client, origin, size, told))
}

/** Of an epoch that its author has closed only what it began with is asked. */
export function openingProof(client: Client, signed: SignedCheckpoint): Promise<readonly KeyProof[]> {
  return provenAt(client, signed, [0])
}

async function provenAt(
  client: Client,
  signed: SignedCheckpoint,
  indices: readonly number[],
): Promise<readonly KeyProof[]> {
  const proofs: KeyProof[] = []
  for (const index of indices) {
    const { file, part } = await proofOf(client, signed.checkpoint.origin, index, signed)
    if (part !== null) proofs.push({ file, part })
  }
  return proofs
}

export async function proofOf(
  client: Client,
  origin: string,
  index: number,
  signed: SignedCheckpoint,
): Promise<Proven> {
  const { entry, part, proof } = await client.inclusion(origin, index, signed.checkpoint.size)
  const opened = part === null ? null : { opening: part[0], mediaType: part[1], bytes: part[2] }
  return { file: { entry, index, proof, signed }, part: opened }
}

/** Where keys are declared below a size. The node knows, unless a key was revoked: then the log is read. */
async function keyStatements(
  client: Client,
  origin: string,
  size: number,
  told: (done: number) => void,
): Promise<readonly number[]> {
  const read = parseOrigin(origin)
  const view = read.ok ? await client.keys(read.value.domain).catch(nothingWhenAbsent) : null
  if (view?.origin === origin && view.keys.every(({ revokedSince }) => revokedSince === undefined)) {
    const at = view.keys.flatMap(({ addedAt, retiredAt }) => [addedAt, retiredAt ?? 0])
    return [...new Set([0, ...at])].filter((index) => index < size).toSorted((a, b) => a - b)
  }
  const indices = [0]
  let done = 0
  for await (const leaves of leavesOf(nodeSource(client, origin), 0, size)) {
    for (const [at, { bytes }] of leaves.entries()) {
      if (done + at > 0 && isKeyEvent(bytes)) indices.push(done + at)
    }
    done += leaves.length
    told(done)
  }
  return indices
}

function isKeyEvent(bytes: Uint8Array): boolean {
  if (!mayChangeKeys(bytes)) return false
  const entry = parseEntry(bytes)
  return entry.ok && entry.value.statement.kind === 'key'
}

export function headIn(note: Uint8Array): SignedCheckpoint {
  const read = parseSignedCheckpoint(note)
  if (read.ok) return read.value
  throw new NodeError('STORE_DAMAGED', `the node's head is no checkpoint (${read.fault})`)
}

/** What a node does not have is nothing; whatever else went wrong stays an error. */
export function nothingWhenAbsent(error: unknown): null {
  if (error instanceof NodeError && error.code === 'NOT_FOUND') return null
  throw error
}
