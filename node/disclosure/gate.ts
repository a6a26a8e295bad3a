/**
 * The tier gate: the only door through which more than a summary leaves this node.
 *
 * Invariant: the audit entry is on disk before the first byte is returned. If it cannot be written, nothing is
 * disclosed. Nothing readable leaves before decision, grant and receipt are all on disk. DESIGN §6, spec 06 §7.
 */
import { assert, unreachable } from '../../protocol/assert.ts'
import { equal, printHex } from '../../protocol/bytes.ts'
import { decide, type Decision } from '../../protocol/access/decide.ts'
import type { DenialReason } from '../../protocol/access/grant.ts'
import type { AccessAnswer } from '../../protocol/access/message.ts'
import { policyDigest } from '../../protocol/access/policy.ts'
import { leavesOf, printRelease } from '../../protocol/access/release.ts'
import type { Request } from '../../protocol/access/request.ts'
import { accessId, isSigned, parseAccess, type Signed } from '../../protocol/access/signed.ts'
import type { OwnerStep, TrailEntry } from '../../protocol/access/trail.ts'
import type { MarkedFile } from '../../protocol/dataset/marked.ts'
import { TIERS } from '../../protocol/codec/part.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { CONTENT_KEY_BYTES, type SealContext } from '../../protocol/sealing/sealed.ts'
import type { Clock, Operation, Random, Signer } from '../ports.ts'
import type { Case, Cases, Offered, ReleaseForm } from './cases.ts'
import { askingOf, subjectOf, type FactsParts, type Subject } from './facts.ts'
import { makeRelease } from './release.ts'
import { Recent } from './recent.ts'
import { sealPart } from './seal.ts'
import { stateAccess } from './statements.ts'
import type { Trail } from './trail.ts'
import { Turns } from './turns.ts'
import type { Unlogged } from './unlogged.ts'

export type GateParts = FactsParts & {
  readonly clock: Clock
  readonly random: Random
  /** Our open log: what grants and denials name as the owner. */
  readonly origin: string
  readonly signer: () => Signer
  readonly trail: Trail
  readonly cases: Cases
  readonly unlogged: Unlogged
  /** Makes the copy of a file of ours for whoever made this request. */
  readonly mark: (root: Uint8Array, request: Uint8Array) => Promise<MarkedFile>
}

/** Until when, in which form, and which files are made for this reader alone. */
type OfferTerms = {
  readonly until: number
  readonly form: ReleaseForm
  readonly marked?: readonly MarkedFile[]
}

/** What leaves, with the ciphertext where a grant does. */
export type GateAnswer = {
  readonly answer: AccessAnswer
  readonly ciphertext?: Uint8Array
  /** What no honest reader sends: the peer pays for it. */
  readonly fault?: string
}

export class Gate {
  readonly parts: GateParts
  /** One step at a time for each request. */
  readonly turns = new Turns()
  /** Decisions on requests of which there is no case yet. */
  readonly newcomers = new Turns()
  private readonly recent: Recent

  constructor(parts: GateParts) {
    this.parts = parts
    this.recent = new Recent()
  }

  async open(): Promise<void> {
    for await (const { id, requester, at } of this.parts.cases.all()) this.recent.note(requester, id, at)
  }

  now(): number {
    return Math.floor(this.parts.clock.now() / 1_000)
  }

  /** Answers a request, whether it is new or was answered before. `peer` is the key that the connection proved. */
  request(bytes: Uint8Array, peer: Uint8Array): Promise<GateAnswer> {
    const signed = parseAccess(bytes)
    if (!signed.ok) return Promise.resolve(refused('malformed', signed.fault))
    const { value } = signed
    if (!isSigned(value, 'request')) return Promise.resolve(refused('malformed', 'no request'))
    const id = accessId(this.parts.primitives, value)
    return this.turns.take(printHex(id), async () => {
      const known = await this.parts.cases.get(id)
      if (known !== undefined) return this.again(known, peer)
      return this.newcomers.take(printHex(id), () => this.decideNew(id, value, peer))
    })
  }

  /** How a request stands, without the ciphertext. */
  async state(id: Uint8Array, peer: Uint8Array): Promise<GateAnswer> {
    const known = await this.parts.cases.get(id)
    if (known === undefined || !equal(known.peer, peer)) return refused('unknown-request')
    return { answer: answerOf(known) }
  }

