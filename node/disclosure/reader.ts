/**
 * Our side of a disclosure: makes a request and goes on with it, step by step, whenever the owner can be reached, for
 * days if need be. Every step is on disk before the next message; what came is believed only after it was checked
 * against the entry. Spec 06 §7.
 */
import { assert, unreachable } from '../../protocol/assert.ts'
import { printHex } from '../../protocol/bytes.ts'
import type { AccessAnswer, AccessMessage } from '../../protocol/access/message.ts'
import type { Request } from '../../protocol/access/request.ts'
import { accessId, isSigned, parseAccess } from '../../protocol/access/signed.ts'
import type { ReaderStep, TrailEntry } from '../../protocol/access/trail.ts'
import type { MapValue } from '../../protocol/codec/value.ts'
import { parseOrigin } from '../../protocol/log/checkpoint.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { NodeError } from '../errors.ts'
import type { Clock, Operation, Signer } from '../ports.ts'
import type { Logs } from '../store/logs.ts'
import { readDenialOf, readGrantFor, readRevocationOf, type Made } from './answers.ts'
import { NEW_CASE, type AskedCase, type AskedCases } from './asked.ts'
import { hpkeOpener, type HpkeOpener } from './hpke.ts'
import { isTold, messageOf } from './messages.ts'
import { faultOfRelease, NOT_HELD, sealContextOf } from './released.ts'
import { isOffered, openPart } from './seal.ts'
import { stateAccess } from './statements.ts'
import type { Trail } from './trail.ts'
import { Turns } from './turns.ts'
import type { Unlogged } from './unlogged.ts'

export type Reply = { readonly answer: AccessAnswer; readonly ciphertext: Uint8Array | undefined }

/** What is said to one owner in one go; `say` answers undefined where no answer came. */
export type Talk = {
  readonly say: (message: AccessMessage) => Promise<Reply | undefined>
  readonly end: () => void
}

/** How far one go came. */
export type Pursuit = { readonly one: AskedCase; readonly hasTime: boolean }

export type ReaderParts = {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly logs: Logs
  readonly signer: () => Signer
  readonly trail: Trail
  readonly cases: AskedCases
  readonly unlogged: Unlogged
  /** Uses the secret of our box key with this public key; undefined where it does not lie here. */
  readonly withBox: <T>(box: Uint8Array, use: (secret: Uint8Array) => Promise<T>) => Promise<T> | undefined
  /** Undefined while the owner cannot be reached. */
  readonly talk: (domain: string) => Talk | undefined
}

type Opener = Promise<HpkeOpener> | undefined

/** Between two questions while nothing new can be expected at once, and how it grows. */
const RETRY_SECONDS = 2
const RETRY_SECONDS_MAX = 3_600
/** How often an opened grant is asked for its state: a revocation is heard of within a day. */
const STATE_SECONDS = 86_400

/** Messages of one go: a request, a receipt, a confirmation, acknowledgements. */
const ROUNDS_MAX = 8

/** Answers after which asking again makes no difference. */
const FINAL: ReadonlySet<string> = new Set([
  'other-network',
  'other-owner',
  'owner-moved',
  'no-such-entry',
  'no-standing',
  'malformed',
  'expired',
  'part-gone',
  'grant-ended',
  'standing-lost',
])

export class Reader {
  readonly parts: ReaderParts
  readonly turns = new Turns()

  constructor(parts: ReaderParts) {
    this.parts = parts
  }

  now(): number {
    return Math.floor(this.parts.clock.now() / 1_000)
  }

  /** Signs and stores a request; it is sent when the owner can be reached. */
  async make(request: Request): Promise<AskedCase> {
    const { primitives, signer, trail, cases, unlogged } = this.parts
    const owner = parseOrigin(request.owner)
    assert(owner.ok, 'a request names the log of its owner')
    const { bytes, id } = stateAccess(primitives, signer(), request)
    const one: AskedCase = { ...NEW_CASE, id, request: bytes, owner: owner.value.domain, at: request.at }
    const entry = this.entry(one, 'requested', bytes, {})
    await trail.append([entry], [cases.put(one), ...unlogged.put(bytes)])
    return one
  }

