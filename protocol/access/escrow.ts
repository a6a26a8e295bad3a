/**
 * Escrow of a restricted part: a member gives the sealed part to others and to each of them one share of its content
 * key, so that k of n of them can open it once the member has fallen silent. Spec 06 §15.
 *
 * The deposit is the owner's word: what is held, for how long the owner has to be silent, who holds a share, and by
 * its digest which. So an altered share shows before it can make a wrong key.
 */
import type { Value } from '../codec/cbor.ts'
import type { Tier } from '../codec/part.ts'
import { printTarget, type Target } from '../codec/statement.ts'
import { hasKeys, isCount, isList, type MapValue } from '../codec/value.ts'
import { ESCROW_DAYS_MAX, ESCROW_DAYS_MIN, ESCROW_HOLDERS_MAX, ESCROW_THRESHOLD_MIN } from '../limits.ts'
import { isDomain, parseOrigin } from '../log/checkpoint.ts'
import { fault, ok, type Result } from '../result.ts'
import type { SealOffer } from '../sealing/sealed.ts'
import { commonOf, hashOf, originOf, targetOf, textOf, tierOf, type Common } from './fields.ts'
import { offerOf } from './message.ts'

export type EscrowHolder = {
  readonly domain: string
  /** The box key that the share is sealed to. */
  readonly box: Uint8Array
  /** Digest of the share (`shareDigest`). */
  readonly share: Uint8Array
}

/** A deposit. */
export type Escrow = Common & {
  readonly kind: 'escrow'
  /** The open log of the owner. */
  readonly owner: string
  readonly on: Target
  /** Partner or research. */
  readonly tier: Tier
  /** The commitment of that entry for this tier. */
  readonly commitment: Uint8Array
  /** Shares that open it: 2 to the number of holders. */
  readonly threshold: number
  /** Days for which the owner has to be silent before a holder releases its share. */
  readonly afterDays: number
  readonly offer: SealOffer
  /** In the order of their domains, none twice, never the owner. */
  readonly holders: readonly EscrowHolder[]
}

type OfHolder = Common & {
  /** The open log of the holder. */
  readonly from: string
  /** Id of the deposit. */
  readonly escrow: Uint8Array
}

/** A holder's word that it keeps its share and the ciphertext, or that it deleted both. */
export type EscrowAck = OfHolder & { readonly kind: 'escrow-ack'; readonly state: 'held' | 'erased' }

/** A holder asks the others for their shares. */
export type EscrowRecall = OfHolder & {
  readonly kind: 'escrow-recall'
  /** The node that fetches them, and the box key that they are to be sealed to. */
  readonly peer: Uint8Array
  readonly box: Uint8Array
  readonly reason: string
}

/** A holder's word that it gives its share to whoever made this recall. */
export type EscrowRelease = OfHolder & {
  readonly kind: 'escrow-release'
  readonly recall: Uint8Array
  /** Digest of the share. */
  readonly share: Uint8Array
  readonly reason: string
}

export type EscrowFault =
  'escrow-shape' | 'escrow-holders' | 'escrow-ack-shape' | 'escrow-recall-shape' | 'escrow-release-shape'

const DEPOSIT_KEYS = ['owner', 'on', 'tier', 'commitment', 'threshold', 'afterDays', 'offer', 'holders']
const COMMON_KEYS = ['v', 'kind', 'network', 'at']
const HOLDER_KEYS = [...COMMON_KEYS, 'from', 'escrow']

export function printEscrow({ on, offer, holders, ...rest }: Escrow): Value {
  return {
    ...rest,
    v: 1,
    on: printTarget(on),
    offer: [offer.ciphertext, offer.length, offer.keyCommitment],
    holders: holders.map(({ domain, box, share }) => [domain, box, share]),
  }
}

export function printOfHolder(statement: EscrowAck | EscrowRecall | EscrowRelease): Value {
  return { ...statement, v: 1 }
}

