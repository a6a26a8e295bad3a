/**
 * Dates as numbers that a typed column can hold: the first and the last hour that a date can mean. The numbers
 * count hours of a calendar whose months all have 31 days: they order like dates and mean nothing else.
 */
import { isDate } from '../../protocol/record/date.ts'

/** Both ends inclusive; never zero. */
export type Span = { readonly first: number; readonly last: number }

/** The number of no date at all: below every date. */
export const NO_MOMENT = 0

/** The hours that a date such as 2024, 2024-04, 2024-04-09 or 2024-04-09T13Z can mean, or undefined. */
export function spanOf(text: string): Span | undefined {
  if (text.length > DATE_LENGTH_MAX || !isDate(text)) return undefined
  const [year = 0, month, day, hour] = text.split(/[-TZ]/).filter(Boolean).map(Number)
  return {
    first: hoursOf(year, month ?? 1, day ?? 1, hour ?? 0),
    last: hoursOf(year, month ?? 12, day ?? 31, hour ?? 23),
  }
}

/** What is known of when something happened; a quarter is written as its first month. */
export type Occurred = {
  readonly start: string
  readonly end?: string
  readonly precision?: string
}

export function spanOfOccurred({ start, end, precision }: Occurred): Span | undefined {
  const from = spanOf(start)
  if (from === undefined) return undefined
  const to = (end === undefined ? undefined : spanOf(end)) ?? from
  const last = precision === 'quarter' ? to.last + QUARTER_REST : to.last
  return { first: from.first, last: Math.max(from.last, last) }
}

const DATE_LENGTH_MAX = 14

/** The two months of a quarter that its first month does not name. */
const QUARTER_REST = 2 * 31 * 24

function hoursOf(year: number, month: number, day: number, hour: number): number {
  return ((year * 12 + month - 1) * 31 + day - 1) * 24 + hour + 1
}
