/** Every protocol id and topic of a network, in one table. All carry the network id: another network has other words. */

const PREFIX = '/candor'

export type ProtocolTable = {
  readonly sync: string
  readonly witness: string
  readonly access: string
  /** Deposits of parts with other members, and the shares of them. */
  readonly escrow: string
  /** Blocks of granted data sets. */
  readonly blob: string
  /** kad-dht of this network only. */
  readonly kad: string
  /** identify, ping and gossipsub say `/<prefix>/…`. */
  readonly prefix: string
  readonly heads: string
}

/** The version of `sync` that this program speaks. */
export const SYNC_VERSION = 1

export function protocolsOf(networkId: string): ProtocolTable {
  return {
    sync: `${PREFIX}/${networkId}/sync/${SYNC_VERSION}`,
    witness: `${PREFIX}/${networkId}/witness/1`,
    access: `${PREFIX}/${networkId}/access/1`,
    escrow: `${PREFIX}/${networkId}/escrow/1`,
    blob: `${PREFIX}/${networkId}/blob/1`,
    kad: `${PREFIX}/${networkId}/kad/1.0.0`,
    prefix: 'candor',
    heads: `candor/${networkId}/heads`,
  }
}

/** What a peer's list of protocols says about it: one of ours, of another network, of a newer program, or neither. */
export function kindOfPeer(networkId: string, protocols: readonly string[]): PeerKind {
  const spoken = protocols.flatMap((protocol) => {
    const found = /^\/candor\/([a-z2-7]{52})\/sync\/(\d{1,6})$/.exec(protocol)
    return found === null ? [] : [{ network: found[1], version: Number(found[2]) }]
  })
  const ours = spoken.filter(({ network }) => network === networkId)
  if (ours.some(({ version }) => version === SYNC_VERSION)) return 'same-protocol'
  if (ours.some(({ version }) => version > SYNC_VERSION)) return 'newer-protocol'
  return spoken.length > 0 ? 'another-network' : 'unknown'
}

export type PeerKind = 'same-protocol' | 'newer-protocol' | 'another-network' | 'unknown'
