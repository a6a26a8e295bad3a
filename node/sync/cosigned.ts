/** Cosigned heads from a peer that has others than we do. Whoever sends them, only what verifies is kept. Spec 03 §13. */
import type { Connection } from '@libp2p/interface'
import { equal } from '../../protocol/bytes.ts'
import { ask } from '../net/ask.ts'
import type { CosignedHeads } from '../witness/cosigned-heads.ts'

/** What the exchange of heads asks of the store of cosigned heads. */
export type Cosigned = Pick<CosignedHeads, 'add' | 'heed' | 'get' | 'digest' | 'summaries' | 'beyond'>

/** Asks for what goes beyond ours, where the peer's digest is another. Throws what `ask` throws. */
export async function fetchCosigned(
  cosigned: Cosigned,
  protocol: string,
  connection: Connection,
  digest: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  if (equal(digest, cosigned.digest())) return
  const request = { t: 'cosigned', have: cosigned.summaries() } as const
  for await (const answer of ask(connection, protocol, request, signal)) {
    if (answer.t !== 'cosigned') return
    await cosigned.add(answer.note)
  }
}
