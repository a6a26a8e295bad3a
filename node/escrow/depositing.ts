/**
 * The owner's side: making a deposit of a part of ours and bringing it to its holders until each of them signed that it
 * has it. Spec 06 §15.
 *
 * Invariant: the deposit stands in the trail on disk before a byte of it leaves. The content key is forgotten once it is
 * split: what lies here waits for holders and opens for them alone.
 */
import { assert } from '../../protocol/assert.ts'
import { equal, printHex } from '../../protocol/bytes.ts'
import type { Escrow } from '../../protocol/access/escrow.ts'
import type { EscrowAnswer, EscrowMessage } from '../../protocol/access/escrow-message.ts'
import { printRelease } from '../../protocol/access/release.ts'
import { isSigned, parseAccess } from '../../protocol/access/signed.ts'
import { TIERS } from '../../protocol/codec/part.ts'
import type { Entry, Target } from '../../protocol/codec/statement.ts'
import { escrowInfo, shareDigest, shareInfo } from '../../protocol/sealing/escrowed.ts'
import { CONTENT_KEY_BYTES } from '../../protocol/sealing/sealed.ts'
import { hpkeSeal } from '../disclosure/hpke.ts'
import type { HeldPart } from '../disclosure/release.ts'
import { sealBytes } from '../disclosure/seal.ts'
import { stateAccess } from '../disclosure/statements.ts'
import { NodeError } from '../errors.ts'
import type { Operation } from '../ports.ts'
import { isOwed, type Deposit, type DepositHolder } from './deposits.ts'
import { splitKey } from './shares.ts'
import { boxKeyOf, domainOf, signatureOf } from './members.ts'
import { entryOf, later, nowOf, type Desk, type EscrowSettings } from './parts.ts'

/** A part of ours that goes into escrow. */
export type Deposited = {
  readonly on: Target
  readonly entry: Entry
  readonly tier: 'partner' | 'research'
  readonly part: HeldPart
}

/**
 * Signs and stores a deposit, with these rows in the same batch; it is brought to its holders when they are connected.
 * Throws NOT_CONFIRMED while the box key of a holder is not known.
 */
export async function makeDeposit(
  desk: Desk,
  what: Deposited,
  terms: Omit<EscrowSettings, 'tiers'>,
  beside: readonly Operation[] = [],
): Promise<Deposit> {
  const { primitives, random, charter, origin, signer, trail } = desk.parts
  const { on, entry, tier, part } = what
  const commitment = entry.statement.parts[TIERS.indexOf(tier)]
  assert(commitment !== undefined, 'an entry has three commitments')
  const network = charter.networkId
  const contentKey = random.bytes(CONTENT_KEY_BYTES)
  const info = escrowInfo({ network, on, tier, commitment })
  const release = printRelease({ kind: 'whole', ...part })
  const { ciphertext, offer } = sealBytes(primitives, info, contentKey, release)
  const shares = await splitKey(contentKey, terms.holders.length, terms.threshold)
  contentKey.fill(0)
  const holders = terms.holders.toSorted().map((domain, at) => {
    const [share, box] = [shares[at], boxKeyOf(desk.parts, domain)]
    assert(share !== undefined, 'a share for each holder')
    if (box === undefined)
      throw new NodeError('NOT_CONFIRMED', `no box key of ${domain} is known yet: its log is not held here`)
    return { domain, box, bytes: share, share: shareDigest(primitives, share) }
  })
  const statement: Escrow = {
    kind: 'escrow',
    network,
    at: nowOf(desk),
    owner: origin,
    on,
    tier,
    commitment,
    threshold: terms.threshold,
    afterDays: terms.afterDays,
    offer,
    holders: holders.map(({ domain, box, share }) => ({ domain, box, share })),
  }
  const { bytes: signed, id } = stateAccess(primitives, signer(), statement)
  const waiting: DepositHolder[] = []
  for (const { domain, box, bytes, share: digest } of holders) {
    const context = { info: shareInfo({ network, escrow: id, tier, holder: domain }), aad: digest }
    const share = await hpkeSeal(box, context, bytes)
    if (share === undefined)
      throw new NodeError('KEY_NOT_IN_FORCE', `nothing can be sealed to the box key of ${domain}`)
    waiting.push({ domain, state: 'waiting', share, ack: null, why: null, nextAt: 0, tries: 0 })
    bytes.fill(0)
  }
  const deposit: Deposit = { id, signed, isErased: false, holders: waiting }
  const rows = [desk.deposits.putCiphertext(id, ciphertext), ...beside]
  const facts = { tier, holders: terms.holders.toSorted() }
  await trail.append([entryOf(desk, id, 'deposited', signed, facts)], [desk.deposits.put(deposit), ...rows])
  return deposit
}

