/**
 * The epochs of one member, put in order: which is open, which are closed and where, which never counted.
 *
 * Every epoch but the first names the head at which the one before it is closed. The newest epoch is the open one,
 * and the chain of heads that leads back from it is what counts. Everything above a closing head is void, and so is an
 * epoch that the chain leaves out: what stands there is still shown, and marked. So a stolen key of an epoch
 * that is closed harms nobody. DESIGN §4.6, spec 02 §3.
 */
import { assert } from '../assert.ts'
import { equal } from '../bytes.ts'
import type { Head } from '../codec/statement.ts'
import { parseOrigin, printOrigin, type Origin } from '../log/checkpoint.ts'
import type { EpochDocument } from './epoch.ts'

/** What a quorum confirmed of an epoch, as far as it is known here. */
export type ConfirmedTree = {
  /** The size of the newest head that a quorum confirmed. */
  readonly size: number
  /** The root of the held and verified tree at a smaller size or this one; undefined where it is not held. */
  readonly rootAt: (size: number) => Uint8Array | undefined
}

/** An epoch as somebody holds it. All of one call are of one member in one network, each at most once. */
export type HeldEpoch = {
  readonly origin: string
  /** What its leaf 0 says. */
  readonly document: EpochDocument
  /** Undefined where no quorum is known to have confirmed anything. */
  readonly confirmed: ConfirmedTree | undefined
}

export type EpochState =
  | { readonly kind: 'open' }
  /** `by` is the origin of the next epoch, which names the head. */
  | { readonly kind: 'closed'; readonly by: string; readonly at: Head }
  /** A later epoch leaves it out: nothing in it counts. */
  | { readonly kind: 'void'; readonly by: string }
  /** There are later epochs; the one that closes this is not held here. */
  | { readonly kind: 'unknown'; readonly missing: string }

/**
 * `confirmed`: the tree that a quorum confirmed has the named root at the named size. `contradicted`: it has another one, so
 * the root key named a head that was never this log's. `unconfirmed`: neither is known.
 */
export type ClosingState = 'confirmed' | 'unconfirmed' | 'contradicted'

export type JudgedEpoch = {
  readonly origin: string
  readonly state: EpochState
  /** Of a closed epoch: how the head at which it was closed stands. */
  readonly closing: ClosingState | undefined
  /**
   * True when no proof freezes it any more: its closing is confirmed, and its author did not itself say that two histories
   * of it exist. It follows from what is held, never from the order in which it came, so all who hold the same agree.
   */
  readonly isProtected: boolean
  /** Sizes between which a quorum had confirmed entries that the owner then left behind. */
  readonly cutShort: { readonly from: number; readonly to: number } | undefined
}

/** Judges the epochs of one member, in the order of their numbers. The order of `held` does not matter. */
export function judgeEpochs(held: readonly HeldEpoch[]): readonly JudgedEpoch[] {
  const newestFirst = held
    .map((epoch) => ({ epoch, number: nameOf(epoch.origin).epoch }))
    .toSorted((a, b) => b.number - a.number)
  // The epoch of the chain that was met last: it says where the one before it ends.
  let link: HeldEpoch | undefined
  // An epoch of the chain that is not held: of what lies below it nothing can be said.
  let missing: string | undefined
  const found: JudgedEpoch[] = []
  for (const { epoch, number } of newestFirst) {
    const at = link?.document.previous ?? null
    const before = at === null ? 0 : nameOf(at.origin).epoch
    if (at !== null && number < before) missing ??= at.origin
    if (missing !== undefined) found.push(judged(epoch, { kind: 'unknown', missing }, undefined))
    else if (link !== undefined && number > before)
      found.push(judged(epoch, { kind: 'void', by: link.origin }, undefined))
    else {
      const state: EpochState =
        link === undefined || at === null ? { kind: 'open' } : { kind: 'closed', by: link.origin, at }
      found.push(judged(epoch, state, link?.document))
      link = epoch
    }
  }
  return found.toReversed()
}

/** How an entry at this index stands, going by its epoch: `undefined` means nothing speaks against it. */
export function standingAt(
  { state }: JudgedEpoch,
  index: number,
): 'epoch-void' | 'above-closing' | undefined {
  if (state.kind === 'void') return 'epoch-void'
  return state.kind === 'closed' && index >= state.at.size ? 'above-closing' : undefined
}

function judged(
  { origin, confirmed }: HeldEpoch,
  state: EpochState,
  next: EpochDocument | undefined,
): JudgedEpoch {
  const size = confirmed?.size ?? 0
  const end = state.kind === 'closed' ? state.at.size : state.kind === 'void' ? 0 : undefined
  const cutShort = end !== undefined && size > end ? { from: end, to: size } : undefined
  const closing = state.kind === 'closed' ? closingAt(state.at, confirmed) : undefined
  // Whoever says in leaf 0 that a proof ended the epoch before has said that two histories of it exist.
  const isProtected = closing === 'confirmed' && (next?.because?.proof ?? null) === null
  return { origin, state, closing, isProtected, cutShort }
}

/** A size alone says nothing: the root key could name a head that the log never had. */
function closingAt({ size, root }: Head, confirmed: ConfirmedTree | undefined): ClosingState {
  const own = confirmed === undefined || confirmed.size < size ? undefined : confirmed.rootAt(size)
  if (own === undefined) return 'unconfirmed'
  return equal(own, root) ? 'confirmed' : 'contradicted'
}

function nameOf(origin: string): Origin {
  const read = parseOrigin(origin)
  assert(read.ok, 'an epoch that was checked has an origin')
  return read.value
}

/** The origin of a member's epoch, by its number. */
export function originOfEpoch(origin: string, epoch: number): string {
  return printOrigin({ ...nameOf(origin), epoch })
}
