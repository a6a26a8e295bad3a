/** What writes the logs of others, given the parts of a network: the verifier, and the fetcher that feeds it. */
import { rootKeyOf, speakerOf } from '../protocol/governance/charter.ts'
import { protocolsOf } from './net/protocols.ts'
import type { Peers } from './net/peers.ts'
import type { NetworkOptions } from './network.ts'
import { DailyIntake } from './sync/daily.ts'
import { Fetcher, type FetcherParts } from './sync/fetcher.ts'
import { Verifier } from './sync/verifier.ts'

export function verifierOf(options: NetworkOptions): Verifier {
  const {
    primitives,
    clock,
    logs,
    evidence,
    cosigned,
    charter,
    dayCounts,
    ownOrigin,
    verifyMany,
    endOf,
    events,
  } = options
  return new Verifier({
    primitives,
    logs,
    verifyMany,
    rootKeyOf: (origin) => rootKeyOf(charter, origin),
    evidence,
    daily: new DailyIntake({
      counts: dayCounts,
      clock,
      ownOrigin,
      confirmedSize: (origin) => cosigned.confirmedSize(origin),
      onStop: events.onStop,
    }),
    ownOrigin,
    mayWrite: (origin) => origin !== ownOrigin || options.mayWriteOwn(),
    endOf,
    onGrown: events.onGrown,
  })
}

export function fetcherOf(
  options: NetworkOptions,
  verifier: Verifier,
  peers: Peers,
  onRefused: FetcherParts['onRefused'],
): Fetcher {
  const {
    primitives,
    clock,
    logs,
    evidence,
    cosigned,
    recollecting,
    charter,
    ownOrigin,
    isOurs,
    endOf,
    events,
  } = options
  return new Fetcher({
    primitives,
    clock,
    logs,
    evidence,
    cosigned,
    recollecting,
    verifier,
    peers,
    protocol: protocolsOf(charter.networkId).sync,
    isMember: (origin) => speakerOf(charter, origin) !== undefined,
    own: { origin: ownOrigin, isOurs },
    endOf,
    onRefused,
    onForged: events.onRefused,
  })
}
