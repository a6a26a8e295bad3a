/**
 * Recovering a part whose owner is gone: we are a holder, so the ciphertext is here; the other holders are asked for their
 * shares until enough are. Every share is held against the deposit first, the key against its commitment, and what is
 * opened against the entry in the owner's log. Spec 06 §15.
 */
import { equal, printHex } from '../../protocol/bytes.ts'
import type { Escrow, EscrowRecall } from '../../protocol/access/escrow.ts'
import type { EscrowAnswer } from '../../protocol/access/escrow-message.ts'
import { believeWhole, parseRelease } from '../../protocol/access/release.ts'
import { accessId, isSigned, parseAccess, type Signed } from '../../protocol/access/signed.ts'
import { fault, ok, type Result } from '../../protocol/result.ts'
import { escrowInfo, releaseInfo, shareDigest } from '../../protocol/sealing/escrowed.ts'
import { hpkeOpen } from '../disclosure/hpke.ts'
import { openBytes } from '../disclosure/seal.ts'
import { stateAccess } from '../disclosure/statements.ts'
import { NodeError } from '../errors.ts'
import { escrowIn } from './deposits.ts'
import type { Kept } from './kept.ts'
import { domainOf, entryAt, hasKey, signatureOf } from './members.ts'
import { entryOf, later, nowOf, type Desk } from './parts.ts'
import { expectSilence, heldOf } from './sharing.ts'
import { combineShares } from './shares.ts'

/**
 * A person begins to recover a part, or goes on with it: our own share is released by that, under the same conditions as
 * to anybody else. Asks the holders that are connected at once, and again until enough gave their shares.
 */
