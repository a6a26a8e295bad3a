/**
 * Giving our share to another holder: a person decides, the owner has been silent for as long as the deposit says, and
 * whoever asks proves that it is a holder. Spec 06 §15.
 *
 * Invariant: the release stands in the trail on disk before the share leaves.
 */
import { assert } from '../../protocol/assert.ts'
import { equal, printHex } from '../../protocol/bytes.ts'
import { releaseRefusal, type SilenceFacts } from '../../protocol/access/escrow-rules.ts'
import type { EscrowRecall } from '../../protocol/access/escrow.ts'
import { accessId, isSigned, parseAccess, type Signed } from '../../protocol/access/signed.ts'
import { standingOf } from '../../protocol/governance/standing.ts'
import { releaseInfo } from '../../protocol/sealing/escrowed.ts'
import { hpkeSeal } from '../disclosure/hpke.ts'
import { stateAccess } from '../disclosure/statements.ts'
import { NodeError } from '../errors.ts'
import { escrowIn } from './deposits.ts'
import type { Kept, Shared } from './kept.ts'
import { domainOf, hasKey, isOpenLog, signatureOf } from './members.ts'
import { entryOf, nowOf, refused, WAIT, type Desk, type EscrowAnswered } from './parts.ts'

/** Between two recalls of one holder: each new one is a line in the trail for good. */
const RECALL_SECONDS = 3_600

/** Answers to a recall: with our share once a person released it to just this holder. */
export function takeRecall(desk: Desk, bytes: Uint8Array, peer: Uint8Array): Promise<EscrowAnswered> {
  const read = parseAccess(bytes)
  if (!read.ok) return Promise.resolve(refused('malformed', read.fault))
  const { value: signed } = read
  if (!isSigned(signed, 'escrow-recall')) return Promise.resolve(refused('malformed', 'no recall'))
  return desk.turns.take(printHex(signed.statement.escrow), async () => {
    const known = await desk.kept.get(signed.statement.escrow)
    if (known === undefined) return refused('unknown-deposit')
    const objection = objectionTo(desk, known, signed, peer)
    if (objection !== undefined) return objection
    const one = await noteCall(desk, known, signed)
    return one === undefined ? WAIT : answerTo(desk, one, signed)
  })
}

/** A person lets our share go to another holder. Throws NOT_ALLOWED while the owner may still be there. */
export function release(
  desk: Desk,
  id: Uint8Array,
  { to, by, reason }: { readonly to: string; readonly by: string; readonly reason: string },
): Promise<void> {
  return desk.turns.take(printHex(id), async () => {
    const one = await heldOf(desk, id)
    const { holders } = escrowIn(one.signed).statement
    if (to === desk.parts.domain || !holders.some(({ domain }) => domain === to))
      throw new NodeError('USAGE', 'a share is released to another of the holders that the deposit names', {
        fix: `candor escrow show ${printHex(id).slice(0, 12)}`,
      })
    expectSilence(desk, one)
    if (one.released.some(({ domain }) => domain === to)) return
    const at = nowOf(desk)
    const next: Kept = { ...one, released: [...one.released, { domain: to, by, reason, at }] }
    const entry = entryOf(desk, id, 'released', null, { to, by, reason })
    await desk.parts.trail.append([entry], [desk.kept.put(next)])
  })
}

/** The deposit that we hold. Throws NOT_FOUND for one that was erased. */
export async function heldOf(desk: Desk, id: Uint8Array): Promise<Kept> {
  const one = await desk.kept.get(id)
  if (one !== undefined && one.state !== 'erased') return one
  const why = one === undefined ? 'no such deposit is held here' : 'its owner erased this part'
  throw new NodeError('NOT_FOUND', why, { fix: 'candor escrow list' })
}

/** What this node knows of the silence of a deposit's owner. */
export function silenceOf({ parts }: Desk, { owner, at }: Pick<Kept, 'owner' | 'at'>): SilenceFacts {
  return {
    confirmedAt: parts.confirmedAt(owner),
    heldAt: at,
    isConnected: parts.isConnected(owner),
    isFresh: parts.isFresh(),
  }
}

const WHY_NOT = {
  'owner-connected': 'its owner is connected to this node now',
  'owner-heard': 'its owner has not been silent for as long as the deposit says',
  'not-fresh':
    'this node has not heard enough of the others lately to know that it is the owner that is silent',
} as const

export function expectSilence(desk: Desk, one: Kept): void {
  const refusal = releaseRefusal(escrowIn(one.signed).statement, silenceOf(desk, one), nowOf(desk))
  if (refusal === undefined) return
  throw new NodeError('NOT_ALLOWED', `no share is released now: ${WHY_NOT[refusal]}`, {
    fix: `candor escrow show ${printHex(one.id).slice(0, 12)}`,
  })
}