/** Brings deposits to their holders, as far as these are connected. One that is slow holds up nobody else. */
export async function bringDeposits(desk: Desk): Promise<void> {
  const byHolder = new Map<string, Uint8Array[]>()
  for (const id of desk.deposits.due(nowOf(desk))) {
    const one = await desk.deposits.get(id)
    for (const holder of one?.holders ?? []) {
      if (one === undefined || !isOwed(one, holder) || holder.nextAt > nowOf(desk)) continue
      byHolder.set(holder.domain, [...(byHolder.get(holder.domain) ?? []), id])
    }
  }
  await Promise.all(
    [...byHolder].map(async ([domain, ids]) => {
      for (const id of ids) if (!(await bring(desk, id, domain))) return
    }),
  )
}

/** One deposit to one holder; false where the holder has no time for us. */
async function bring(desk: Desk, id: Uint8Array, domain: string): Promise<boolean> {
  const talk = desk.parts.talk(domain)
  const one = await desk.deposits.get(id)
  const holder = one?.holders.find((other) => other.domain === domain)
  // Nothing was asked, so nothing is put off: it goes on as soon as the holder is there again.
  if (talk === undefined || one === undefined || holder === undefined) return false
  const message = messageTo(one, holder)
  const ciphertext = message.kind === 'deposit' ? await desk.deposits.ciphertext(id) : undefined
  const answer = await talk(message, ciphertext).catch(() => undefined)
  await desk.turns.take(printHex(id), () => heard(desk, id, domain, answer))
  return answer !== undefined && answer.kind !== 'wait'
}

function messageTo({ id, signed, isErased }: Deposit, { share }: DepositHolder): EscrowMessage {
  return isErased || share === null ? { kind: 'state', escrow: id } : { kind: 'deposit', signed, share }
}

/** What a holder answered. Only its signed word settles anything. */
async function heard(
  desk: Desk,
  id: Uint8Array,
  domain: string,
  answer: EscrowAnswer | undefined,
): Promise<void> {
  const one = await desk.deposits.get(id)
  const holder = one?.holders.find((other) => other.domain === domain)
  if (one === undefined || holder === undefined || !isOwed(one, holder)) return
  const { trail } = desk.parts
  const state = answer?.kind === 'kept' ? ackedState(desk, one, domain, answer.ack) : undefined
  if (answer?.kind === 'kept' && state !== undefined) {
    const next = withHolder(one, { ...holder, state, ack: answer.ack, share: null, why: null, tries: 0 })
    const rows = isAllHeld(next) ? [desk.deposits.dropCiphertext(id)] : []
    const entry = entryOf(desk, id, 'vouched', answer.ack, { holder: domain, state })
    await trail.append([entry], [desk.deposits.put(next), ...rows])
    return
  }
  const put = (changes: Partial<DepositHolder>) =>
    trail.append(
      [],
      [desk.deposits.put(withHolder(one, { ...holder, ...later(desk, holder.tries), ...changes }))],
    )
  if (answer?.kind !== 'refused') return put({})
  // It never had it, so there is nothing that it could delete.
  if (one.isErased && answer.reason === 'unknown-deposit') return put({ state: 'none', why: null })
  return put({ state: one.isErased ? holder.state : 'refused', why: answer.reason })
}

/** What a holder says it did, where it is that holder's word about this deposit. */
function ackedState(
  desk: Desk,
  { id }: Deposit,
  domain: string,
  bytes: Uint8Array,
): 'held' | 'erased' | undefined {
  const ack = parseAccess(bytes)
  if (!ack.ok || !isSigned(ack.value, 'escrow-ack')) return undefined
  const { escrow, from, network, state } = ack.value.statement
  if (!equal(escrow, id) || domainOf(from) !== domain || network !== desk.parts.charter.networkId)
    return undefined
  return signatureOf(desk.parts, from, ack.value) === 'good' ? state : undefined
}

function withHolder(one: Deposit, changed: DepositHolder): Deposit {
  return {
    ...one,
    holders: one.holders.map((holder) => (holder.domain === changed.domain ? changed : holder)),
  }
}

function isAllHeld({ holders }: Deposit): boolean {
  return holders.every(({ state }) => state === 'held' || state === 'erased')
}
