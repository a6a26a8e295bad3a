/** A bare host that says whatever a test wants: with a member's node key, or a stranger's. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { parseRequest, printAnswer, type Answer } from '../../protocol/sync/message.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { Frames } from '../../node/net/framing.ts'
import { createHost, startHost, type Host } from '../../node/net/host.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import type { Home } from '../../node/home.ts'
import type { SignedLeaf } from './signed-log.ts'

export type RawPeer = {
  readonly host: Host
  readonly id: string
  /** Opens a stream of this protocol to a node of the test. */
  readonly open: (port: number, peer: string, protocol: string) => Promise<Stream>
  readonly stop: () => Promise<void>
}

export async function startRawPeer(
  seed: Uint8Array,
  networkId: string,
  listen: readonly string[] = [],
): Promise<RawPeer> {
  const host = await createHost({
    seed,
    protocols: protocolsOf(networkId),
    listen,
    announce: [],
    bootstrap: [],
    mdns: false,
    isRefused: () => false,
    scoreOf: () => 0,
  })
  await startHost(host, listen)
  const open = async (port: number, peer: string, protocol: string) => {
    const connection: Connection = await host.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${peer}`), {
      signal: AbortSignal.timeout(5_000),
    })
    return connection.newStream(protocol, { signal: AbortSignal.timeout(5_000) })
  }
  return { host, id: host.peerId.toString(), open, stop: async () => host.stop() }
}

export function nodeSeedOf(home: Home): Uint8Array {
  return Keystore.open(home.keys, undefined).nodeSeed()
}

/**
 * Answers `sync/1` with one log: this head, which may grow, and these leaves in one chunk. `seen`: of the asker's own log. `afterMs`:
 * how long it takes for an answer to begin.
 */
export async function serveLog(
  peer: RawPeer,
  networkId: string,
  note: Uint8Array | (() => Uint8Array),
  leaves: readonly SignedLeaf[],
  { seen = null, afterMs = 0 }: { seen?: Uint8Array | null; afterMs?: number } = {},
): Promise<void> {
  await peer.host.handle(protocolsOf(networkId).sync, async (stream) => {
    const frames = new Frames(stream)
    const signal = AbortSignal.timeout(10_000)
    const say = (answer: Answer) => frames.write(printAnswer(answer), signal)
    try {
      const read = parseRequest((await frames.read(4_096, signal)) ?? new Uint8Array(0))
      if (!read.ok) return
      const { value: request } = read
      await sleep(afterMs)
      if (request.t === 'frontier')
        await say({
          t: 'heads',
          same: false,
          notes: [typeof note === 'function' ? note() : note],
          seen,
          struck: [],
          cosigned: new Uint8Array(32),
        })
      else if (request.t === 'range') {
        const given = leaves.slice(0, request.size)
        const [entries, parts] = [given.map(({ bytes }) => bytes), given.map(({ part }) => part)]
        await say({ t: 'entries', chunk: { from: 0, entries, parts, proof: [] } })
      }
      await say({ t: 'end', reason: 'done' })
      await frames.end(signal)
    } catch {
      // The honest side had enough.
    }
  })
}