function objectionTo(
  desk: Desk,
  one: Kept,
  signed: Signed<EscrowRecall>,
  peer: Uint8Array,
): EscrowAnswered | undefined {
  const { charter, domain } = desk.parts
  const { network, from, box, peer: named } = signed.statement
  const who = domainOf(from)
  const { holders } = escrowIn(one.signed).statement
  if (network !== charter.networkId) return refused('other-network')
  if (who === domain || !holders.some((holder) => holder.domain === who)) return refused('not-named')
  if (standingOf(charter, who) !== 'member') return refused('no-standing')
  if (!isOpenLog(desk.parts, from)) return refused('key-unknown')
  if (!equal(named, peer) || !hasKey(desk.parts, from, 'node', peer)) return refused('other-peer')
  const signature = signatureOf(desk.parts, from, signed)
  if (signature === 'forged') return refused('key-unknown', 'a forged recall')
  if (signature === 'unknown') return refused('key-unknown')
  if (!hasKey(desk.parts, from, 'box', box)) return refused('box-unknown')
  return one.state === 'erased' ? refused('part-erased') : undefined
}

/** Writes down who asks, so that a person sees it; undefined where the same holder asked otherwise just now. */
async function noteCall(desk: Desk, one: Kept, signed: Signed<EscrowRecall>): Promise<Kept | undefined> {
  const domain = domainOf(signed.statement.from)
  const known = one.called.find((call) => call.domain === domain)
  if (known !== undefined && equal(known.recall, signed.bytes)) return one
  const at = nowOf(desk)
  if (known !== undefined && at - known.at < RECALL_SECONDS) return undefined
  const others = one.called.filter((call) => call.domain !== domain)
  const next: Kept = { ...one, called: [...others, { domain, recall: signed.bytes, at }] }
  const entry = entryOf(desk, one.id, 'called', signed.bytes, { from: domain })
  await desk.parts.trail.append([entry], [desk.kept.put(next)])
  return next
}

async function answerTo(desk: Desk, one: Kept, signed: Signed<EscrowRecall>): Promise<EscrowAnswered> {
  const domain = domainOf(signed.statement.from)
  const released = one.released.find((release) => release.domain === domain)
  if (released === undefined) return { answer: { kind: 'pending' } }
  // An owner that came back since the person decided is there again.
  const refusal = releaseRefusal(escrowIn(one.signed).statement, silenceOf(desk, one), nowOf(desk))
  if (refusal !== undefined) return refused(refusal)
  const recall = accessId(desk.parts.primitives, signed)
  const shared = await stateRelease(desk, one, recall, released.reason)
  return seal(desk, one, signed.statement, shared)
}

/** Our signed release on this recall, on disk; the same again where it was made before. */
async function stateRelease(desk: Desk, one: Kept, recall: Uint8Array, reason: string): Promise<Shared> {
  const known = one.shared.find((shared) => equal(shared.recall, recall))
  if (known !== undefined) return known
  const { primitives, charter, domain, origin, signer, trail, unlogged } = desk.parts
  const own = escrowIn(one.signed).statement.holders.find((holder) => holder.domain === domain)
  assert(own !== undefined, 'we hold a share of what we keep')
  const { bytes } = stateAccess(primitives, signer(), {
    kind: 'escrow-release',
    network: charter.networkId,
    at: nowOf(desk),
    from: origin,
    escrow: one.id,
    recall,
    share: own.share,
    reason,
  })
  const shared: Shared = { recall, release: bytes }
  const next: Kept = { ...one, shared: [...one.shared, shared] }
  const entry = entryOf(desk, one.id, 'shared', bytes, {})
  await trail.append([entry], [desk.kept.put(next), ...unlogged.put(bytes)])
  return shared
}

async function seal(
  desk: Desk,
  one: Kept,
  { box }: EscrowRecall,
  { recall, release }: Shared,
): Promise<EscrowAnswered> {
  const { domain } = desk.parts
  const { network, tier, holders } = escrowIn(one.signed).statement
  const own = holders.find((holder) => holder.domain === domain)
  assert(own !== undefined && one.share !== null, 'we hold a share of what is not erased')
  const context = { network, escrow: one.id, tier, holder: domain }
  const sealed = await hpkeSeal(box, { info: releaseInfo(context, recall), aad: own.share }, one.share)
  // Nothing can be sealed to a key of small order, though it is declared.
  return sealed === undefined ? refused('box-unknown') : { answer: { kind: 'share', release, sealed } }
}
