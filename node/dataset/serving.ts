/** Files of ours as `blob/1` sends them: sealed under their content key, proven against the root asked for. */
import { equal } from '../../protocol/bytes.ts'
import { blockCount } from '../../protocol/dataset/blocks.ts'
import type { BlobRequest } from '../../protocol/dataset/message.ts'
import type { BlobPorts, OpenBlob } from '../net/handlers/blob.ts'
import type { Clock, Millis } from '../ports.ts'
import type { DataSets } from './data-sets.ts'

/** What a grant gives its reader, as whoever keeps the grants says at one moment. */
export type Authorisation =
  | {
      readonly allowed: true
      /** Roots of the files that it gives: of a file that was made for the reader, that of the marked copy alone. */
      readonly roots: readonly Uint8Array[]
    }
  | { readonly allowed: false }

/**
 * Whether the peer with this libp2p id may have files under this grant now: it is ours, receipted, made for the key of
 * that peer, neither ended nor revoked, and the content key of its part would be given now.
 */
export type Authorise = (grant: Uint8Array, remotePeer: string, now: Millis) => Promise<Authorisation>

export type ServingParts = {
  readonly sets: DataSets
  readonly clock: Clock
  readonly authorise: Authorise
  readonly record: BlobPorts['record']
  readonly confirm: BlobPorts['confirm']
}

export function blobPorts({ sets, clock, authorise, record, confirm }: ServingParts): BlobPorts {
  return {
    record,
    confirm,
    mayHave: async ({ grant, root }, peer) => {
      const answer = await authorise(grant, peer, clock.now())
      return answer.allowed && answer.roots.some((one) => equal(one, root))
    },
    open: (request) => openBlob(sets, request),
  }
}

async function openBlob(sets: DataSets, { root }: BlobRequest): Promise<OpenBlob | undefined> {
  const copy = sets.served(root)
  if (copy === undefined) return undefined
  const { bytes } = copy.head
  const reader = await sets.reader(copy)
  try {
    const tree = reader.tree()
    return {
      blocks: blockCount(bytes),
      bytes,
      block: (index) => reader.sealed(index),
      prove: (index) => tree.prove(index),
      close: () => reader.close(),
    }
  } catch (error) {
    await reader.close()
    throw error
  }
}
