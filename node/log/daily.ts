/** Our own log keeps to the caps that every mirror counts it against (DESIGN §4.8): what they would not take is not said. */
import { capsForWords, isProtective, type Caps } from '../../protocol/log/daily.ts'
import { NodeError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { DayCounts } from '../store/day-counts.ts'
import type { Daily } from './appender.ts'

/** Counts for our log. Statements that protect somebody may use the whole day; all others leave room for them. */
export function dailyOf(counts: DayCounts, domain: string, clock: Clock): Daily {
  return (proposed) => {
    const sizes = proposed.map(({ entry, part }) => entry.bytes.length + part.bytes.length)
    const isForAll = proposed.every(({ entry }) => isProtective(entry.statement.kind))
    const caps: Caps = isForAll ? counts.caps : capsForWords(counts.caps)
    const { fits, rows } = counts.takeAll(domain, clock.now(), sizes, caps)
    return fits < proposed.length ? full(caps) : rows
  }
}

function full({ entriesPerDay, bytesPerDay }: Caps): NodeError {
  const cap = `${entriesPerDay} entries or ${bytesPerDay} bytes`
  return new NodeError(
    'DAILY_CAP',
    `this would be more than the charter lets a member add in a day (${cap}); nothing of it was logged`,
    {
      fix: 'the same tomorrow (UTC), or fewer at once',
    },
  )
}
