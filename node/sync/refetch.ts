/** Asking other members for what is damaged here: their heads of a log, and runs of its entries. Whoever calls checks both. */
import type { Connection } from '@libp2p/interface'
import { ask } from '../net/ask.ts'
import type { Chunk } from '../../protocol/sync/chunk.ts'

export type RefetchParts = {
  readonly connections: () => readonly Connection[]
  readonly protocol: string
  readonly signal: AbortSignal
}

/** A frontier that is nobody's, so that every head is told. */
const NOBODY = new Uint8Array(32)

export class Refetcher {
  private readonly parts: RefetchParts

  constructor(parts: RefetchParts) {
    this.parts = parts
  }

  /** The heads that the connected members hold, and the newest they ever saw of the log `own`. */
  async heads(own: string): Promise<readonly Uint8Array[]> {
    const { protocol, signal } = this.parts
    const request = { t: 'frontier', digest: NOBODY, own, struck: NOBODY } as const
    const answers = this.parts.connections().map(async (connection) => {
      const notes: Uint8Array[] = []
      for await (const answer of ask(connection, protocol, request, signal)) {
        if (answer.t === 'heads') notes.push(...answer.notes, ...(answer.seen === null ? [] : [answer.seen]))
      }
      return notes
    })
    const told = await Promise.allSettled(answers)
    return told.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  }

  /** One run of entries for each connected member. A member that does not answer gives an empty one. */
  async *runs(origin: string, from: number, size: number): AsyncGenerator<AsyncIterable<Chunk>> {
    for (const connection of this.parts.connections()) yield this.run(connection, origin, from, size)
  }

  private async *run(
    connection: Connection,
    origin: string,
    from: number,
    size: number,
  ): AsyncGenerator<Chunk> {
    const { protocol, signal } = this.parts
    try {
      for await (const answer of ask(connection, protocol, { t: 'range', origin, from, size }, signal)) {
        if (answer.t !== 'entries') return
        yield answer.chunk
      }
    } catch {
      // Another member may have it; if none does, the caller says what is missing.
    }
  }
}