  /**
   * Goes on with a request as far as it can, or until the part is here: when it is worth asking again, or now, because a
   * person waits.
   */
  async pursue(id: Uint8Array, when: 'due' | 'now' = 'due', until: 'done' | 'opened' = 'done') {
    return (await this.goOn(id, when, until)).one
  }

  /** The same, and whether its owner has time for us: where it has not, that is no fault of this request. */
  goOn(id: Uint8Array, when: 'due' | 'now' = 'due', until: 'done' | 'opened' = 'done'): Promise<Pursuit> {
    return this.turns.take(printHex(id), async () => {
      const held = await this.caseOf(id)
      let one = when === 'now' && held.nextAt !== NEVER ? { ...held, nextAt: 0 } : held
      let talk: Talk | undefined
      try {
        for (let round = 0; round < ROUNDS_MAX; round++) {
          const message = messageOf(one, this.now())
          if (message === undefined || (until === 'opened' && one.state === 'opened')) break
          talk ??= this.parts.talk(one.owner)
          // Nothing was asked, so nothing is put off: it goes on as soon as its owner is there again.
          if (talk === undefined) return { one: round === 0 ? held : one, hasTime: false }
          // The answer to a receipt is a sealed key: what opens it is made ready meanwhile.
          const opener = message.kind === 'receipt' ? this.openerOf(one) : undefined
          const reply = await talk.say(message).catch(() => undefined)
          one = await (reply === undefined
            ? this.save(this.later(one))
            : this.heard(one, message, reply, opener))
          if (reply === undefined || reply.answer.kind === 'wait') return { one, hasTime: false }
        }
        return { one, hasTime: true }
      } finally {
        talk?.end()
      }
    })
  }

  async caseOf(id: Uint8Array): Promise<AskedCase> {
    const one = await this.parts.cases.get(id)
    if (one !== undefined) return one
    throw new NodeError('NOT_FOUND', 'no such request was made here', { fix: 'candor request list' })
  }

  /** Works with a part that we hold, while nothing takes it away. Throws NOT_FOUND where it is held no more. */
  whileHeld<T>(id: Uint8Array, work: () => Promise<T>): Promise<T> {
    return this.turns.take(printHex(id), async () => {
      const { state } = await this.caseOf(id)
      if (state === 'opened') return work()
      throw new NodeError('NOT_FOUND', `what came for this request is held no more (it is ${state})`)
    })
  }

  /** Uses the secret of our box key; undefined where it does not lie here. */
  private openerOf(one: AskedCase): Opener {
    const opener = this.parts.withBox(this.madeOf(one).signed.statement.box, hpkeOpener)
    // Whoever opens something with it hears of a failure; an answer that is none needs none.
    opener?.catch(() => undefined)
    return opener
  }

  private async heard(
    one: AskedCase,
    message: AccessMessage,
    reply: Reply,
    opener: Opener,
  ): Promise<AskedCase> {
    const { answer } = reply
    switch (answer.kind) {
      case 'granted':
        return message.kind === 'state' ? this.save(this.stateAgain(one)) : this.granted(one, reply)
      case 'denied':
        return this.denied(one, answer)
      case 'revoked':
        return this.revoked(one, answer.revocation)
      case 'key':
        return message.kind === 'receipt' ? this.key(one, answer.sealed, opener) : this.save(this.later(one))
      case 'pending':
        return this.save(this.later(isWaiting(one) ? { ...one, state: 'pending' } : one))
      case 'noted':
        return this.save(isTold(message) ? this.told(one, message) : this.later(one))
      case 'wait':
      case 'public':
        return this.save(this.later(one))
      case 'refused':
        return this.refused(one, message, answer.reason)
      default:
        return unreachable(answer)
    }
  }

