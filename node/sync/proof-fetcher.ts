/** Proofs of equivocation that a peer has and we lack: asked for by the key that they convict, a few at a time. */
import type { Connection } from '@libp2p/interface'
import { printHex } from '../../protocol/bytes.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { ask } from '../net/ask.ts'
import { SCORE_LIE } from '../net/limits.ts'
import type { Peers } from '../net/peers.ts'
import type { Clock } from '../ports.ts'

export type ProofFetcherParts = {
  readonly clock: Clock
  readonly evidence: Pick<Evidence, 'proofAgainst' | 'add'>
  readonly peers: Pick<Peers, 'penalise'>
  readonly protocol: string
}

/** Proofs fetched in one exchange; the rest with the next. */
const PROOFS_AT_ONCE = 16

/** A proof that did not come, or could not be judged, is asked for again only then: what it needs may be here by that time. */
const PUT_OFF_MS = 30_000
const PUT_OFF_MAX = 4_096

export class ProofFetcher {
  private readonly parts: ProofFetcherParts
  // When a key's proof may be asked for again, by the key's id. Written by `putOff` only.
  private readonly notBefore = new Map<string, number>()

  constructor(parts: ProofFetcherParts) {
    this.parts = parts
  }

  /** Fetches proofs against keys that are not convicted here, after the logs that declare those keys. Throws what `ask` throws. */
  async fetch(connection: Connection, struck: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
    const { evidence, peers, protocol } = this.parts
    const peer = connection.remotePeer.toString()
    for (const subject of struck.filter((key) => this.isWanted(key)).slice(0, PROOFS_AT_ONCE)) {
      // Until it has come and was good: a peer may name what it does not have.
      this.putOff(subject)
      for await (const answer of ask(connection, protocol, { t: 'evidence', subject }, signal)) {
        if (answer.t !== 'evidence') break
        const added = await evidence.add(answer.proof, `the node ${peer}`)
        if (added.kind === 'refused' && added.blame === 'sender') peers.penalise(peer, SCORE_LIE, added.fault)
      }
    }
  }

  private isWanted(key: Uint8Array): boolean {
    const { evidence, clock } = this.parts
    const mayAsk = (this.notBefore.get(printHex(key)) ?? 0) <= clock.now()
    return mayAsk && evidence.proofAgainst(key) === undefined
  }

  private putOff(subject: Uint8Array): void {
    if (this.notBefore.size >= PUT_OFF_MAX) this.notBefore.clear()
    this.notBefore.set(printHex(subject), this.parts.clock.now() + PUT_OFF_MS)
  }
}