export function readEscrow(value: MapValue): Result<Escrow, EscrowFault> {
  const common = commonOf(value)
  if (common === undefined || !hasKeys(value, ...COMMON_KEYS, ...DEPOSIT_KEYS)) return fault('escrow-shape')
  const [owner, on] = [originOf(value['owner'], common.network), targetOf(value['on'], common.network)]
  const [tier, commitment] = [tierOf(value['tier']), hashOf(value['commitment'])]
  const { threshold, afterDays } = value
  const offer = offerOf(value['offer'])
  if (owner === undefined || on === undefined || commitment === undefined) return fault('escrow-shape')
  if (tier === undefined || tier === 'public' || offer === undefined) return fault('escrow-shape')
  if (!isCount(afterDays) || afterDays < ESCROW_DAYS_MIN || afterDays > ESCROW_DAYS_MAX)
    return fault('escrow-shape')
  const holders = holdersOf(value['holders'], owner)
  if (holders === undefined || !isCount(threshold)) return fault('escrow-holders')
  if (threshold < ESCROW_THRESHOLD_MIN || threshold > holders.length) return fault('escrow-holders')
  const what = { owner, on, tier, commitment, threshold, afterDays, offer, holders }
  return ok({ kind: 'escrow', ...common, ...what })
}

export function readEscrowAck(value: MapValue): Result<EscrowAck, EscrowFault> {
  const holder = ofHolder(value)
  const state = ACK_STATES.find((one) => one === value['state'])
  if (holder === undefined || state === undefined || !hasKeys(value, ...HOLDER_KEYS, 'state'))
    return fault('escrow-ack-shape')
  return ok({ kind: 'escrow-ack', ...holder, state })
}

export function readEscrowRecall(value: MapValue): Result<EscrowRecall, EscrowFault> {
  const holder = ofHolder(value)
  const [peer, box, reason] = [hashOf(value['peer']), hashOf(value['box']), textOf(value['reason'])]
  if (holder === undefined || !hasKeys(value, ...HOLDER_KEYS, 'peer', 'box', 'reason'))
    return fault('escrow-recall-shape')
  if (peer === undefined || box === undefined || reason === undefined) return fault('escrow-recall-shape')
  return ok({ kind: 'escrow-recall', ...holder, peer, box, reason })
}

export function readEscrowRelease(value: MapValue): Result<EscrowRelease, EscrowFault> {
  const holder = ofHolder(value)
  const [recall, share, reason] = [hashOf(value['recall']), hashOf(value['share']), textOf(value['reason'])]
  if (holder === undefined || !hasKeys(value, ...HOLDER_KEYS, 'recall', 'share', 'reason'))
    return fault('escrow-release-shape')
  if (recall === undefined || share === undefined || reason === undefined)
    return fault('escrow-release-shape')
  return ok({ kind: 'escrow-release', ...holder, recall, share, reason })
}

const ACK_STATES: readonly EscrowAck['state'][] = ['held', 'erased']

function ofHolder(value: MapValue): OfHolder | undefined {
  const common = commonOf(value)
  if (common === undefined) return undefined
  const [from, escrow] = [originOf(value['from'], common.network), hashOf(value['escrow'])]
  return from === undefined || escrow === undefined ? undefined : { ...common, from, escrow }
}

function holdersOf(value: Value | undefined, owner: string): readonly EscrowHolder[] | undefined {
  if (!isList(value) || value.length > ESCROW_HOLDERS_MAX) return undefined
  const holders = value.map(holderOf).filter((one) => one !== undefined)
  if (holders.length !== value.length) return undefined
  const own = parseOrigin(owner)
  const isOrdered = holders.every(({ domain }, at) => {
    const before = holders[at - 1]?.domain
    return (before === undefined || before < domain) && !(own.ok && own.value.domain === domain)
  })
  return isOrdered ? holders : undefined
}

function holderOf(value: Value): EscrowHolder | undefined {
  if (!isList(value) || value.length !== 3) return undefined
  const [domain, key, digest] = value
  const [box, share] = [hashOf(key), hashOf(digest)]
  if (typeof domain !== 'string' || !isDomain(domain)) return undefined
  return box === undefined || share === undefined ? undefined : { domain, box, share }
}
