/**
 * What cosignatures say of time. A statement's own date is never evidence: its author wrote it. A mirror's time is,
 * as far as enough mirrors are honest. DESIGN §4.7, spec 03 §10.
 *
 * Of n others at most f = ⌊(n − 1)/3⌋ are taken to lie, about the time or otherwise.
 */
import { assert } from '../assert.ts'
import { quorum } from './cosignature.ts'

/** A head and the times, in seconds since 1970, of its verified mirror cosignatures: one for each mirror. */
export type DatedHead = {
  readonly size: number
  readonly times: readonly number[]
  /**
   * Further mirrors, whose own word on the time counts no more: by when each had cosigned at the latest, as others show.
   */
  readonly late?: readonly number[]
}

/** A bound on the time of an entry, and the size of the head it rests on. */
export type TimeBound = { readonly time: number; readonly size: number }

/** f: how many of n others may lie. */
export function faultyMax(others: number): number {
  assert(Number.isSafeInteger(others) && others >= 0, 'others are counted')
  return Math.max(0, Math.floor((others - 1) / 3))
}

/** Whether enough others cosigned a head. Of nobody, nobody is enough: such a head is unwitnessed. */
export function hasQuorum({ times, late = [] }: DatedHead, others: number): boolean {
  return others > 0 && times.length + late.length >= quorum(others)
}

/**
 * The entry at this index was there at this time at the latest: the (f + 1)-th smallest time over the earliest quorum
 * head that covers it. Of f + 1 mirrors one is honest, and it had every entry of the head when it signed.
 */
export function existedBy(heads: readonly DatedHead[], index: number, others: number): TimeBound | undefined {
  const covering = heads.filter((head) => head.size > index && hasQuorum(head, others))
  const bounds = covering.flatMap(({ size, times, late = [] }) =>
    boundOf({ size, times: [...times, ...late] }, faultyMax(others)),
  )
  const smallest = Math.min(...bounds.map(({ size }) => size))
  return best(
    bounds.filter(({ size }) => size === smallest),
    (a, b) => a.time - b.time,
  )
}

/**
 * `existedBy` of all entries at once, in the order of sizes: those below a size, and not below the one before it, were there at
 * this time at the latest. Of one pass over heads of which a year brings tens of thousands.
 */
export function existedBySizes(heads: readonly DatedHead[], others: number): readonly TimeBound[] {
  const earliest = new Map<number, TimeBound>()
  for (const head of heads) {
    if (head.size === 0 || !hasQuorum(head, others)) continue
    const { size, times, late = [] } = head
    for (const bound of boundOf({ size, times: [...times, ...late] }, faultyMax(others))) {
      const known = earliest.get(size)
      if (known === undefined || bound.time < known.time) earliest.set(size, bound)
    }
  }
  return [...earliest.values()].toSorted((a, b) => a.size - b.size)
}

/**
 * No quorum covered the entry at this index before this time. Two quorums share 2k − n mirrors, and the covering one
 * is complete only when each of those has signed it; an honest one signs it after the smaller head. So the bound is
 * the time of the least honest one that any two quorums must share: the (2k − n − f)-th smallest.
 */
export function notBefore(heads: readonly DatedHead[], index: number, others: number): TimeBound | undefined {
  const shared = 2 * quorum(others) - others - faultyMax(others)
  const earlier = heads.filter((head) => head.size <= index && hasQuorum(head, others))
  return best(
    // A mirror of which only the latest time is known may have signed at any time before: it stands first.
    earlier.flatMap((head) => boundOf(head, shared - 1 - (head.late?.length ?? 0))),
    (a, b) => b.time - a.time,
  )
}

function boundOf({ size, times }: DatedHead, place: number): readonly TimeBound[] {
  const time = times.toSorted((a, b) => a - b)[place]
  return time === undefined ? [] : [{ time, size }]
}

function best(
  bounds: readonly TimeBound[],
  order: (a: TimeBound, b: TimeBound) => number,
): TimeBound | undefined {
  return bounds.toSorted(order)[0]
}
