/**
 * How much a member may add to its log in one day: the charter's caps (spec 07 §1), counted by everybody who keeps a copy, over all
 * epochs of the member and by the counter's own clock. Without them one member could fill the disks of all others. DESIGN §4.8.
 */
import { PROTECTIVE_ENTRIES_MAX } from '../limits.ts'

/** The charter's caps: entries, and bytes of entries and public parts, in one UTC day. */
export type Caps = { readonly entriesPerDay: number; readonly bytesPerDay: number }

/** What a member added on one day; `day` counts from 1970-01-01 UTC. */
export type DayCount = { readonly day: number; readonly entries: number; readonly bytes: number }

export type CapFault = 'cap-entries' | 'cap-bytes'

const MILLIS_PER_DAY = 86_400_000

export function dayOf(millis: number): number {
  return Math.floor(millis / MILLIS_PER_DAY)
}

/** When a day begins, in milliseconds since 1970. */
export function beginOfDay(day: number): number {
  return day * MILLIS_PER_DAY
}

/**
 * Counts entries of these sizes (bytes, public part included) in their order, as far as the caps reach. Another day begins anew, an
 * earlier one too: a clock that was ten years ahead for an hour must not stop a log for ten years.
 */
export function countDay(
  before: DayCount | undefined,
  caps: Caps,
  day: number,
  sizes: readonly number[],
): { readonly count: DayCount; readonly fits: number; readonly fault: CapFault | undefined } {
  let { entries, bytes } = before?.day === day ? before : { entries: 0, bytes: 0 }
  let fits = 0
  let fault: CapFault | undefined
  for (const size of sizes) {
    if (entries + 1 > caps.entriesPerDay) fault = 'cap-entries'
    else if (bytes + size > caps.bytesPerDay) fault = 'cap-bytes'
    if (fault !== undefined) break
    entries += 1
    bytes += size
    fits += 1
  }
  return { count: { day, entries, bytes }, fits, fault }
}

/**
 * The caps that a member keeps to for what people say, below those of the charter: whoever floods its log must not keep it
 * from retiring a key, ending an epoch or erasing a part on the same day.
 */
export function capsForWords({ entriesPerDay, bytesPerDay }: Caps): Caps {
  const kept = Math.min(PROTECTIVE_ENTRIES_MAX, Math.floor(entriesPerDay / 10))
  return { entriesPerDay: entriesPerDay - kept, bytesPerDay: bytesPerDay - Math.floor(bytesPerDay / 10) }
}

/** Kinds of statements that protect somebody and consist of terms: they may use all of the charter's caps. */
export function isProtective(kind: string): boolean {
  return ['epoch', 'key', 'erase', 'retract', 'observed'].includes(kind)
}
