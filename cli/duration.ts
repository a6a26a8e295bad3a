/** Durations as people type them: `0`, `30s`, `10m`, `2h`, `1d`. */
import { usage } from './context.ts'

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

export function secondsOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd]?)$/.exec(text) ?? []
  const isKnown = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd'
  if (count === '0' || (count !== undefined && isKnown)) return Number(count) * (isKnown ? SECONDS[unit] : 1)
  throw usage('a time is a number and s, m, h or d, such as 10m; or 0')
}
