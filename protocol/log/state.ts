/** How a log stands, from what is known of it: one word, since when, and why. DESIGN §4.5 and §4.6, Spec 03 §14. */
import type { ClosingState } from '../identity/epochs.ts'

export const LOG_STATES = ['ok', 'stale', 'withheld', 'forked', 'retired'] as const
export type LogState = (typeof LOG_STATES)[number]

export type LogFacts = {
  /** Seconds since 1970, as all times here. */
  readonly now: number
  /** The newest head whose entries are held, and when it was first seen here. */
  readonly newest: { readonly size: number; readonly time: number } | undefined
  /** The newest head that a quorum confirmed, and when the quorum last confirmed it. */
  readonly quorumHead: { readonly size: number; readonly time: number } | undefined
  /** How many other members could confirm it. Of none, nothing is ever confirmed and nothing grows stale. */
  readonly others: number
  /** Of the signed heads above what is held, whose entries have not come, the one that was seen first, and when. */
  readonly seenElsewhere: { readonly size: number; readonly time: number } | undefined
  readonly frozen: { readonly since: number } | undefined
  readonly closed: { readonly by: string; readonly closing: ClosingState } | undefined
}

export type LogStanding = {
  readonly state: LogState
  /** Undefined of a log that is ok or retired: only who looked again and again knows since when. */
  readonly since: number | undefined
  readonly why: string
}

/** A day: heads are confirmed hourly when they grow and daily when not. */
export const STALE_AFTER_SECONDS = 86_400
/** What others signed for may take a moment to arrive. */
export const WITHHELD_AFTER_SECONDS = 600

/** The worst that is known. A fork outweighs everything, a closed log cannot be stale. */
export function stateOfLog(facts: LogFacts): LogStanding {
  const { now, newest, quorumHead, others, seenElsewhere, frozen, closed } = facts
  if (frozen !== undefined) {
    return {
      state: 'forked',
      since: frozen.since,
      why: 'its key signed two histories; a proof is held, and it is frozen for good',
    }
  }
  if (closed !== undefined) {
    return { state: 'retired', since: undefined, why: `${CLOSED[closed.closing]}; ${closed.by} continues it` }
  }
  const held = newest?.size ?? 0
  if (
    seenElsewhere !== undefined &&
    seenElsewhere.size > held &&
    now - seenElsewhere.time >= WITHHELD_AFTER_SECONDS
  ) {
    const why = `a head of ${seenElsewhere.size} entries is signed, and of those above ${held} nobody gave all`
    return { state: 'withheld', since: seenElsewhere.time, why }
  }
  if (others === 0 || newest === undefined)
    return { state: 'ok', since: undefined, why: 'nobody else can confirm it' }
  const confirmed = quorumHead?.time ?? newest.time
  if (now - confirmed >= STALE_AFTER_SECONDS) {
    const why =
      quorumHead === undefined
        ? 'no quorum of other members ever confirmed a head of it'
        : 'no quorum of other members confirmed it for a day'
    return { state: 'stale', since: confirmed, why }
  }
  const isCovered = quorumHead !== undefined && quorumHead.size >= held
  const why = isCovered ? 'a quorum confirmed its newest head' : 'its newest head waits for a quorum'
  return { state: 'ok', since: undefined, why }
}

const CLOSED: Readonly<Record<ClosingState, string>> = {
  confirmed: 'its author closed it at a head that a quorum confirmed',
  unconfirmed: 'its author closed it at a head that nobody is known to have confirmed',
  contradicted: 'its author closed it at a head that CONTRADICTS what a quorum confirmed',
}
