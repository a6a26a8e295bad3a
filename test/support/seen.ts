/** What the peers of a node ever saw of its log: every head that reached one of them, kept or not, by size. */
import assert from 'node:assert/strict'
import type { CandorNode } from '../../node/node.ts'
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printBase64 } from '../../protocol/bytes.ts'

export class SeenHeads {
  private readonly origin: string
  private readonly roots = new Map<number, Set<string>>()

  constructor(origin: string) {
    this.origin = origin
  }

  /** Listens to what reaches a peer, by gossip and by synchronisation, before the peer judges it. */
  watch({ network: { verifier } }: CandorNode): void {
    const [receive, receiveRange] = [verifier.receive.bind(verifier), verifier.receiveRange.bind(verifier)]
    verifier.receive = (note, chunk) => {
      this.add(note)
      return receive(note, chunk)
    }
    verifier.receiveRange = (note, feed) => {
      this.add(note)
      return receiveRange(note, feed)
    }
  }

  add(note: Uint8Array): void {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok || signed.value.checkpoint.origin !== this.origin) return
    const { size, root } = signed.value.checkpoint
    const roots = this.roots.get(size) ?? new Set()
    this.roots.set(size, roots.add(printBase64(root)))
  }

  get count(): number {
    return this.roots.size
  }

  /** No two heads of one size with two roots. */
  check(when: string): void {
    for (const [size, roots] of this.roots) assert.equal(roots.size, 1, `${when}: two heads of size ${size}`)
  }
}
