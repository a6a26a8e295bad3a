/**
 * A node's part in the network: host, gossip, synchronisation and peer life cycle over one set of logs. It
 * receives and answers from the moment it starts; it announces only what the appender hands it.
 */
import type { StreamHandler } from '@libp2p/interface'
import { standingOf } from '../protocol/governance/standing.ts'
import type { CharterState } from '../protocol/governance/charter.ts'
import type { SignedCheckpoint } from '../protocol/log/checkpoint.ts'
import type { Primitives } from '../protocol/primitives.ts'
import type { Evidence } from './evidence/evidence.ts'
import { events } from './events.ts'
import type { HttpListen } from './foreign-logs.ts'
import type { Grown } from './log/appender.ts'
import { AccessTalk } from './net/ask-access.ts'
import { contactsOf } from './contacts.ts'
import { askOutside } from './net/ask-outside.ts'
import { escrowTalk } from './net/ask-escrow.ts'
import { askWitness } from './net/ask-witness.ts'
import { fetchFile, type FetchEnd } from './dataset/fetching.ts'
import type { Receiving } from './dataset/receiving.ts'
import { accessHandler, type AnswerAccess } from './net/handlers/access.ts'
import type { BlobConfirmation, BlobEndReason } from '../protocol/dataset/message.ts'
import { confirmBlob } from './net/ask-blob.ts'
import { blobHandler, type BlobPorts } from './net/handlers/blob.ts'
import { escrowHandler, type AnswerEscrow } from './net/handlers/escrow.ts'
import { syncHandler } from './net/handlers/sync.ts'
import { witnessHandler } from './net/handlers/witness.ts'
import { createHost, startHost, type Host } from './net/host.ts'
import { Lifecycle, type Contact, type ContactState } from './net/lifecycle.ts'
import { BLOB_PEER_STREAMS_MAX, INBOUND_STREAMS_MAX, REDIAL_MS, SCORE_LIE } from './net/limits.ts'
import { Peers } from './net/peers.ts'
import { protocolsOf } from './net/protocols.ts'
import { WitnessHttp, type WitnessHttpOptions } from './net/witness-http.ts'
import type { Clock } from './ports.ts'
import { falseCosignature, type RefusedInput } from './problems.ts'
import type { Logs } from './store/logs.ts'
import { fetcherOf, verifierOf } from './syncing.ts'
import { Answerer } from './sync/answerer.ts'
import type { Cosigned } from './sync/cosigned.ts'
import type { Recollecting } from './sync/cosigned.ts'
import type { Exchange, Fetcher } from './sync/fetcher.ts'
import type { DayCounts } from './store/day-counts.ts'
import type { DailyParts } from './sync/daily.ts'
import { Gossip } from './sync/gossip.ts'
import { Refetcher } from './sync/refetch.ts'
import type { Received, Verifier, VerifyJob } from './sync/verifier.ts'
import type { WitnessPeer } from './witness/collector.ts'
import type { CosignedHeads } from './witness/cosigned-heads.ts'
import type { OutsidePeer } from './witness/outside.ts'

export type NetworkOptions = {
  readonly primitives: Primitives
  readonly verifyMany: (jobs: readonly VerifyJob[]) => Promise<readonly boolean[]>
  readonly clock: Clock
  readonly logs: Logs
  readonly evidence: Evidence
  readonly cosigned: Cosigned & Pick<CosignedHeads, 'confirmedSize'>
  readonly charter: CharterState
  readonly dayCounts: DayCounts
  readonly ownOrigin: string
  readonly ownDomain: string
  readonly nodeSeed: Uint8Array
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly bootstrap: readonly string[]
  readonly mdns: boolean
  /** How often heads are exchanged and missing members dialled. */
  readonly tickMs: number
  readonly mayWriteOwn: () => boolean
  /** False until our own log is recovered: nothing of it leaves before that nobody cosigned. */
  readonly mayShowOwn: () => boolean
  readonly recollecting: Recollecting
  /** Whether our own log key signed this head. */
  readonly isOurs: (signed: SignedCheckpoint) => boolean
  /** The size above which nothing of a log counts any more, because a later epoch closed it. */
  readonly endOf: (origin: string) => number | undefined
  readonly knownAddresses: (domain: string) => readonly string[]
  /** Where other logs ask our witness; undefined where that is off. */
  readonly witnessHttp: HttpListen | undefined
  readonly events: NetworkEvents
}

export type NetworkEvents = {
  readonly onGrown: (grown: Grown) => void
  readonly onExchange: (exchange: Exchange) => void
  readonly onConnected: (domain: string, address: string) => void
  readonly onRefused: (refusal: RefusedInput) => void
  readonly onBan: (peer: string, reason: string) => void
  readonly onStop: DailyParts['onStop']
}

type Served = 'sync' | 'witness' | 'access' | 'escrow' | 'blob'

export class Network {
  readonly host: Host
  readonly peers: Peers
  readonly verifier: Verifier
  private readonly options: NetworkOptions
  private readonly fetcher: Fetcher
  private readonly gossip: Gossip
  private readonly lifecycle: Lifecycle
  private readonly stopping = new AbortController()

