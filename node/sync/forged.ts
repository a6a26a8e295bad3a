/**
 * What is done with a note that has a line in a cosigner's name which its key did not sign. Honest nodes pass on what they
 * verified and nothing else, so whoever passed it on lied, and pays. But a key id is four bytes: a member can declare two keys
 * of one id, show the second to one node before another, and have the one convict the other. So heads are exchanged first, and
 * nobody pays for a line that verifies then, nor where the sender may hold more of the log that declares the key. Spec 04 §4.
 */
import type { Connection } from '@libp2p/interface'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { SCORE_LIE, SCORE_SLOW } from '../net/limits.ts'
import type { Peers } from '../net/peers.ts'
import type { RefusedInput } from '../problems.ts'
import { sizeOf } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import type { Cosigned } from './cosigned.ts'
import type { Exchange } from './fetcher.ts'

export type ForgedParts = {
  readonly peers: Peers
  readonly logs: Pick<Logs, 'all' | 'get'>
  readonly evidence: Pick<Evidence, 'frozen'>
  readonly cosigned: Pick<Cosigned, 'heed'>
  readonly exchange: (connection: Connection, signal: AbortSignal) => Promise<Exchange | undefined>
  readonly onForged: (refused: RefusedInput) => void
}

/** Names said of one note: of hundreds of lines a few tell enough. */
const NAMES_MAX = 4

export class ForgedLines {
  private readonly parts: ForgedParts
  // Peers that are being asked; what else they send meanwhile is judged by the same answer. Written by `judge` only.
  private readonly asking = new Set<string>()

  constructor(parts: ForgedParts) {
    this.parts = parts
  }

  /** Looks at a note again after an exchange with the peer that sent it. */
  async judge(connection: Connection, note: Uint8Array, signal: AbortSignal): Promise<void> {
    const peer = connection.remotePeer.toString()
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok || this.asking.has(peer)) return
    this.asking.add(peer)
    try {
      const exchange = await this.parts.exchange(connection, signal)
      if (signal.aborted) return
      const { forged } = await this.parts.cosigned.heed(note)
      const names = forged.filter((name) => !this.mayKnowMore(name, exchange)).slice(0, NAMES_MAX)
      if (names.length === 0) return
      const fault = `a line in the name of ${names.join(', ')} that its key did not sign`
      // Whoever does not answer cannot be told from one that knows more; it pays a little, like for any answer that is missing.
      this.parts.peers.penalise(peer, exchange === undefined ? SCORE_SLOW : SCORE_LIE, fault)
      const { origin } = signed.value.checkpoint
      this.parts.onForged({ peer, origin, blame: 'sender', fault, index: undefined })
    } finally {
      this.asking.delete(peer)
    }
  }

  /** Whether the peer may hold a key of this cosigner that we lack: of a log of its member we know that there is, or may be, more. */
  private mayKnowMore(name: string, exchange: Exchange | undefined): boolean {
    const { logs, evidence } = this.parts
    const isOfMember = (origin: string) => name.startsWith(`${origin.slice(0, origin.indexOf('/'))}/candor/`)
    const isBehind = logs.all().some(({ origin, edge, pending }) => {
      const isFrozen = evidence.frozen(origin) !== undefined
      return isOfMember(origin) && (isFrozen || sizeOf(pending) > edge.size)
    })
    const isAhead = [...(exchange?.heads ?? [])].some(
      ([origin, size]) => isOfMember(origin) && size > (logs.get(origin)?.edge.size ?? 0),
    )
    return isBehind || isAhead
  }
}
