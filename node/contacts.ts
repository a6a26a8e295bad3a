/** Whose nodes are dialled, and where: what a charter, the logs and what was learnt on the way say together. */
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { parties, type CharterState } from '../protocol/governance/charter.ts'
import type { PublicKey } from '../protocol/identity/key.ts'
import { keysInForce } from '../protocol/identity/keystate.ts'
import { openLogOf } from './log/epochs.ts'
import type { Contact } from './net/lifecycle.ts'
import type { Logs } from './store/logs.ts'

export type ContactsParts = {
  readonly charter: CharterState
  readonly logs: Logs
  readonly ownDomain: string
  readonly knownAddresses: (domain: string) => readonly string[]
}

/**
 * Members and affiliates of the charter whose node is known, by the keys their open logs declare and, before they are held, by their
 * descriptors. A member that rotates its node key has two contacts until it retires the old one.
 */
export function contactsOf({ charter, logs, ownDomain, knownAddresses }: ContactsParts): readonly Contact[] {
  return parties(charter).flatMap(({ domain }): readonly Contact[] => {
    if (domain === ownDomain) return []
    const descriptor = charter.descriptors.find((one) => one.domain === domain)
    const declared = openLogOf(logs, domain)?.keys
    const inForce = declared === undefined ? [] : keysInForce(declared, 'node', Number.MAX_SAFE_INTEGER)
    const keys = inForce.length > 0 ? inForce.map(({ key }) => key) : [descriptor?.node]
    const addresses = [...new Set([...(descriptor?.addresses ?? []), ...knownAddresses(domain)])]
    return keys.flatMap((key) => (key === undefined ? [] : [{ domain, peer: peerOf(key), addresses }]))
  })
}

export function peerOf(key: PublicKey): string {
  return peerIdFromPublicKey(publicKeyFromRaw(key)).toString()
}