export async function recover(
  desk: Desk,
  id: Uint8Array,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<void> {
  await desk.turns.take(printHex(id), async () => {
    const one = await heldOf(desk, id)
    if (one.state === 'recovered') return
    expectSilence(desk, one)
    const known = one.recall === null ? undefined : recallIn(one.recall)
    const { from, box } = known?.statement ?? {}
    const isGood = from === desk.parts.origin && box !== undefined && isOurs(desk, box)
    if (!isGood) await makeRecall(desk, one, by, reason)
  })
  await gather(desk, id, 'now')
}

/** Goes on with what a person began to recover. */
export async function gatherAll(desk: Desk): Promise<void> {
  for (const id of desk.kept.underWay()) await gather(desk, id, 'due')
}

function isOurs({ parts }: Desk, box: Uint8Array): boolean {
  return hasKey(parts, parts.origin, 'box', box)
}

async function makeRecall(desk: Desk, one: Kept, by: string, reason: string): Promise<void> {
  const { primitives, charter, domain, origin, signer, boxKey, nodeKey, trail, unlogged } = desk.parts
  const box = boxKey()
  if (box === undefined) throw new NodeError('KEY_NOT_IN_FORCE', 'no box key in force lies in this keystore')
  const at = nowOf(desk)
  const { bytes } = stateAccess(primitives, signer(), {
    kind: 'escrow-recall',
    network: charter.networkId,
    at,
    from: origin,
    escrow: one.id,
    peer: nodeKey(),
    box,
    reason,
  })
  const others = one.released.filter((release) => release.domain !== domain)
  const released = [...others, { domain, by, reason, at }]
  const next: Kept = { ...one, recall: bytes, released, nextAt: 0, tries: 0 }
  const entries = [
    entryOf(desk, one.id, 'released', null, { to: domain, by, reason }),
    entryOf(desk, one.id, 'recalled', bytes, {}),
  ]
  await trail.append(entries, [desk.kept.put(next), ...unlogged.put(bytes)])
}

/** Asks every holder whose share is not here, and opens the part once there are enough. */
async function gather(desk: Desk, id: Uint8Array, when: 'now' | 'due'): Promise<void> {
  const one = await desk.kept.get(id)
  if (one?.state !== 'held' || one.recall === null) return
  if (when === 'due' && one.nextAt > nowOf(desk)) return
  const { recall } = one
  const { holders } = escrowIn(one.signed).statement
  const missing = holders.filter(({ domain }) => !isHere(desk, one, domain))
  await Promise.all(
    missing.map(async ({ domain }) => {
      const talk = desk.parts.talk(domain)
      if (talk === undefined) return
      const answer = await talk({ kind: 'recall', signed: recall }).catch(() => undefined)
      await desk.turns.take(printHex(id), () => heard(desk, id, domain, answer))
    }),
  )
  await desk.turns.take(printHex(id), () => openIfEnough(desk, id))
}

function isHere({ parts }: Desk, one: Kept, domain: string): boolean {
  return domain === parts.domain || one.gathered.some((share) => share.domain === domain)
}

/** What a holder answered: its share, if it is the one that was deposited, or why there is none. */
async function heard(
  desk: Desk,
  id: Uint8Array,
  domain: string,
  answer: EscrowAnswer | undefined,
): Promise<void> {
  const one = await desk.kept.get(id)
  if (one?.state !== 'held' || one.recall === null || isHere(desk, one, domain)) return
  const { trail } = desk.parts
  const others = one.answers.filter((known) => known.domain !== domain)
  if (answer?.kind === 'share') {
    const share = await shareIn(desk, one, domain, answer)
    if (share.ok) {
      const gathered = [...one.gathered, { domain, share: share.value }]
      const entry = entryOf(desk, id, 'gathered', answer.release, { from: domain })
      await trail.append([entry], [desk.kept.put({ ...one, gathered, answers: others })])
      return
    }
    return note(desk, one, domain, share.fault)
  }
  const why = answer?.kind === 'refused' ? answer.reason : answer?.kind
  if (why !== undefined) await note(desk, one, domain, why)
}

async function note(desk: Desk, one: Kept, domain: string, why: string): Promise<void> {
  const others = one.answers.filter((known) => known.domain !== domain)
  await desk.parts.trail.append([], [desk.kept.put({ ...one, answers: [...others, { domain, why }] })])
}

/** The share of this holder, or what is wrong with what it gave. */
async function shareIn(
  desk: Desk,
  one: Kept,
  domain: string,
  { release, sealed }: Extract<EscrowAnswer, { kind: 'share' }>,
): Promise<Result<Uint8Array, 'other-release' | 'other-share'>> {
  const { primitives, withBox } = desk.parts
  const { network, tier, holders } = escrowIn(one.signed).statement
  const recall = recallIn(one.recall ?? new Uint8Array(0))
  const recallId = accessId(primitives, recall)
  const digest = holders.find((holder) => holder.domain === domain)?.share
  const signed = parseAccess(release)
  if (!signed.ok || !isSigned(signed.value, 'escrow-release') || digest === undefined)
    return fault('other-release')
  const { statement } = signed.value
  const isIts =
    statement.network === network &&
    domainOf(statement.from) === domain &&
    equal(statement.escrow, one.id) &&
    equal(statement.recall, recallId) &&
    equal(statement.share, digest) &&
    signatureOf(desk.parts, statement.from, signed.value) === 'good'
  if (!isIts) return fault('other-release')
  const context = { network, escrow: one.id, tier, holder: domain }
  const share = await withBox(recall.statement.box, (secret) =>
    hpkeOpen(secret, { info: releaseInfo(context, recallId), aad: digest }, sealed),
  )
  if (share === undefined || !equal(shareDigest(primitives, share), digest)) return fault('other-share')
  return ok(share)
}

/** Opens the part as soon as there are enough shares, and keeps it. */
async function openIfEnough(desk: Desk, id: Uint8Array): Promise<void> {
  const one = await desk.kept.get(id)
  if (one?.state !== 'held' || one.recall === null || one.share === null) return
  const { statement } = escrowIn(one.signed)
  const { trail } = desk.parts
  const shares = [one.share, ...one.gathered.map(({ share }) => share)]
  if (shares.length < statement.threshold) {
    await trail.append([], [desk.kept.put({ ...one, ...later(desk, one.tries) })])
    return
  }
  const ciphertext = await desk.kept.ciphertext(id)
  if (ciphertext === undefined) throw new NodeError('STORE_DAMAGED', 'a ciphertext in escrow is missing')
  const opened = await open(desk, statement, shares.slice(0, statement.threshold), ciphertext)
  if (!opened.ok && opened.fault === 'not-held') return
  const next: Kept = { ...one, gathered: [], nextAt: Number.MAX_SAFE_INTEGER }
  if (!opened.ok) {
    // Each share is the one deposited, so it is the owner's word that does not hold.
    const { fault: why } = opened
    const entry = entryOf(desk, id, 'recovered', null, { fault: why })
    await trail.append([entry], [desk.kept.put({ ...next, state: 'false', why })])
    return
  }
  const rows = [desk.kept.put({ ...next, state: 'recovered' }), desk.kept.putRecovered(id, opened.value)]
  await trail.append([entryOf(desk, id, 'recovered', null, {})], rows)
}

/** The release that these shares open, checked against the commitment in the owner's log. */
async function open(
  desk: Desk,
  { network, on, tier, commitment, offer }: Escrow,
  shares: readonly Uint8Array[],
  ciphertext: Uint8Array,
): Promise<Result<Uint8Array, string>> {
  const { primitives } = desk.parts
  const entry = entryAt(desk.parts, on)
  if (typeof entry === 'string') return fault('not-held')
  const contentKey = await combineShares(shares)
  if (contentKey === undefined) return fault('sealed-commitment')
  const info = escrowInfo({ network, on, tier, commitment })
  const opened = openBytes(primitives, info, contentKey, { offer, ciphertext })
  contentKey.fill(0)
  if (!opened.ok) return opened
  const release = parseRelease(opened.value)
  if (!release.ok) return release
  if (release.value.kind !== 'whole') return fault('release-answer')
  const believed = believeWhole(primitives, entry, tier, release.value)
  return believed.ok ? ok(opened.value) : believed
}

/** The recall in a stored statement of ours. */
function recallIn(bytes: Uint8Array): Signed<EscrowRecall> {
  const signed = parseAccess(bytes)
  if (!signed.ok || !isSigned(signed.value, 'escrow-recall')) throw new Error('bug: a stored recall is one')
  return signed.value
}
