/** What the peers of a node ever saw of its log: every head that reached one of them, kept or not, by size. */
import assert from 'node:assert/strict'
import type { CandorNode } from '../../node/node.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printBase64 } from '../../protocol/bytes.ts'

type Shown = { readonly size: number; readonly root: string }

export class SeenHeads {
  private readonly origin: string
  private readonly roots = new Map<number, Set<string>>()
  // What reached a peer and is not judged there yet. It may stop before, and then nobody ever hears of it.
  private readonly unjudged = new Map<CandorNode, Set<Shown>>()

  constructor(origin: string) {
    this.origin = origin
  }

  /** Listens to what reaches a peer, by gossip and by synchronisation, before the peer judges it. */
  watch(peer: CandorNode): void {
    const { verifier } = peer.network
    const [receive, receiveRange] = [verifier.receive.bind(verifier), verifier.receiveRange.bind(verifier)]
    verifier.receive = (note, chunk) => this.arrive(peer, note, receive(note, chunk))
    verifier.receiveRange = (note, signal, feed) => this.arrive(peer, note, receiveRange(note, signal, feed))
    this.unjudged.set(peer, new Set())
  }

  /** Forgets what a peer that was stopped had not judged. */
  stopped(peer: CandorNode): void {
    this.unjudged.delete(peer)
  }

  private arrive<T>(peer: CandorNode, note: Uint8Array, judged: Promise<T>): Promise<T> {
    const signed = parseSignedCheckpoint(note)
    const waiting = this.unjudged.get(peer)
    if (!signed.ok || signed.value.checkpoint.origin !== this.origin || waiting === undefined) return judged
    const { size, root } = signed.value.checkpoint
    const shown = { size, root: printBase64(root) }
    waiting.add(shown)
    return judged.finally(() => {
      if (waiting.delete(shown) && this.unjudged.has(peer)) this.add(shown)
    })
  }

  private add({ size, root }: Shown): void {
    this.roots.set(size, (this.roots.get(size) ?? new Set()).add(root))
  }

  get count(): number {
    return this.roots.size
  }

  /** No two heads of one size with two roots. */
  check(when: string): void {
    const roots = new Map([...this.roots].map(([size, some]) => [size, new Set(some)]))
    for (const { size, root } of [...this.unjudged.values()].flatMap((waiting) => [...waiting]))
      roots.set(size, (roots.get(size) ?? new Set()).add(root))
    for (const [size, some] of roots) assert.equal(some.size, 1, `${when}: two heads of size ${size}`)
  }
}
