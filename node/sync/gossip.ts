/**
 * Gossip of heads: what our log grew by is announced with its entries while they fit; what others announce is
 * checked and stored before it is passed on. A hint only: what gossip misses, the exchange of heads finds.
 */
import { TopicValidatorResult, type GossipSub } from '@libp2p/gossipsub'
import { NEWS_BYTES_MAX } from '../../protocol/limits.ts'
import { parseNews, printNews, type HeadNews } from '../../protocol/sync/message.ts'
import type { Evidence } from '../evidence/evidence.ts'
import type { Grown } from '../log/appender.ts'
import { SCORE_LIE, SCORE_MALFORMED } from '../net/limits.ts'
import type { Peers } from '../net/peers.ts'
import type { Cosigned } from './cosigned.ts'
import type { Received, Verifier } from './verifier.ts'

export type GossipParts = {
  readonly pubsub: GossipSub
  readonly topic: string
  readonly verifier: Verifier
  readonly peers: Peers
  /** A peer announced a head whose entries we lack. */
  readonly onBehind: (peer: string) => void
  /** A peer announced entries that do not lead to the head they came with. */
  readonly onDoubt: (peer: string, note: Uint8Array) => void
  /** A peer passed a line on in a cosigner's name that its key did not sign, as far as is known here. */
  readonly onForged: (peer: string, note: Uint8Array) => void
  readonly evidence: Pick<Evidence, 'add'>
  readonly cosigned: Pick<Cosigned, 'add' | 'heed' | 'costOf' | 'noteWith'>
  readonly onRefused: (peer: string, received: Extract<Received, { kind: 'refused' }>) => void
}

/** Requests that judging one proof costs: three signatures and a key. */
const PROOF_COST = 4

/** Signatures that are verified for the price of one request: a tenth of a millisecond each, where a request reads the disk. */
const LINES_PER_REQUEST = 16

export class Gossip {
  private readonly parts: GossipParts

  constructor(parts: GossipParts) {
    this.parts = parts
  }

  start(): void {
    const { pubsub, topic } = this.parts
    pubsub.topicValidators.set(topic, (peer, message) => this.judge(peer.toString(), message.data))
    pubsub.subscribe(topic)
  }

  stop(): void {
    this.parts.pubsub.unsubscribe(this.parts.topic)
    this.parts.pubsub.topicValidators.delete(this.parts.topic)
  }

  /** Announces our new head. Nobody listening is no error: the exchange of heads will tell them. */
  async announce({ log, from, added }: Grown): Promise<void> {
    const note = log.complete
    if (note === undefined) return
    const entries = added.map(({ entry }) => entry.bytes)
    const parts = added.flatMap(({ part }) => ('erasedBy' in part ? [] : [part]))
    const chunk = parts.length < entries.length ? null : { from, entries, parts, proof: [] }
    await this.parts.pubsub
      .publish(this.parts.topic, fitting({ t: 'news', note, chunk }))
      .catch(() => undefined)
  }

  /** Passes a proof on that is new here: it must reach those that saw only one branch. */
  async accuse(proof: Uint8Array): Promise<void> {
    const news = printNews({ t: 'evidence', proof })
    await this.parts.pubsub.publish(this.parts.topic, news).catch(() => undefined)
  }

  /** Passes a head on with the cosignatures on it; who holds its entries takes them in. */
  async spread(note: Uint8Array): Promise<void> {
    await this.parts.pubsub
      .publish(this.parts.topic, printNews({ t: 'news', note, chunk: null }))
      .catch(() => undefined)
  }

  private async judgeProof(peer: string, proof: Uint8Array): Promise<TopicValidatorResult> {
    // Some proofs cannot be judged and so cost their sender nothing: they are bounded like requests.
    if (!this.parts.peers.mayAsk(peer, PROOF_COST)) return TopicValidatorResult.Ignore
    const added = await this.parts.evidence.add(proof, 'gossip')
    if (added.kind === 'new') return TopicValidatorResult.Accept
    // What was known before has been passed on.
    if (added.kind !== 'refused' || added.blame === 'nobody') return TopicValidatorResult.Ignore
    this.parts.peers.penalise(peer, SCORE_LIE, added.fault)
    return TopicValidatorResult.Reject
  }

  /**
   * Accepts, and so passes on, what is new here; ignores what is known, or is to be judged later; rejects what its sender knew to
   * be wrong. A reject costs the sender here and in the library's own scores.
   */
  private async judge(peer: string, bytes: Uint8Array): Promise<TopicValidatorResult> {
    const { peers, cosigned, onForged } = this.parts
    if (bytes.length > NEWS_BYTES_MAX) return TopicValidatorResult.Reject
    const news = parseNews(bytes)
    if (!news.ok) {
      peers.penalise(peer, SCORE_MALFORMED, `gossip that is not news: ${news.fault}`)
      return TopicValidatorResult.Reject
    }
    if (news.value.t === 'evidence') return this.judgeProof(peer, news.value.proof)
    const { note, chunk } = news.value
    // Paid for before it is done: whoever writes notes chooses how many lines are on them.
    const cost = cosigned.costOf(note) / LINES_PER_REQUEST
    if (cost > 0 && !peers.mayAsk(peer, cost)) return TopicValidatorResult.Ignore
    const received = await this.parts.verifier.receive(note, chunk)
    const isTaken = received.kind === 'stored' || received.kind === 'held'
    const added = isTaken ? await cosigned.add(note) : await cosigned.heed(note)
    if (added.forged.length > 0) onForged(peer, note)
    if (!isTaken) return this.judgeRest(peer, note, received)
    if (received.kind === 'held' && added.kind !== 'new') return TopicValidatorResult.Ignore
    const isChecked = chunk === null || (received.kind === 'stored' && received.isWhole)
    if (added.isWhole && isChecked) return TopicValidatorResult.Accept
    // What nobody verified here may be a lie, and whoever finds out would blame us: the rest goes on without it.
    await this.spread(cosigned.noteWith(note))
    return TopicValidatorResult.Ignore
  }

  private judgeRest(
    peer: string,
    note: Uint8Array,
    received: Exclude<Received, { kind: 'stored' | 'held' }>,
  ): TopicValidatorResult {
    const { peers, onBehind, onDoubt, onRefused } = this.parts
    switch (received.kind) {
      case 'ours':
      case 'frozen':
      case 'void':
      case 'capped':
        return TopicValidatorResult.Ignore
      case 'behind':
        onBehind(peer)
        return TopicValidatorResult.Ignore
      case 'refused':
        if (received.fault === 'chunk-inclusion') {
          onDoubt(peer, note)
          return TopicValidatorResult.Ignore
        }
        onRefused(peer, received)
        if (received.blame === 'author') return TopicValidatorResult.Ignore
        peers.penalise(peer, SCORE_LIE, received.fault)
        return TopicValidatorResult.Reject
    }
  }
}

/** News with its entries, or the head alone where they do not fit. */
function fitting(news: HeadNews): Uint8Array {
  const count = news.chunk?.entries.length ?? 0
  const whole = count <= 64 ? printNews(news) : undefined
  return whole !== undefined && whole.length <= NEWS_BYTES_MAX ? whole : printNews({ ...news, chunk: null })
}
