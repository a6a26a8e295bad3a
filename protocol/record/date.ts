/**
 * Dates as text that says no more than is known: `2024`, `2024-04`, `2024-04-09`, `2024-04-09T13Z` (ISO 8601,
 * UTC). The precision names which; a quarter is written as its first month. No clock and no time zone here.
 */
import type { TermId } from './vocabulary.ts'
import type { DATE_PRECISIONS } from './vocabulary/detection.ts'

export type DatePrecision = TermId<typeof DATE_PRECISIONS>

const SHAPES: Readonly<Record<Exclude<DatePrecision, 'unknown'>, RegExp>> = {
  year: /^\d{4}$/,
  quarter: /^\d{4}-(?:01|04|07|10)$/,
  month: /^\d{4}-\d{2}$/,
  day: /^\d{4}-\d{2}-\d{2}$/,
  hour: /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3])Z$/,
}

/** True for a date that exists, written as its precision asks. */
export function isDateOf(text: string, precision: DatePrecision): boolean {
  return precision !== 'unknown' && SHAPES[precision].test(text) && exists(text)
}

/** True for a date that exists, of whichever precision. */
export function isDate(text: string): boolean {
  return Object.values(SHAPES).some((shape) => shape.test(text)) && exists(text)
}

/** First and last day that a date can mean, as YYYY-MM-DD, so that days compare as texts. */
export function daysOf(text: string, precision: DatePrecision): { first: string; last: string } | undefined {
  if (!isDateOf(text, precision)) return undefined
  const [year = '', month = '01', rest = '01'] = text.split('-')
  switch (precision) {
    case 'year':
      return { first: `${year}-01-01`, last: `${year}-12-31` }
    case 'quarter':
      return { first: `${year}-${month}-01`, last: lastDay(year, Number(month) + 2) }
    case 'month':
      return { first: `${year}-${month}-01`, last: lastDay(year, Number(month)) }
    default: {
      const day = `${year}-${month}-${rest.slice(0, 2)}`
      return { first: day, last: day }
    }
  }
}

function exists(text: string): boolean {
  const [year, month = '01', rest = '01'] = text.split('-')
  const day = Number(rest.slice(0, 2))
  const inMonth = Number(month)
  return inMonth >= 1 && inMonth <= 12 && day >= 1 && day <= daysIn(Number(year), inMonth)
}

function lastDay(year: string, month: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${daysIn(Number(year), month)}`
}

/** Days of a month in the Gregorian calendar. */
function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** The days from 1970-01-01 to the first day of a date of any spelling, and to the day after its last. */
export function daysSince1970(date: string): { readonly first: number; readonly after: number } {
  const [year = '', month, day] = date.slice(0, 10).split('-')
  const whole = Number(year)
  if (month === undefined) return { first: dayNumber(whole, 1, 1), after: dayNumber(whole + 1, 1, 1) }
  const number = Number(month)
  if (day === undefined) {
    const first = dayNumber(whole, number, 1)
    return { first, after: first + daysIn(whole, number) }
  }
  const first = dayNumber(whole, number, Number(day))
  return { first, after: first + 1 }
}

/** Days in the Gregorian calendar, counted in years that begin in March so that the leap day comes last. */
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const sinceMarch = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400)
  return 365 * shifted + leapDays + sinceMarch - DAYS_TO_1970
}

/** From 1 March of the year 0 to 1 January 1970. */
const DAYS_TO_1970 = 719_468
