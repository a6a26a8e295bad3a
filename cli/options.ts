/** Values of options. */
import { InvalidArgumentError } from 'commander'

/** For options of which a command takes several: each flag takes one value, so that none swallows the words behind it. */
export function repeated(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}

export function secondsOf(text: string): number {
  const value = Number(text)
  if (/^\d{1,5}$/.test(text) && value > 0) return value
  throw new InvalidArgumentError('A number of seconds.')
}

/** More threads than this help no machine that an audit runs on. */
const JOBS_MAX = 64

/** Threads that judge; none is in the thread of the command itself. */
export function jobsOf(text: string): number {
  const count = Number(text)
  if (/^\d{1,2}$/.test(text) && count <= JOBS_MAX) return count
  throw new InvalidArgumentError(`A whole number up to ${JOBS_MAX}.`)
}

export function countOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('A whole number.')
}