  private constructor(options: NetworkOptions, host: Host, peers: Peers) {
    const { primitives, logs, evidence, cosigned, charter, events } = options
    const protocols = protocolsOf(charter.networkId)
    this.options = options
    this.host = host
    this.peers = peers
    const refused = (peer: string, received: Extract<Received, { kind: 'refused' }>) => {
      const { origin, blame, fault, index } = received
      events.onRefused({ peer, origin, blame, fault, index })
    }
    this.verifier = verifierOf(options)
    const fetcher = fetcherOf(options, this.verifier, peers, refused)
    this.fetcher = fetcher
    this.lifecycle = new Lifecycle({
      host,
      networkId: charter.networkId,
      clock: options.clock,
      tickMs: options.tickMs,
      contacts: () => this.contacts(),
      isBanned: (peer) => peers.isBanned(peer),
      exchange: (connection, signal) => fetcher.exchange(connection, signal),
      onConnected: events.onConnected,
      onExchange: events.onExchange,
    })
    const askNow = (peer: string) => this.lifecycle.askNow(peer)
    const { pubsub } = host.services
    const topic = protocols.heads
    this.gossip = new Gossip({
      pubsub,
      topic,
      verifier: this.verifier,
      peers,
      evidence,
      cosigned,
      onBehind: askNow,
      onDoubt: (peer, note) =>
        this.lifecycle.askThen(peer, (connection, signal) => fetcher.doubt(connection, note, signal)),
      onForged: (peer, note) =>
        this.lifecycle.askThen(peer, (connection, signal) => fetcher.doubtLines(connection, note, signal)),
      onRefused: refused,
    })
    const settled = (origin: string) => this.verifier.settled(origin)
    const { endOf } = options
    const mayShow = (origin: string) => origin !== options.ownOrigin || options.mayShowOwn()
    const { signal } = this.stopping
    const connections = () => this.lifecycle.connections()
    this.refetcher = new Refetcher({ connections, protocol: protocols.sync, signal })
    const showing = { onAsked: askNow, settled, endOf, mayShow }
    this.answerer = new Answerer({ primitives, logs, evidence, cosigned, ...showing })
    evidence.onNew(({ bytes }) => void this.gossip.accuse(bytes))
  }

  private http: WitnessHttp | undefined
  private readonly answerer: Answerer
  readonly refetcher: Refetcher

  static async create(options: NetworkOptions): Promise<Network> {
    const { charter, events } = options
    const made: { network?: Network } = {}
    const peers = new Peers(options.clock, (peer, reason) => {
      events.onBan(peer, reason)
      made.network?.lifecycle.disconnect(peer)
    })
    const host = await createHost({
      seed: options.nodeSeed,
      protocols: protocolsOf(charter.networkId),
      listen: options.listen,
      announce: options.announce,
      bootstrap: options.bootstrap,
      mdns: options.mdns,
      isRefused: (peer) =>
        peers.isBanned(peer.toString()) || made.network?.isStranger(peer.toString()) === true,
      scoreOf: (peer) => peers.score(peer),
    })
    made.network = new Network(options, host, peers)
    return made.network
  }

  async start(): Promise<void> {
    await this.serve('sync', syncHandler(this.answerer, this.peers, this.stopping.signal))
    await startHost(this.host, this.options.listen)
    this.gossip.start()
    this.lifecycle.start()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.http?.stop()
    await this.lifecycle.stop()
    this.gossip.stop()
    await this.host.stop()
  }

  /** Answers requests to cosign. */
  async serveWitness(cosign: Parameters<typeof witnessHandler>[0]): Promise<void> {
    const handler = witnessHandler(cosign, this.peers, this.stopping.signal)
    await this.serve('witness', handler)
  }

  /** Answers requests of other logs to cosign, over HTTP, until the network stops. */
  async serveWitnessHttp(cosign: WitnessHttpOptions['answer']): Promise<void> {
    const { witnessHttp, clock } = this.options
    if (witnessHttp === undefined) return
    this.http = await WitnessHttp.start({ ...witnessHttp, clock, answer: cosign, onError: events.failed })
  }

  /** Answers requests for detail. */
  async serveAccess(answer: AnswerAccess): Promise<void> {
    const handler = accessHandler(answer, this.peers, this.stopping.signal)
    await this.serve('access', handler)
  }

  /** Answers to deposits of others and to recalls of shares. */
  async serveEscrow(answer: AnswerEscrow): Promise<void> {
    const handler = escrowHandler(answer, this.peers, this.stopping.signal)
    await this.serve('escrow', handler)
  }

  /** To say something about a part in escrow to a member's node; undefined while it is not connected. */
  talkEscrow(domain: string) {
    const connection = this.connectionTo(domain)
    const protocol = protocolsOf(this.options.charter.networkId).escrow
    return connection && escrowTalk(connection, protocol, this.stopping.signal)
  }

