/** A holder and readers of data sets: real libp2p hosts on loopback, real vaults on disk, grants as a test says. */
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { randomBytes } from 'node:crypto'
import type { Copy } from '../../node/dataset/copy.ts'
import type { DataSets, GrantedFile } from '../../node/dataset/data-sets.ts'
import { fetchFile, type FetchEnd, type FetchParts } from '../../node/dataset/fetching.ts'
import type { OwnHead } from '../../node/dataset/head.ts'
import { blobPorts, type ServingParts } from '../../node/dataset/serving.ts'
import { blobHandler, type BlobServed } from '../../node/net/handlers/blob.ts'
import type { Host } from '../../node/net/host.ts'
import { BLOB_PEER_STREAMS_MAX } from '../../node/net/limits.ts'
import { Peers } from '../../node/net/peers.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { startRawPeer, type RawPeer } from './raw-peer.ts'
import { counting, NETWORK_ID } from './statements.ts'

export const BLOB = protocolsOf(NETWORK_ID).blob
export const GRANT = counting(32, 0x40)

/** Grants of the test: who may have what, until when. */
export type TestGrant = { peer: string; roots: readonly Uint8Array[]; until: number }

export type Holder = {
  readonly peer: RawPeer
  readonly peers: Peers
  readonly grants: Map<string, TestGrant>
  readonly served: BlobServed[]
  /** How often the right to have something was asked. */
  asked: number
  /** What `record` throws, if anything. */
  failing: Error | undefined
  readonly address: string
}

type HolderParts = Partial<Pick<ServingParts, 'authorise' | 'record' | 'confirm'>> & {
  readonly frameMs?: number
}

/** Grants as the test says, unless another authority is given; `frameMs` as the handler has it. */
export async function startHolder(
  sets: DataSets,
  { frameMs, authorise, record, confirm = () => Promise.resolve(true) }: HolderParts = {},
): Promise<Holder> {
  const peer = await startRawPeer(randomBytes(32), NETWORK_ID, ['/ip4/127.0.0.1/tcp/0'])
  // Time stands still here: the right to a file is asked again after so many blocks, not because a machine is slow.
  const clock = { now: () => 0 }
  const peers = new Peers(clock, () => undefined)
  const [address = ''] = peer.host.getMultiaddrs().map(String)
  const holder: Holder = {
    peer,
    peers,
    grants: new Map(),
    served: [],
    asked: 0,
    failing: undefined,
    address,
  }
  const ports = blobPorts({
    sets,
    clock,
    authorise: (grant, remotePeer, now) => {
      holder.asked += 1
      if (authorise !== undefined) return authorise(grant, remotePeer, now)
      const found = holder.grants.get(Buffer.from(grant).toString('hex'))
      if (found?.peer !== remotePeer || now >= found.until) return Promise.resolve({ allowed: false })
      return Promise.resolve({ allowed: true, roots: found.roots })
    },
    record: (served) => {
      if (holder.failing !== undefined) return Promise.reject(holder.failing)
      holder.served.push(served)
      return record?.(served) ?? Promise.resolve()
    },
    confirm: (confirmed, remotePeer) => confirm(confirmed, remotePeer),
  })
  const { signal } = new AbortController()
  const patience = frameMs === undefined ? {} : { frameMs }
  const handler = blobHandler({ ports, peers, clock, signal, ...patience })
  await peer.host.handle(BLOB, handler, { maxInboundStreams: BLOB_PEER_STREAMS_MAX })
  return holder
}

export function grantTo(
  holder: Holder,
  peer: string,
  roots: readonly Uint8Array[],
  until = Infinity,
): TestGrant {
  const grant = { peer, roots, until }
  holder.grants.set(Buffer.from(GRANT).toString('hex'), grant)
  return grant
}

export function startReader(seed: Uint8Array = randomBytes(32)): Promise<RawPeer> {
  return startRawPeer(seed, NETWORK_ID)
}

export function connect(from: Host, address: string): Promise<Connection> {
  return from.dial(multiaddr(address), { signal: AbortSignal.timeout(5_000) })
}

export function grantedOf({ head }: Copy<OwnHead>, grant: Uint8Array = GRANT): GrantedFile {
  const { path, root, bytes, contentKey } = head
  return { path, root, bytes, contentKey, grant }
}

/** Fetches once; whatever the end, what was verified is kept. */
export async function fetchOnce(
  sets: DataSets,
  file: GrantedFile,
  connection: Connection,
  more: Partial<Pick<FetchParts, 'signal' | 'onBlock'>> = {},
): Promise<FetchEnd> {
  const receiving = await sets.receive(file)
  const signal = more.signal ?? AbortSignal.timeout(60_000)
  const parts = { connection, protocol: BLOB, receiving, ...more, signal }
  try {
    return await fetchFile(parts)
  } finally {
    await receiving.close()
  }
}
