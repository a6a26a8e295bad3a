/**
 * The life of connections to members: dialled by full address, exchanged with on connecting and at intervals,
 * dropped when they do not answer or have fallen out of gossip, dialled again. Ours, because the library's own
 * monitor kills healthy links and its address book forgets members for ever.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../ports.ts'
import type { Exchange } from '../sync/fetcher.ts'
import type { Host } from './host.ts'
import { DIAL_MS, GOSSIP_SILENT_TICKS_MAX, REDIAL_MAX_MS, REDIAL_MS } from './limits.ts'
import { kindOfPeer, type PeerKind } from './protocols.ts'
import { deadline } from '../deadline.ts'

/** A member to stay connected with. */
export type Contact = {
  readonly domain: string
  readonly peer: string
  readonly addresses: readonly string[]
}

export type ContactState = {
  readonly contact: Contact
  readonly state: 'connected' | 'dialling' | 'unreachable' | 'refused'
  readonly kind: PeerKind
  readonly since: number
  readonly failure: string | undefined
  readonly lastExchange: Exchange | undefined
}

type Watched = {
  contact: Contact
  since: number
  failure: string | undefined
  nextDialAt: number
  backoffMs: number
  dialling: boolean
  silentTicks: number
  unanswered: number
  kind: PeerKind
  lastExchange: Exchange | undefined
}

export type LifecycleParts = {
  readonly host: Host
  readonly networkId: string
  readonly clock: Clock
  readonly tickMs: number
  readonly contacts: () => readonly Contact[]
  readonly isBanned: (peer: string) => boolean
  readonly exchange: (connection: Connection, signal: AbortSignal) => Promise<Exchange | undefined>
  readonly onConnected: (domain: string, address: string) => void
  readonly onExchange: (exchange: Exchange) => void
}

/** Exchanges without an answer after which a connection is made anew. */
const UNANSWERED_MAX = 3

export class Lifecycle {
  private readonly parts: LifecycleParts
  private readonly watched = new Map<string, Watched>()
  private readonly stopping = new AbortController()
  private timer: NodeJS.Timeout | undefined

  constructor(parts: LifecycleParts) {
    this.parts = parts
  }

  start(): void {
    const { host, tickMs } = this.parts
    host.addEventListener('connection:open', ({ detail }) => this.greet(detail))
    host.addEventListener('peer:update', ({ detail }) => this.learn(detail.peer.id, detail.peer.protocols))
    this.timer = setInterval(() => this.tick(), tickMs)
    this.tick()
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    this.stopping.abort()
    await Promise.resolve()
  }

  states(): readonly ContactState[] {
    return this.parts.contacts().map((contact) => {
      const watched = this.watch(contact)
      const { since, failure, kind, lastExchange } = watched
      return { contact, state: this.stateOf(watched), kind, since, failure, lastExchange }
    })
  }

  /** The connected peers that may be asked, members or not. */
  connections(): readonly Connection[] {
    const seen = new Set<string>()
    return this.parts.host.getConnections().filter((connection) => {
      const peer = connection.remotePeer.toString()
      if (connection.status !== 'open' || seen.has(peer)) return false
      seen.add(peer)
      return true
    })
  }

  /** Exchanges heads with a peer now, if it is connected. */
  askNow(peer: string): void {
    const connection = this.connections().find(({ remotePeer }) => remotePeer.toString() === peer)
    if (connection !== undefined) void this.exchange(connection)
  }

  /** Asks a peer one thing now, if it is connected. */
  askThen(peer: string, use: (connection: Connection, signal: AbortSignal) => Promise<unknown>): void {
    const connection = this.connections().find(({ remotePeer }) => remotePeer.toString() === peer)
    if (connection !== undefined) use(connection, this.stopping.signal).catch(() => undefined)
  }

  disconnect(peer: string): void {
    this.parts.host.hangUp(peerIdFromString(peer)).catch(() => undefined)
  }

  private tick(): void {
    for (const contact of this.parts.contacts()) {
      const watched = this.watch(contact)
      const connected = this.connectionTo(contact.peer) !== undefined
      if (!connected && !watched.dialling && this.parts.clock.now() >= watched.nextDialAt)
        void this.dial(watched)
      if (connected) this.watchGossip(watched)
    }
    for (const connection of this.connections()) void this.exchange(connection)
  }

