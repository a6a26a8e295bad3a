/**
 * The holder's side: taking a deposit in. Nothing is believed of it that is not checked here: who brings it and who signed
 * it, that the entry is in our copy of the owner's log and committed to just that, that our share opens and is the one
 * that is named, that the ciphertext is. Spec 06 §15.
 */
import { equal, printHex } from '../../protocol/bytes.ts'
import type { Escrow } from '../../protocol/access/escrow.ts'
import { depositRefusal, type DepositFacts } from '../../protocol/access/escrow-rules.ts'
import { accessId, isSigned, parseAccess, type Signed } from '../../protocol/access/signed.ts'
import { TIERS } from '../../protocol/codec/part.ts'
import { standingOf } from '../../protocol/governance/standing.ts'
import { shareDigest, shareInfo } from '../../protocol/sealing/escrowed.ts'
import { changesOf } from '../disclosure/changes.ts'
import { hpkeOpen } from '../disclosure/hpke.ts'
import { isOffered } from '../disclosure/seal.ts'
import { stateAccess } from '../disclosure/statements.ts'
import { isErasing } from '../store/forgetting.ts'
import { escrowIn } from './deposits.ts'
import { NEWLY_KEPT, type Kept } from './kept.ts'
import { domainOf, entryAt, hasKey, isOpenLog, signatureOf } from './members.ts'
import { entryOf, nowOf, refused, WAIT, type Desk, type EscrowAnswered } from './parts.ts'

type Brought = { readonly id: Uint8Array; readonly signed: Signed<Escrow>; readonly peer: Uint8Array }

/** Answers to a deposit, whether it is new or was taken in before. `peer` is the key that the connection proved. */
export function takeDeposit(
  desk: Desk,
  message: { readonly signed: Uint8Array; readonly share: Uint8Array },
  peer: Uint8Array,
): Promise<EscrowAnswered> {
  const read = parseAccess(message.signed)
  if (!read.ok) return Promise.resolve(refused('malformed', read.fault))
  const { value: signed } = read
  if (!isSigned(signed, 'escrow')) return Promise.resolve(refused('malformed', 'no deposit'))
  const brought = { id: accessId(desk.parts.primitives, signed), signed, peer }
  return inTurn(desk, brought, async () => {
    const known = await desk.kept.get(brought.id)
    if (known !== undefined) return ackFor(desk, known, peer)
    const objection = await objectionTo(desk, brought)
    if (objection !== undefined) return objection
    const share = await openShare(desk, brought, message.share)
    if (!(share instanceof Uint8Array)) return share
    const { length } = signed.statement.offer
    const finish = (ciphertext: Uint8Array) =>
      inTurn(desk, brought, () => store(desk, brought, share, ciphertext))
    return { answer: { kind: 'send' }, take: { length, finish } }
  })
}

/** Whether a deposit is held, told to nobody but its owner. */
export async function depositState(desk: Desk, id: Uint8Array, peer: Uint8Array): Promise<EscrowAnswered> {
  const known = await desk.kept.get(id)
  return known === undefined ? refused('unknown-deposit') : ackFor(desk, known, peer)
}

async function ackFor(
  { parts }: Desk,
  { signed, state, ack }: Kept,
  peer: Uint8Array,
): Promise<EscrowAnswered> {
  const { owner } = escrowIn(signed).statement
  if (!hasKey(parts, owner, 'node', peer)) return refused('unknown-deposit')
  // That it is erased is said when its bytes have left the files, too.
  if (state === 'erased' && (await isErasing(parts.store, 'sealed'))) return WAIT
  return { answer: { kind: 'kept', ack } }
}

/** One deposit of an owner at a time, so that what is counted is what is stored. */
function inTurn(
  desk: Desk,
  { signed }: Brought,
  work: () => Promise<EscrowAnswered>,
): Promise<EscrowAnswered> {
  return desk.turns.take(`owner ${domainOf(signed.statement.owner)}`, work)
}

