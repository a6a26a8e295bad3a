/** The gossip of a node that mirrors one log, over any network, and what its notes of that log are made of. */
import type { GossipSub } from '@libp2p/gossipsub'
import { native } from '../../node/keys/native.ts'
import { Peers } from '../../node/net/peers.ts'
import { Gossip } from '../../node/sync/gossip.ts'
import type { CosignedHeads, CosignedHeadsParts } from '../../node/witness/cosigned-heads.ts'
import { printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printNote, type NoteSignature } from '../../protocol/log/note.ts'
import type { Chunk } from '../../protocol/sync/chunk.ts'
import { cosignedStore } from './cosigned-store.ts'
import { MemoryKeyValue } from './memory-kv.ts'
import { headOf, type Mirror } from './mirror.ts'
import { cosignatureOf, noteOf, testCosigner } from './notes.ts'

export const TIME = 1_700_000_000

export class Gossiping {
  readonly peers = new Peers({ now: () => 0 }, () => undefined)
  /** Peers that passed a forged line on, and how often. */
  readonly forged: string[] = []
  proof: 'new' | 'known' = 'new'
  readonly heads: CosignedHeads
  readonly gossip: Gossip

  constructor(world: Mirror, pubsub: GossipSub, topic: string, change: Partial<CosignedHeadsParts> = {}) {
    this.heads = cosignedStore(new MemoryKeyValue(), world.logs, change)
    this.gossip = new Gossip({
      pubsub,
      topic,
      verifier: world.verifier,
      peers: this.peers,
      cosigned: this.heads,
      evidence: { add: async () => ({ kind: this.proof, held: undefined as never }) },
      onBehind: () => undefined,
      onDoubt: () => undefined,
      onForged: (peer) => this.forged.push(peer),
      onRefused: () => undefined,
    })
    this.gossip.start()
  }
}

/** The newest head of the log that a world mirrors, with these lines beside the log's own. */
export function noteOver({ own, leaves }: Mirror, ...lines: readonly NoteSignature[]): Uint8Array {
  const { publicKey, sign } = own.keystore.logSigner(1)
  const note = noteOf(printSignedCheckpoint(native, headOf(leaves), publicKey, sign))
  return printNote({ ...note, signatures: [...note.signatures, ...lines] })
}

/** The line of a member's mirror on that head. */
export function lineOn(world: Mirror, n: number, at = 0): NoteSignature {
  return cosignatureOf(testCosigner(n, 'mirror'), noteOf(noteOver(world)), TIME + at)
}

export function chunkOf({ leaves }: Mirror, from: number): Chunk {
  const sent = leaves.slice(from)
  return {
    from,
    entries: sent.map(({ entry }) => entry.bytes),
    parts: sent.map(({ part }) => part),
    proof: [],
  }
}