  private async serve(name: Served, handler: StreamHandler, maxInboundStreams = INBOUND_STREAMS_MAX) {
    const protocol = protocolsOf(this.options.charter.networkId)[name]
    await this.host.handle(protocol, handler, { maxInboundStreams })
  }

  /** Sends blocks of granted files. */
  async serveBlobs(ports: BlobPorts): Promise<void> {
    const { clock } = this.options
    const handler = blobHandler({ ports, peers: this.peers, clock, signal: this.stopping.signal })
    await this.serve('blob', handler, BLOB_PEER_STREAMS_MAX)
  }

  /** Fetches a granted file from a member's node; undefined while it is not connected. */
  async fetchBlob(domain: string, receiving: Receiving): Promise<FetchEnd | undefined> {
    const connection = this.connectionTo(domain)
    const protocol = protocolsOf(this.options.charter.networkId).blob
    return connection && fetchFile({ connection, protocol, receiving, signal: this.stopping.signal })
  }

  /** Tells a member's node that a file of it is here whole; undefined while that is not connected or says nothing. */
  async confirmBlob(domain: string, confirmation: BlobConfirmation): Promise<BlobEndReason | undefined> {
    const connection = this.connectionTo(domain)
    const protocol = protocolsOf(this.options.charter.networkId).blob
    return connection && confirmBlob(connection, protocol, confirmation, this.stopping.signal)
  }

  private connectionTo(domain: string) {
    const contact = this.members().find((one) => one.contact.domain === domain)?.contact
    return this.lifecycle.connections().find(({ remotePeer }) => remotePeer.toString() === contact?.peer)
  }

  /** To ask a member's node about a disclosure; undefined while it is not connected. */
  talkAccess(domain: string): AccessTalk | undefined {
    const connection = this.connectionTo(domain)
    const protocol = protocolsOf(this.options.charter.networkId).access
    return connection && new AccessTalk(connection, protocol, this.stopping.signal)
  }

  /** Members whose word counts, in quorums and for what is known: neither affiliates nor those that are suspended. */
  voters(): readonly ContactState[] {
    return this.members().filter(
      ({ contact }) => standingOf(this.options.charter, contact.domain) === 'member',
    )
  }

  /** The connected ones of them, each once, to be asked to cosign. */
  witnesses(): readonly WitnessPeer[] {
    const protocol = protocolsOf(this.options.charter.networkId).witness
    const connections = this.lifecycle.connections()
    return this.voters().flatMap(({ contact }): readonly WitnessPeer[] => {
      const connection = connections.find(({ remotePeer }) => remotePeer.toString() === contact.peer)
      if (connection === undefined) return []
      const ask: WitnessPeer['ask'] = (body, signal) => askWitness(connection, protocol, body, signal)
      const compare = () => this.lifecycle.askNow(contact.peer)
      return [{ name: contact.domain, ask, compare, blame: () => this.blame(contact.peer) }]
    })
  }

  private blame(peer: string): void {
    const refused = falseCosignature(peer, this.options.ownOrigin)
    this.peers.penalise(peer, SCORE_LIE, refused.fault)
    this.options.events.onRefused(refused)
  }

  /** Asks a member's node what this head of its own log continues: another history than ours convicts it. */
  explain(domain: string, note: Uint8Array): void {
    const peer = this.connectionTo(domain)?.remotePeer.toString()
    if (peer === undefined) return
    this.lifecycle.askThen(peer, (connection, signal) => this.fetcher.explain(connection, note, signal))
  }

  /** The witnesses outside that the charter names, to be asked over HTTP. */
  outsideWitnesses(): readonly OutsidePeer[] {
    const { outside } = this.options.charter.document
    return (outside?.witnesses ?? []).map((witness) => {
      return { ...witness, ask: (body, signal) => askOutside(witness, body, signal) }
    })
  }

  /** Passes on the cosignatures on a head. */
  spread(note: Uint8Array): void {
    void this.gossip.spread(note)
  }

  announce(grown: Grown): void {
    void this.gossip.announce(grown)
  }

  /** The other members' nodes, and how it stands with each. */
  members(): readonly ContactState[] {
    const best = new Map<string, ContactState>()
    for (const state of this.lifecycle.states()) {
      const known = best.get(state.contact.domain)
      // Of the node keys of one member the newest counts, unless the member still answers under an older one.
      if (known?.state !== 'connected' || state.state === 'connected') best.set(state.contact.domain, state)
    }
    return [...best.values()]
  }

  peerId(): string {
    return this.host.peerId.toString()
  }

  connectedPeers(): ReadonlySet<string> {
    return new Set(this.lifecycle.connections().map(({ remotePeer }) => remotePeer.toString()))
  }

  private contacts(): readonly Contact[] {
    return contactsOf(this.options)
  }

  private isStranger(peer: string): boolean {
    const { charter } = this.options
    return (
      charter.document.observers === 'refuse' && !this.contacts().some((contact) => contact.peer === peer)
    )
  }
}

/** Missing members are dialled at this pace when a node says nothing else. */
export const DEFAULT_TICK_MS = 5 * REDIAL_MS
