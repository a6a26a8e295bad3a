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

export function countOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('A whole number.')
}