  /** Checks a grant, keeps the ciphertext and signs for it. */
  private async granted(one: AskedCase, { answer, ciphertext }: Reply): Promise<AskedCase> {
    const { primitives, signer, trail, cases, unlogged } = this.parts
    const made = this.madeOf(one)
    if (answer.kind !== 'granted' || one.grant !== null) return this.save(this.later(one))
    const grant = readGrantFor(this.parts, made, answer.grant)
    if (typeof grant === 'string') return this.save(this.later({ ...one, why: grant }))
    if (ciphertext === undefined || !isOffered(primitives, answer.offer, ciphertext))
      return this.save(this.later({ ...one, why: 'not the ciphertext that was offered' }))
    const grantId = accessId(primitives, grant)
    const { network, from } = made.signed.statement
    const { bytes: receipt } = stateAccess(primitives, signer(), {
      kind: 'receipt',
      network,
      at: this.now(),
      from,
      request: one.id,
      grant: grantId,
      ciphertext: answer.offer.ciphertext,
      keyCommitment: answer.offer.keyCommitment,
    })
    const terms = { grant: answer.grant, grantId, until: grant.statement.until, offer: answer.offer }
    const next: AskedCase = { ...one, ...terms, state: 'received', receipt, why: null, tries: 0, nextAt: 0 }
    const entries = [this.entry(next, 'received', answer.grant, { receipt })]
    const rows = [cases.put(next), cases.putCiphertext(one.id, ciphertext), ...unlogged.put(receipt)]
    await trail.append(entries, rows)
    return next
  }

  /** Opens what was sealed and believes it only if it is what the entry committed to and the grant names. */
  private async key(one: AskedCase, sealedKey: Uint8Array, opener: Opener): Promise<AskedCase> {
    const ciphertext = await this.parts.cases.ciphertext(one.id)
    const { offer, grantId } = one
    if (ciphertext === undefined || offer === null || grantId === null) return this.save(this.later(one))
    const open = await opener
    if (open === undefined) return this.save(this.later({ ...one, why: 'its box key does not lie here' }))
    const { signed } = this.madeOf(one)
    const context = sealContextOf(signed, one.id, grantId)
    const opened = await openPart(this.parts.primitives, context, open, { offer, ciphertext, sealedKey })
    const fault = opened.ok ? faultOfRelease(this.parts, one, signed, opened.value) : opened.fault
    if (fault === NOT_HELD) return this.save(this.later({ ...one, why: fault }))
    if (!opened.ok || fault !== undefined) return this.mistrust(one, fault ?? 'unreadable')
    const owed = { ...one.owed, confirmation: true }
    const next: AskedCase = { ...one, state: 'opened', why: null, owed, tries: 0, nextAt: 0 }
    const rows = [this.parts.cases.put(next), ...this.parts.cases.putRelease(one.id, opened.value)]
    await this.parts.trail.append([this.entry(next, 'opened', null, {})], rows)
    return next
  }

  private async mistrust(one: AskedCase, fault: string): Promise<AskedCase> {
    const next: AskedCase = { ...one, state: 'false', why: fault }
    const entry = this.entry(next, 'heard', null, { fault })
    await this.parts.trail.append([entry], [this.parts.cases.put(next)])
    return next
  }

  private async denied(
    one: AskedCase,
    answer: Extract<AccessAnswer, { kind: 'denied' }>,
  ): Promise<AskedCase> {
    const denial = readDenialOf(this.parts, this.madeOf(one), answer.denial)
    if (typeof denial === 'string') return this.save(this.later({ ...one, why: denial }))
    if (one.grant !== null || one.denial !== null) return this.save(this.later(one))
    const { reason } = denial.statement
    const next: AskedCase = {
      ...one,
      state: 'denied',
      why: reason,
      denial: answer.denial,
      terms: answer.terms,
    }
    const entry = this.entry(next, 'heard', answer.denial, { reason })
    await this.parts.trail.append([entry], [this.parts.cases.put(next)])
    return next
  }

