/**
 * What each member added to its logs today, over all its epochs: the charter's caps are counted against it (spec 07 §1). The count is
 * written in one batch with the entries it counts, so that no restart begins a day again.
 */
import { bytesOfText } from '../../protocol/bytes.ts'
import { encode, parse } from '../../protocol/codec/cbor.ts'
import { isCount, isList } from '../../protocol/codec/value.ts'
import {
  beginOfDay,
  countDay,
  dayOf,
  type CapFault,
  type Caps,
  type DayCount,
} from '../../protocol/log/daily.ts'
import type { KeyValue, Millis, Operation } from '../ports.ts'
import { keyOf } from './prefixes.ts'

/** Entries that a day has room for, counted from the first; and the rows to be written with them. */
export type Room = {
  readonly fits: number
  readonly fault: CapFault | undefined
  readonly rows: readonly Operation[]
}

/** Nothing more of a member is taken before `until`. */
export type Stop = { readonly fault: CapFault; readonly since: Millis; readonly until: Millis }

export class DayCounts {
  readonly caps: Caps
  private readonly store: KeyValue
  // Ahead of the store by what is being written: whoever writes two logs of a member at once shares one day. Written by `take` only.
  private readonly counts = new Map<string, DayCount>()
  // Members that ran into their caps. Written by `take` only.
  private readonly stops = new Map<string, Stop>()

  constructor(store: KeyValue, caps: Caps) {
    this.store = store
    this.caps = caps
  }

  /** Counts as many of these entries (sizes in bytes, public part included) as the day has room for. */
  take(domain: string, now: Millis, sizes: readonly number[], caps = this.caps): Room {
    const { count, fits, fault } = countDay(this.of(domain), caps, dayOf(now), sizes)
    if (fault === undefined) this.stops.delete(domain)
    else this.stop(domain, fault, now)
    if (fits === 0) return { fits, fault, rows: [] }
    this.counts.set(domain, count)
    const value = encode([count.day, count.entries, count.bytes])
    return { fits, fault, rows: [{ type: 'put', key: rowOf(domain), value }] }
  }

  /** All of these or none: what belongs together stays together. */
  takeAll(domain: string, now: Millis, sizes: readonly number[], caps = this.caps): Room {
    const { fits, fault } = countDay(this.of(domain), caps, dayOf(now), sizes)
    return fits < sizes.length ? { fits: 0, fault, rows: [] } : this.take(domain, now, sizes, caps)
  }

  /** Why nothing more of this member is taken today. */
  stopOf(domain: string, now: Millis): Stop | undefined {
    const stop = this.stops.get(domain)
    return stop !== undefined && dayOf(stop.since) === dayOf(now) ? stop : undefined
  }

  private stop(domain: string, fault: CapFault, now: Millis): void {
    if (this.stopOf(domain, now) !== undefined) return
    this.stops.set(domain, { fault, since: now, until: beginOfDay(dayOf(now) + 1) })
  }

  private of(domain: string): DayCount | undefined {
    const known = this.counts.get(domain)
    if (known !== undefined) return known
    const row = this.store.getSync(rowOf(domain))
    const read = row === undefined ? undefined : parse(row)
    if (read?.ok !== true || !isList(read.value) || !read.value.every(isCount)) return undefined
    const [day, entries, bytes] = read.value
    return day === undefined || entries === undefined || bytes === undefined
      ? undefined
      : { day, entries, bytes }
  }
}

function rowOf(domain: string): Uint8Array {
  return keyOf('daily', bytesOfText(domain))
}
