/**
 * The libp2p host: TCP, Noise, Yamux, identify, ping, kad-dht under the network's own prefix, gossipsub,
 * bootstrap and mDNS. Several library defaults break a small long-lived federation; each is set here, with its
 * reason. Gossip is a hint and the DHT a convenience: neither is trusted, and nothing rests on them.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { bootstrap } from '@libp2p/bootstrap'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { gossipsub, StrictNoSign, type GossipSub, type GossipsubOpts, type Message } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { mdns } from '@libp2p/mdns'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { createHash } from 'node:crypto'
import { NEWS_BYTES_MAX } from '../../protocol/limits.ts'
import { NodeError } from '../errors.ts'
import {
  CONNECTIONS_MAX,
  DIAL_MS,
  GOSSIP_OUTBOUND_BYTES_MAX,
  INBOUND_STREAMS_MAX,
  PENDING_CONNECTIONS_MAX,
  STREAM_READ_BUFFER_BYTES,
  STREAM_WINDOW_BYTES,
  STREAM_WRITE_BUFFER_BYTES,
  UPGRADE_MS,
} from './limits.ts'
import type { ProtocolTable } from './protocols.ts'

export type HostOptions = {
  /** Ed25519 seed of the node key, 32 bytes. */
  readonly seed: Uint8Array
  readonly protocols: ProtocolTable
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly bootstrap: readonly string[]
  readonly mdns: boolean
  readonly isRefused: (peer: PeerId) => boolean
  /** −100 to 100; gossip asks for it when it weighs a peer. */
  readonly scoreOf: (peer: string) => number
}

export type Host = Libp2p<{ pubsub: GossipSub }>

export async function createHost(options: HostOptions): Promise<Host> {
  const { seed, protocols, listen, announce } = options
  const privateKey = await generateKeyPairFromSeed('Ed25519', seed)
  return createLibp2p({
    privateKey,
    start: false,
    nodeInfo: { userAgent: 'candor' },
    addresses: { listen: [...listen], announce: [...announce] },
    transports: [tcp({ backlog: PENDING_CONNECTIONS_MAX })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux(MUXER)],
    connectionGater: gaterOf(options.isRefused),
    connectionManager: {
      maxConnections: CONNECTIONS_MAX,
      maxIncomingPendingConnections: PENDING_CONNECTIONS_MAX,
      inboundConnectionThreshold: PENDING_CONNECTIONS_MAX,
      inboundUpgradeTimeout: UPGRADE_MS,
      dialTimeout: DIAL_MS,
    },
    // It aborts healthy connections while either side is busy; the frontier exchange is our heartbeat.
    connectionMonitor: { enabled: false },
    // Addresses that expire make a member unreachable for ever: merging a known one keeps its old age.
    peerStore: { maxAddressAge: Infinity, maxPeerAge: Infinity },
    peerDiscovery: discoveryOf(options),
    services: {
      identify: identify({ protocolPrefix: protocols.prefix }),
      ping: ping({ protocolPrefix: protocols.prefix }),
      dht: kadDHT({ protocol: protocols.kad, clientMode: false, peerInfoMapper: passthroughMapper }),
      pubsub: gossipsub(gossipOptions(options)),
    },
  })
}

/** Starts the host. A port that another program holds is named. */
export async function startHost(host: Host, listen: readonly string[]): Promise<void> {
  try {
    await host.start()
  } catch (error) {
    const text = error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error)
    if (/EADDRINUSE|valid addresses|listen on any/i.test(text)) {
      throw new NodeError(
        'PORT_BUSY',
        `cannot listen on ${listen.join(', ')}: the port is taken or the address is not ours`,
        {
          cause: error,
          fix: 'candor up --listen /ip4/0.0.0.0/tcp/PORT',
        },
      )
    }
    throw error
  }
}

const MUXER = {
  maxInboundStreams: INBOUND_STREAMS_MAX * 16,
  streamOptions: {
    maxStreamWindowSize: STREAM_WINDOW_BYTES,
    maxReadBufferLength: STREAM_READ_BUFFER_BYTES,
    maxWriteBufferLength: STREAM_WRITE_BUFFER_BYTES,
  },
}

function gaterOf(isRefused: (peer: PeerId) => boolean): ConnectionGater {
  return {
    denyDialPeer: (peer) => isRefused(peer),
    denyInboundEncryptedConnection: (peer) => isRefused(peer),
    denyOutboundEncryptedConnection: (peer) => isRefused(peer),
  }
}

function discoveryOf(options: HostOptions) {
  const found = []
  if (options.bootstrap.length > 0) found.push(bootstrap({ list: [...options.bootstrap] }))
  if (options.mdns) found.push(mdns({ serviceTag: `candor-${options.protocols.kad.slice(8, 16)}.local` }))
  return found
}

function gossipOptions(options: HostOptions): Partial<GossipsubOpts> {
  const { protocols, scoreOf } = options
  return {
    // Statements carry their own signatures; the library's would name the author at the wrong layer.
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: (message: Message) => createHash('sha256').update(message.data).digest().subarray(0, 20),
    emitSelf: false,
    doPX: false,
    fallbackToFloodsub: false,
    allowPublishToZeroTopicPeers: true,
    allowedTopics: [protocols.heads],
    // One message above the bound ends gossip between two peers for good, so it is checked before publishing too.
    maxInboundDataLength: NEWS_BYTES_MAX + 4_096,
    maxOutboundBufferSize: GOSSIP_OUTBOUND_BYTES_MAX,
    heartbeatInterval: 700,
    scoreParams: {
      // Members behind one address are a company's cloud, not an attack.
      IPColocationFactorWeight: 0,
      appSpecificScore: scoreOf,
      appSpecificWeight: 10,
      // Without a topic's parameters a rejected message costs its sender nothing.
      topics: { [protocols.heads]: TOPIC_SCORE },
    },
  }
}

/** Penalties for few messages are off: a quiet topic is normal here. */
const TOPIC_SCORE = {
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 1,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 20,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.9,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 1_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.9,
  invalidMessageDeliveriesWeight: -20,
  invalidMessageDeliveriesDecay: 0.97,
}