  private async revoked(one: AskedCase, bytes: Uint8Array): Promise<AskedCase> {
    // A grant can be revoked before it was fetched; whatever its id is, nothing comes of this request any more.
    if (one.revocation !== null || (one.grantId === null && !isWaiting(one)))
      return this.save(this.later(one))
    const revocation = readRevocationOf(this.parts, this.madeOf(one), one.grantId, bytes)
    if (typeof revocation === 'string') return this.save(this.later({ ...one, why: revocation }))
    const { reason } = revocation.statement
    const next: AskedCase = { ...one, state: 'revoked', why: reason, revocation: bytes, tries: 0, nextAt: 0 }
    const entry = this.entry(next, 'heard', bytes, { reason })
    // The right to hold it is over: what was received goes now, and `changes.ts` says so to the owner.
    const rows = [this.parts.cases.put(next), ...this.parts.cases.eraseRelease(one)]
    await this.parts.trail.append([entry], rows)
    return next
  }

  private async refused(one: AskedCase, message: AccessMessage, reason: string): Promise<AskedCase> {
    // The receipt never came there: nothing was disclosed, so there is nobody to be told what became of it.
    if (message.kind === 'ack' && reason === 'no-receipt') return this.save(this.told(one, message))
    // What is settled stays as it is, whatever its owner says of it afterwards.
    if (!isWaiting(one) && one.state !== 'received') return this.save(this.later(one))
    if (!FINAL.has(reason)) return this.save(this.later({ ...one, why: reason }))
    if (isWaiting(one)) return this.save({ ...one, state: 'refused', why: reason, nextAt: NEVER })
    // The key never comes, and the ciphertext is nothing without it.
    const next: AskedCase = { ...one, state: 'ended', why: reason, nextAt: NEVER }
    const { cases } = this.parts
    await this.write(
      [this.entry(next, 'heard', null, { refused: reason })],
      [cases.put(next), ...cases.eraseRelease(one)],
    )
    return next
  }

  /** The owner has what it was told. */
  private told(one: AskedCase, message: AccessMessage): AskedCase {
    const owed = {
      confirmation: one.owed.confirmation && message.kind !== 'confirm',
      acks: message.kind === 'ack' ? Math.max(0, one.owed.acks - 1) : one.owed.acks,
      appeal: one.owed.appeal && message.kind !== 'appeal',
    }
    const isEven = !owed.confirmation && owed.acks === 0 && !owed.appeal
    return { ...one, owed, tries: 0, nextAt: isEven ? this.looksAgain(one) : 0 }
  }

  private stateAgain(one: AskedCase): AskedCase {
    return { ...one, nextAt: this.looksAgain(one), tries: one.tries + 1 }
  }

  /** In a day, or when the grant ends. */
  private looksAgain({ until }: AskedCase): number {
    return Math.min(this.now() + STATE_SECONDS, until ?? NEVER)
  }

  /** Later by a span that doubles, up to an hour. */
  private later(one: AskedCase): AskedCase {
    const wait = Math.min(RETRY_SECONDS * 2 ** Math.min(one.tries, 16), RETRY_SECONDS_MAX)
    return { ...one, tries: one.tries + 1, nextAt: this.now() + wait }
  }

  async save(one: AskedCase): Promise<AskedCase> {
    await this.parts.trail.append([], [this.parts.cases.put(one)])
    return one
  }

  entry(one: AskedCase, step: ReaderStep, statement: Uint8Array | null, facts: MapValue): TrailEntry {
    return { side: 'reader', step, at: this.now(), request: one.id, statement, facts }
  }

  madeOf(one: AskedCase): Made {
    const signed = parseAccess(one.request)
    assert(signed.ok && isSigned(signed.value, 'request'), 'a case holds a request')
    return { id: one.id, signed: signed.value }
  }

  write(entries: readonly TrailEntry[], rows: readonly Operation[]): Promise<void> {
    return this.parts.trail.append(entries, rows)
  }
}

/** Nothing was answered yet that counts. */
function isWaiting({ state }: AskedCase): boolean {
  return state === 'open' || state === 'pending'
}

/** No clock comes this far. */
const NEVER = Number.MAX_SAFE_INTEGER