  private async decideNew(id: Uint8Array, signed: Signed<Request>, peer: Uint8Array): Promise<GateAnswer> {
    const now = this.now()
    const { requester, signer, isForged } = await askingOf(this.parts, signed, now)
    const subject = await subjectOf(this.parts, signed.statement)
    if (subject === undefined) return refused('no-such-entry')
    const decision = this.decision(signed, requester, peer, subject, id)
    switch (decision.kind) {
      case 'public':
        return { answer: { kind: 'public' } }
      case 'wait':
        return { answer: { kind: 'wait' } }
      case 'refuse':
        return refused(decision.reason, isForged ? 'a forged claim' : undefined)
      default:
    }
    // Nobody answers for an anonymous request, and anybody could fill the trail with them.
    if (signer === undefined) return refused('no-standing')
    const fresh: Case = {
      ...NEW_CASE,
      id,
      request: signed.bytes,
      peer,
      requester: signed.keyId,
      signer,
      at: now,
    }
    this.recent.note(signed.keyId, id, now)
    const decided = this.entry(fresh, 'decided', signed.bytes, this.factsOf(decision, peer))
    if (decision.kind === 'deny') return this.deny(fresh, [decided], decision.reason, null, subject.terms)
    if (decision.kind === 'ask') {
      const asked: Case = { ...fresh, state: 'asked' }
      await this.parts.trail.append(
        [decided],
        [...this.parts.cases.put(asked), ...this.accounted(fresh, signed.bytes)],
      )
      return { answer: { kind: 'pending' } }
    }
    return this.offer(fresh, [decided], signed, subject, { until: decision.until, form: WHOLE })
  }

  private decision(
    signed: Signed<Request>,
    requester: Awaited<ReturnType<typeof askingOf>>['requester'],
    peer: Uint8Array,
    subject: Subject,
    id: Uint8Array,
  ): Decision {
    const { charter, domain, policy, isFresh } = this.parts
    const now = this.now()
    const rules = policy()
    return decide({
      request: signed.statement,
      requester,
      peer,
      owner: { network: charter.networkId, domain },
      record: subject.facts,
      policy: rules,
      answered: false,
      recent: this.recent.count(signed.keyId, id, now - rules.rate.seconds),
      fresh: isFresh(),
      now,
    })
  }

  /** What a known request is answered now. The ciphertext is made again: the same key gives the same bytes. */
  private async again(known: Case, peer: Uint8Array): Promise<GateAnswer> {
    if (!equal(known.peer, peer)) return refused('other-peer')
    if (known.state === 'allowed') return { answer: { kind: 'pending' } }
    const answer = answerOf(known)
    if (answer.kind !== 'granted' || known.offered === null) return { answer }
    if (this.now() >= known.offered.until) return refused('grant-ended')
    const ciphertext = await this.ciphertextOf(known, known.offered)
    return ciphertext === undefined ? refused('part-gone') : { answer, ciphertext }
  }

  private async ciphertextOf(known: Case, offered: Offered): Promise<Uint8Array | undefined> {
    const request = requestOf(known)
    const subject = await subjectOf(this.parts, request.statement)
    const made = subject?.part && this.release(request, subject, offered.form)
    if (made === undefined) return undefined
    const { ciphertext, offer } = sealPart(
      this.parts.primitives,
      contextOf(this.parts, known, offered.grantId),
      offered.contentKey,
      made.bytes,
    )
    return equal(offer.ciphertext, offered.offer.ciphertext) ? ciphertext : undefined
  }

  private release(request: Signed<Request>, subject: Subject, form: ReleaseForm) {
    if (subject.part === undefined) return undefined
    const { primitives } = this.parts
    const release = makeRelease(primitives, subject.part, request.statement.items, form)
    return release && { leaves: leavesOf(primitives, release), bytes: printRelease(release) }
  }

