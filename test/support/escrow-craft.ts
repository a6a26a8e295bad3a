/** Deposits as anybody can make them, right ones and wrong ones. */
import type { Escrow as Deposit, EscrowHolder } from '../../protocol/access/escrow.ts'
import { printRelease, type Release } from '../../protocol/access/release.ts'
import { TIERS } from '../../protocol/codec/part.ts'
import { escrowInfo, shareDigest, shareInfo } from '../../protocol/sealing/escrowed.ts'
import { hpkeSeal } from '../../node/disclosure/hpke.ts'
import { sealBytes } from '../../node/disclosure/seal.ts'
import { stateAccess } from '../../node/disclosure/statements.ts'
import type { Deposited } from '../../node/escrow/depositing.ts'
import type { EscrowSettings } from '../../node/escrow/parts.ts'
import { splitKey } from '../../node/escrow/shares.ts'
import { native } from '../../node/keys/native.ts'
import { systemRandom } from '../../node/keys/random.ts'
import type { Signer } from '../../node/ports.ts'
import { NOW, type Parties } from './parties.ts'

export const SECONDS = NOW / 1_000
export const DAY = 86_400

export const SETTINGS: EscrowSettings = {
  threshold: 3,
  holders: ['b.example', 'c.example', 'd.example', 'e.example'],
  afterDays: 90,
  tiers: ['partner', 'research'],
}

/** A deposit as anybody could make it, with the share of each holder sealed to it. */
export type Crafted = {
  readonly id: Uint8Array
  readonly signed: Uint8Array
  readonly statement: Deposit
  readonly ciphertext: Uint8Array
  readonly shares: readonly Uint8Array[]
  readonly sealed: readonly Uint8Array[]
}

/** What else may be wrong with a deposit than its words: what it opens to, its shares, who signs it. */
export type Wrong = {
  readonly release?: Release
  readonly shares?: (good: readonly Uint8Array[]) => readonly Uint8Array[]
  readonly signer?: Signer
}

/** A good deposit of this part by the first of these parties, with these changes. */
export async function craftDeposit(
  parties: Parties,
  what: Deposited,
  changes: Partial<Deposit>,
  { release, shares, signer }: Wrong,
): Promise<Crafted> {
  const { keystore, origin } = parties.party(0)
  const tier = changes.tier ?? what.tier
  const commitment = changes.commitment ?? what.entry.statement.parts[TIERS.indexOf(tier)]
  if (commitment === undefined) throw new Error('bug: an entry has three parts')
  const network = changes.network ?? parties.charter.networkId
  const on = changes.on ?? what.on
  const contentKey = systemRandom.bytes(32)
  const info = escrowInfo({ network, on, tier, commitment })
  const bytes = printRelease(release ?? { kind: 'whole', ...what.part })
  const { ciphertext, offer } = sealBytes(native, info, contentKey, bytes)
  const threshold = changes.threshold ?? 3
  const good = await splitKey(contentKey, 4, threshold)
  const given = shares?.(good) ?? good
  const holders = SETTINGS.holders.map((domain, at): EscrowHolder => {
    const share = shareDigest(native, given[at] ?? new Uint8Array(33))
    return { domain, box: parties.party(at + 1).box, share }
  })
  const statement: Deposit = {
    kind: 'escrow',
    network,
    at: SECONDS,
    owner: origin,
    on,
    tier,
    commitment,
    threshold,
    afterDays: 90,
    offer,
    holders,
    ...changes,
  }
  const { bytes: signed, id } = stateAccess(native, signer ?? keystore.signer('statement'), statement)
  const sealed: Uint8Array[] = []
  for (const [at, { domain, box, share }] of holders.entries()) {
    const context = { info: shareInfo({ network, escrow: id, tier, holder: domain }), aad: share }
    sealed.push((await hpkeSeal(box, context, given[at] ?? new Uint8Array(33))) ?? new Uint8Array(81))
  }
  return { id, signed, statement, ciphertext, shares: given, sealed }
}

/** The share of this holder, sealed anew for what a crafted deposit says of it. */
export async function resealed({ statement, id, shares }: Crafted, at: number): Promise<Uint8Array> {
  const [holder, share] = [statement.holders[at], shares[at]]
  if (holder === undefined || share === undefined) throw new Error('bug: no such holder')
  const { network, tier } = statement
  const info = shareInfo({ network, escrow: id, tier, holder: holder.domain })
  const sealed = await hpkeSeal(holder.box, { info, aad: holder.share }, share)
  if (sealed === undefined) throw new Error('bug: a box key of the test')
  return sealed
}
