/**
 * The epochs of one member, put in order: which is open, which are closed and where, which never counted.
 *
 * Every epoch but the first names the head at which the one before it is closed. The newest epoch is the open one,
 * and the chain of heads that leads back from it is what counts. Everything above a closing head is void, and so is an
 * epoch that the chain leaves out: what stands there is still shown, and marked. So a stolen key of an epoch
 * that is closed harms nobody. DESIGN §4.6, spec 02 §3.
 */
import { assert } from '../assert.ts'
import type { Head } from '../codec/statement.ts'
import { parseOrigin, printOrigin, type Origin } from '../log/checkpoint.ts'
import type { EpochDocument } from './epoch.ts'

/** An epoch as somebody holds it. All of one call are of one member in one network, each at most once. */
export type HeldEpoch = {
  readonly origin: string
  /** What its leaf 0 says. */
  readonly document: EpochDocument
  /** The size of the newest head that a quorum confirmed, as far as it is known here; 0 where none is. */
  readonly confirmedSize: number
}

export type EpochState =
  | { readonly kind: 'open' }
  /** `by` is the origin of the next epoch, which names the head. */
  | { readonly kind: 'closed'; readonly by: string; readonly at: Head }
  /** A later epoch leaves it out: nothing in it counts. */
  | { readonly kind: 'void'; readonly by: string }
  /** There are later epochs; the one that closes this is not held here. */
  | { readonly kind: 'unknown'; readonly missing: string }

export type JudgedEpoch = {
  readonly origin: string
  readonly state: EpochState
  /**
   * True when the owner closed it at a head that no quorum is known to have confirmed. Whoever holds the epoch
   * may still see it frozen: only a closing that others confirmed protects.
   */
  readonly unconfirmed: boolean
  /** Sizes between which a quorum had confirmed entries that the owner then left behind. */
  readonly cutShort: { readonly from: number; readonly to: number } | undefined
}

/** Judges the epochs of one member, in the order of their numbers. The order of `held` does not matter. */
export function judgeEpochs(held: readonly HeldEpoch[]): readonly JudgedEpoch[] {
  const epochs = held
    .map((epoch) => ({ ...epoch, name: nameOf(epoch.origin) }))
    .toSorted((a, b) => a.name.epoch - b.name.epoch)
  const byOrigin = new Map(epochs.map((epoch) => [epoch.origin, epoch]))
  const states = new Map<string, EpochState>()
  let next = epochs.at(-1)
  if (next !== undefined) states.set(next.origin, { kind: 'open' })
  while (next !== undefined) {
    const { origin: by, name, document } = next
    const at = document.previous
    const before = at === null ? 0 : nameOf(at.origin).epoch
    for (const { origin, name: other } of epochs) {
      if (other.epoch > before && other.epoch < name.epoch) states.set(origin, { kind: 'void', by })
    }
    if (at !== null) states.set(at.origin, { kind: 'closed', by, at })
    // Of what lies below an epoch that is not held nothing can be said yet.
    if (at !== null && !byOrigin.has(at.origin)) {
      for (const { origin, name: other } of epochs) {
        if (other.epoch < before) states.set(origin, { kind: 'unknown', missing: at.origin })
      }
    }
    next = at === null ? undefined : byOrigin.get(at.origin)
  }
  return epochs.map(({ origin, confirmedSize }) => judged(origin, states.get(origin), confirmedSize))
}

/** How an entry at this index stands, going by its epoch: `undefined` means nothing speaks against it. */
export function standingAt(
  { state }: JudgedEpoch,
  index: number,
): 'epoch-void' | 'above-closing' | undefined {
  if (state.kind === 'void') return 'epoch-void'
  return state.kind === 'closed' && index >= state.at.size ? 'above-closing' : undefined
}

function judged(origin: string, state: EpochState | undefined, confirmedSize: number): JudgedEpoch {
  assert(state !== undefined, 'every epoch is judged')
  const end = state.kind === 'closed' ? state.at.size : state.kind === 'void' ? 0 : undefined
  const cutShort = end !== undefined && confirmedSize > end ? { from: end, to: confirmedSize } : undefined
  const unconfirmed = state.kind === 'closed' && state.at.size > confirmedSize
  return { origin, state, unconfirmed, cutShort }
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
