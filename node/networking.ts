/** The network of a running node: how its parts are given to one another. */
import { events } from './events.ts'
import { native, verifyMany } from './keys/native.ts'
import { endOf } from './log/epochs.ts'
import { isOurs, nodeKeyOf } from './log/own-log.ts'
import { Network, type NetworkOptions } from './network.ts'
import type { Recovery } from './log/recovery.ts'
import type { NodeOptions } from './node.ts'
import { parseHttpListen } from './foreign-logs.ts'
import type { Opened } from './opening.ts'
import type { Clock } from './ports.ts'
import { banned, type RefusedInput } from './problems.ts'
import type { Exchange } from './sync/fetcher.ts'
import type { Witnessing } from './witness/witnessing.ts'

export type NetworkedNode = {
  readonly clock: Clock
  /** Whether entries of our own log may come from others. */
  readonly mayWriteOwn: () => boolean
  readonly mayShowOwn: () => boolean
  readonly recollecting: NetworkOptions['recollecting']
  readonly onExchange: (exchange: Exchange) => void
  readonly note: (refusal: RefusedInput) => void
}

export function networkOf(
  opened: Opened,
  { tickMs, onGrown }: Pick<NodeOptions, 'tickMs' | 'onGrown'>,
  { clock, mayWriteOwn, mayShowOwn, recollecting, onExchange, note }: NetworkedNode,
): Promise<Network> {
  const { charter, configuration, member, logs, evidence, cosigned, addresses, dayCounts } = opened
  return Network.create({
    primitives: native,
    verifyMany,
    clock,
    logs,
    evidence,
    cosigned,
    charter,
    dayCounts,
    ownOrigin: opened.origin,
    ownDomain: member.domain,
    nodeSeed: opened.keystore.nodeSeed(nodeKeyOf(opened)),
    listen: configuration.listen,
    announce: configuration.announce,
    bootstrap: configuration.bootstrap,
    mdns: configuration.mdns,
    tickMs,
    mayWriteOwn,
    mayShowOwn,
    recollecting,
    isOurs: (signed) => isOurs(opened, signed),
    endOf: (origin) => endOf(logs, origin),
    knownAddresses: (domain) => addresses.of(domain),
    witnessHttp: configuration.witness && parseHttpListen(configuration.witness.http.listen),
    events: {
      onGrown,
      onExchange,
      onConnected: (domain, address) => void addresses.learn(domain, address).catch(() => undefined),
      onRefused: note,
      onBan: (peer, reason) => note(banned(peer, reason)),
      onStop: events.capped,
    },
  })
}

/** What our own cosigners stated is asked for until our log is recovered; an observer has none. */
export function recollectingOf(
  { role, member }: Pick<Opened, 'role' | 'member'>,
  node: () => { readonly recovery: Recovery; readonly witnessing: Witnessing } | undefined,
): NetworkOptions['recollecting'] {
  return {
    domain: member.domain,
    isNeeded: () => role === 'member' && node()?.recovery.isRecovered() === false,
    heed: async (note) => node()?.witnessing.recollection.heedNote(note),
  }
}