  /** Signs a grant, seals, and lets the ciphertext out once all of it is on disk. */
  async offer(
    one: Case,
    before: readonly TrailEntry[],
    request: Signed<Request>,
    subject: Subject,
    { until, form, marked }: OfferTerms,
  ): Promise<GateAnswer> {
    const { primitives, random, origin, charter, trail, cases, unlogged } = this.parts
    const made = this.release(request, subject, form)
    const { on, tier, terms } = request.statement
    const commitment = subject.entry.statement.parts[TIERS.indexOf(tier)]
    assert(made !== undefined && commitment !== undefined, 'what was decided can be released')
    const answered = { network: charter.networkId, at: this.now(), owner: origin, to: one.requester }
    const { bytes: grant, id: grantId } = stateAccess(primitives, this.parts.signer(), {
      kind: 'grant',
      ...answered,
      request: one.id,
      on,
      tier,
      commitment,
      leaves: made.leaves,
      until,
      terms,
      ...(marked === undefined ? {} : { marked }),
    })
    const contentKey = random.bytes(CONTENT_KEY_BYTES)
    const sealed = sealPart(primitives, contextOf(this.parts, one, grantId), contentKey, made.bytes)
    const offered: Offered = { grant, grantId, until, form, offer: sealed.offer, contentKey }
    const next: Case = { ...one, state: 'offered', offered }
    const { ciphertext, length, keyCommitment } = sealed.offer
    const entry = this.entry(next, 'offered', grant, { ciphertext, length, keyCommitment })
    const rows = one.state === 'asked' ? [] : this.accounted(one, one.request)
    await trail.append([...before, entry], [...cases.put(next), ...rows, ...unlogged.put(grant)])
    return { answer: { kind: 'granted', grant, offer: sealed.offer }, ciphertext: sealed.ciphertext }
  }

  /** A member logs its own statements; those of somebody without a log are logged here. */
  accounted(one: Case, bytes: Uint8Array): readonly Operation[] {
    return requestOf(one).statement.from === null ? this.parts.unlogged.put(bytes) : []
  }

  async deny(
    one: Case,
    before: readonly TrailEntry[],
    reason: DenialReason,
    note: string | null,
    terms: Uint8Array | null,
  ): Promise<GateAnswer> {
    const { primitives, origin, charter, trail, cases, unlogged } = this.parts
    const { bytes: denial, id } = stateAccess(primitives, this.parts.signer(), {
      kind: 'denial',
      network: charter.networkId,
      at: this.now(),
      owner: origin,
      to: one.requester,
      request: one.id,
      reason,
      note,
    })
    const shown = reason === 'terms_not_accepted' ? terms : null
    const next: Case = { ...one, state: 'denied', denial, terms: shown }
    const entry = this.entry(next, 'denied', denial, { reason })
    const rows = one.state === 'asked' ? [] : this.accounted(one, one.request)
    const written = [...cases.put(next), cases.named(id, one.id), ...rows, ...unlogged.put(denial)]
    await trail.append([...before, entry], written)
    return { answer: { kind: 'denied', denial, terms: shown } }
  }

  entry(one: Case, step: OwnerStep, statement: Uint8Array | null, facts: MapValue): TrailEntry {
    return { side: 'owner', step, at: this.now(), request: one.id, statement, facts }
  }

  private factsOf(decision: Decision, peer: Uint8Array): MapValue {
    const policy = policyDigest(this.parts.primitives, this.parts.policy())
    const by = 'by' in decision ? decision.by : null
    const reason = 'reason' in decision ? decision.reason : null
    const until = 'until' in decision ? decision.until : null
    return { outcome: decision.kind, by, reason, until, policy, peer }
  }
}

const WHOLE: ReleaseForm = { kind: 'whole' }

const NEW_CASE = {
  state: 'allowed',
  denial: null,
  terms: null,
  offered: null,
  receipt: null,
  revocation: null,
  acks: [],
  files: [],
  appeal: null,
} as const

/** The request of a stored case. */
export function requestOf(one: Case): Signed<Request> {
  const signed = parseAccess(one.request)
  assert(signed.ok && isSigned(signed.value, 'request'), 'a case holds a request')
  return signed.value
}

export function contextOf({ charter }: FactsParts, one: Case, grant: Uint8Array): SealContext {
  const { tier } = requestOf(one).statement
  return { network: charter.networkId, request: one.id, grant, tier, recipient: one.requester }
}

export function answerOf(one: Case): AccessAnswer {
  switch (one.state) {
    case 'asked':
    case 'allowed':
      return { kind: 'pending' }
    case 'denied':
      assert(one.denial !== null, 'a denied case has its denial')
      return { kind: 'denied', denial: one.denial, terms: one.terms }
    case 'revoked':
      assert(one.revocation !== null, 'a revoked case has its revocation')
      return { kind: 'revoked', revocation: one.revocation }
    case 'offered':
    case 'receipted':
    case 'confirmed':
      assert(one.offered !== null, 'an offered case has its grant')
      return { kind: 'granted', grant: one.offered.grant, offer: one.offered.offer }
    default:
      return unreachable(one.state)
  }
}

export function refused(reason: string, fault?: string): GateAnswer {
  const answer = { kind: 'refused', reason } as const
  return fault === undefined ? { answer } : { answer, fault }
}