  private greet(connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const contact = this.parts.contacts().find((one) => one.peer === peer)
    if (contact !== undefined) {
      const watched = this.watch(contact)
      watched.since = this.parts.clock.now()
      watched.failure = undefined
      watched.backoffMs = REDIAL_MS
      watched.unanswered = 0
      if (connection.direction === 'outbound')
        this.parts.onConnected(contact.domain, connection.remoteAddr.toString())
    }
    void this.exchange(connection)
  }

  private learn(peer: PeerId, protocols: readonly string[]): void {
    const contact = this.parts.contacts().find((one) => one.peer === peer.toString())
    if (contact !== undefined) this.watch(contact).kind = kindOfPeer(this.parts.networkId, protocols)
  }

  private async exchange(connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString()
    const contact = this.parts.contacts().find((one) => one.peer === peer)
    const exchanged = await this.parts.exchange(connection, this.stopping.signal).catch(() => undefined)
    if (exchanged !== undefined) this.parts.onExchange(exchanged)
    if (contact === undefined) return
    const watched = this.watch(contact)
    watched.lastExchange = exchanged ?? watched.lastExchange
    watched.unanswered = exchanged === undefined ? watched.unanswered + 1 : 0
    if (watched.unanswered < UNANSWERED_MAX) return
    watched.unanswered = 0
    watched.failure = 'it is connected but does not answer'
    this.disconnect(peer)
  }

  private async dial(watched: Watched): Promise<void> {
    const { host, clock } = this.parts
    const { peer, addresses } = watched.contact
    watched.dialling = true
    const targets = addresses.map((address) =>
      multiaddr(address.includes('/p2p/') ? address : `${address}/p2p/${peer}`),
    )
    try {
      // By full address: dialling by id fails for ever once the library has forgotten the addresses.
      const signal = deadline(this.stopping.signal, DIAL_MS)
      await (targets.length > 0
        ? host.dial(targets, { signal })
        : host.dial(peerIdFromString(peer), { signal }))
    } catch (error) {
      watched.failure = whyNot(error)
      watched.nextDialAt = clock.now() + watched.backoffMs
      watched.backoffMs = Math.min(REDIAL_MAX_MS, watched.backoffMs * 2)
    } finally {
      watched.dialling = false
    }
  }

  /** Gossip between two peers can die while their connection lives; only a new connection heals it. */
  private watchGossip(watched: Watched): void {
    const { pubsub } = this.parts.host.services
    const gossips = pubsub.getPeers().some((peer) => peer.toString() === watched.contact.peer)
    watched.silentTicks = gossips ? 0 : watched.silentTicks + 1
    if (watched.silentTicks <= GOSSIP_SILENT_TICKS_MAX) return
    watched.silentTicks = 0
    watched.failure = 'its gossip had stopped; connecting anew'
    this.disconnect(watched.contact.peer)
  }

  private stateOf(watched: Watched): ContactState['state'] {
    if (this.parts.isBanned(watched.contact.peer)) return 'refused'
    if (this.connectionTo(watched.contact.peer) !== undefined) return 'connected'
    return watched.dialling ? 'dialling' : 'unreachable'
  }

  private connectionTo(peer: string): Connection | undefined {
    return this.parts.host
      .getConnections()
      .find((one) => one.remotePeer.toString() === peer && one.status === 'open')
  }

  private watch(contact: Contact): Watched {
    const known = this.watched.get(contact.peer)
    if (known !== undefined) {
      known.contact = contact
      return known
    }
    const watched: Watched = {
      contact,
      since: this.parts.clock.now(),
      failure: undefined,
      nextDialAt: 0,
      backoffMs: REDIAL_MS,
      dialling: false,
      silentTicks: 0,
      unanswered: 0,
      kind: 'unknown',
      lastExchange: undefined,
    }
    this.watched.set(contact.peer, watched)
    return watched
  }
}

/** One sentence for an operator; the library's own errors are nested and often mislead. */
function whyNot(error: unknown): string {
  const text =
    error instanceof Error ? `${error.name} ${error.message} ${String(error.cause ?? '')}` : String(error)
  const errors = error instanceof AggregateError ? error.errors.map(String).join(' ') : ''
  const all = `${text} ${errors}`
  if (/ECONNREFUSED/.test(all)) return 'nothing listens at its address'
  if (/Timeout|timed out|abort/i.test(all)) return 'no answer in time'
  if (/gater|denied/i.test(all)) return 'refused by this node'
  if (/ENETUNREACH|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN/.test(all))
    return 'its address cannot be reached from here'
  if (/Encryption|UnexpectedPeer/i.test(all)) return 'another node answers at its address'
  if (/NoValidAddresses|NotFound/i.test(all)) return 'no address is known'
  return 'the connection failed'
}
