/**
 * Answers that are being given, of all peers and of each. A stream on which nothing was asked yet, or whose peer takes
 * its time to close it, is none: it costs next to nothing, and each connection has few.
 */
import { ANSWERS_MAX, ANSWERS_PER_PEER_MAX } from '../limits.ts'

export class Slots {
  private all = 0
  private readonly byPeer = new Map<string, number>()

  async take(peer: string, work: (isFree: boolean) => Promise<void>): Promise<void> {
    const own = this.byPeer.get(peer) ?? 0
    const isFree = this.all < ANSWERS_MAX && own < ANSWERS_PER_PEER_MAX
    this.all += isFree ? 1 : 0
    if (isFree) this.byPeer.set(peer, own + 1)
    try {
      await work(isFree)
    } finally {
      if (isFree) this.free(peer)
    }
  }

  private free(peer: string): void {
    this.all -= 1
    const left = (this.byPeer.get(peer) ?? 1) - 1
    if (left === 0) this.byPeer.delete(peer)
    else this.byPeer.set(peer, left)
  }
}
