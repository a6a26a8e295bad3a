/** A node's answers about one signed log, for whoever reads logs over the API. What it answers can be changed. */
import { NodeError, type Client } from '../../node/api/client.ts'
import { native } from '../../node/keys/native.ts'
import { printBase64 } from '../../protocol/bytes.ts'
import { appendLeaf, EMPTY_EDGE, edgeRoot, leafHash, nodeHash } from '../../protocol/log/merkle.ts'
import { foldProof, planConsistency, type Coordinate } from '../../protocol/log/proof.ts'
import { fakeService } from './fake-service.ts'
import type { SignedLeaf, SignedLog } from './signed-log.ts'

export type LogClient = { -readonly [K in keyof Client]: Client[K] } & {
  /** The leaves that the node holds now. */
  leaves: readonly SignedLeaf[]
  onEntries: (from: number) => void
}

export function logClient(log: SignedLog, count: number): LogClient {
  const client: LogClient = {
    ...fakeService(),
    stop: async () => undefined,
    leaves: log.leaves.slice(0, count),
    onEntries: () => undefined,
    charter: async () => log.charterBytes,
    logs: async () => {
      const { leaves } = client
      const edge = leaves.reduce(
        (edge, { bytes }) => appendLeaf(native, edge, leafHash(native, bytes)),
        EMPTY_EDGE,
      )
      const { origin } = log
      const root = printBase64(edgeRoot(native, edge))
      const size = leaves.length
      return [
        {
          origin,
          domain: 'a.example',
          root,
          size,
          held: size,
          own: true,
          state: 'ok',
          why: 'a quorum confirmed its newest head',
          since: '2026-11-23T09:00:00.000Z',
          confirmed: { others: 0, needed: 0, mirrors: 0, witnesses: 0, quorum: null },
        },
      ]
    },
    head: async () => log.noteOf(client.leaves),
    entries: async (_origin, from, count) => {
      client.onEntries(from)
      // Fewer than asked for, as a node does with long entries.
      const some = client.leaves.slice(from, from + Math.min(count, 100))
      const parts = some.map(({ part }) => [part.opening, part.mediaType, part.bytes] as const)
      return { from, entries: some.map(({ bytes }) => bytes), parts }
    },
    consistency: async (_origin, from, to) => {
      const plan = planConsistency(from, to)
      if (!plan.ok) throw new NodeError('BAD_INPUT', plan.fault)
      const hashes = client.leaves.map(({ bytes }) => leafHash(native, bytes))
      return foldProof(
        native,
        plan.value,
        plan.value.coordinates.map((place) => subtree(hashes, place)),
      )
    },
  }
  return client
}

function subtree(leaves: readonly Uint8Array[], { level, index }: Coordinate): Uint8Array {
  let hashes = leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)
  while (hashes.length > 1) {
    hashes = hashes.flatMap((left, at) => {
      const right = hashes[at + 1]
      return at % 2 === 0 && right !== undefined ? [nodeHash(native, left, right)] : []
    })
  }
  const [root] = hashes
  if (root === undefined) throw new Error('bug: a subtree inside the log')
  return root
}