async function objectionTo(desk: Desk, brought: Brought): Promise<EscrowAnswered | undefined> {
  const facts = await factsOf(desk, brought)
  const refusal = depositRefusal(brought.signed.statement, facts, desk.parts.bounds)
  if (refusal === undefined) return undefined
  // Our copy of its log is behind: that is nobody's fault.
  if (refusal === 'not-held') return WAIT
  return refused(refusal, facts.signature === 'forged' ? 'a forged deposit' : undefined)
}

async function factsOf(desk: Desk, { signed, peer }: Brought): Promise<DepositFacts> {
  const { parts, kept } = desk
  const { owner, on, tier, holders } = signed.statement
  const { charter, logs, primitives, store, domain } = parts
  const ownerDomain = domainOf(owner)
  // Of an earlier epoch it is still the same author.
  const entry = domainOf(on.origin) === ownerDomain ? entryAt(parts, on) : 'other'
  const changes = await changesOf({ logs, primitives }, store, { on, tier })
  return {
    network: charter.networkId,
    owner: standingOf(charter, ownerDomain),
    holders: holders.map((one) => standingOf(charter, one.domain)),
    isOpenLog: isOpenLog(parts, owner),
    isProven: hasKey(parts, owner, 'node', peer),
    signature: signatureOf(parts, owner, signed),
    own: holders.find((one) => one.domain === domain),
    entry: typeof entry === 'string' ? entry : { commitment: entry.statement.parts[TIERS.indexOf(tier)] },
    isErased: changes.some(({ kind }) => kind === 'erase'),
    held: kept.tally(ownerDomain),
  }
}

/** Our share, or why this is not the one that the deposit names. */
async function openShare(
  desk: Desk,
  { id, signed }: Brought,
  sealed: Uint8Array,
): Promise<Uint8Array | EscrowAnswered> {
  const { primitives, domain, withBox } = desk.parts
  const { network, tier, holders } = signed.statement
  const own = holders.find((one) => one.domain === domain)
  if (own === undefined) return refused('not-named')
  const context = { info: shareInfo({ network, escrow: id, tier, holder: domain }), aad: own.share }
  const opening = withBox(own.box, (secret) => hpkeOpen(secret, context, sealed))
  if (opening === undefined) return refused('box-unknown')
  const share = await opening
  if (share === undefined) return refused('other-share', 'a share that does not open')
  const isNamed = equal(shareDigest(primitives, share), own.share)
  return isNamed ? share : refused('other-share', 'another share than the deposit names')
}

async function store(
  desk: Desk,
  brought: Brought,
  share: Uint8Array,
  ciphertext: Uint8Array,
): Promise<EscrowAnswered> {
  const { id, signed, peer } = brought
  const { primitives, charter, origin, signer, trail } = desk.parts
  const { owner, offer } = signed.statement
  // It may have come on another stream meanwhile, or have been erased.
  const known = await desk.kept.get(id)
  if (known !== undefined) return ackFor(desk, known, peer)
  const objection = await objectionTo(desk, brought)
  if (objection !== undefined) return objection
  if (!isOffered(primitives, offer, ciphertext))
    return refused('other-ciphertext', 'another ciphertext than the deposit names')
  const at = nowOf(desk)
  const { bytes: ack } = stateAccess(primitives, signer(), {
    kind: 'escrow-ack',
    network: charter.networkId,
    at,
    from: origin,
    escrow: id,
    state: 'held',
  })
  const one: Kept = { ...NEWLY_KEPT, id, signed: signed.bytes, owner: domainOf(owner), at, share, ack }
  const entry = entryOf(desk, id, 'kept', signed.bytes, { peer: printHex(peer) })
  await trail.append([entry], [desk.kept.put(one), desk.kept.putCiphertext(id, ciphertext)])
  desk.kept.count(one, 1)
  return { answer: { kind: 'kept', ack } }
}
