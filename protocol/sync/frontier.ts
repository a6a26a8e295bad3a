/** Which logs a frontier names when there are more than it holds. Spec 04 §2. */
import { parseOrigin } from '../log/checkpoint.ts'

/**
 * At most `max` of these logs, in the order in which they came. Of every member the newest epoch is taken first, then of every
 * member the one before it, and so on: however many epochs one member opens, it keeps out none of another's newer ones.
 */
export function fairShare<T extends { readonly origin: string }>(
  logs: readonly T[],
  max: number,
): readonly T[] {
  if (logs.length <= max) return logs
  const byMember = new Map<string, { readonly log: T; readonly epoch: number }[]>()
  for (const log of logs) {
    const read = parseOrigin(log.origin)
    if (!read.ok) continue
    const { domain, epoch } = read.value
    const own = byMember.get(domain)
    if (own === undefined) byMember.set(domain, [{ log, epoch }])
    else own.push({ log, epoch })
  }
  const newestFirst = [...byMember.values()].map((own) => own.toSorted((a, b) => b.epoch - a.epoch))
  const taken = new Set<T>()
  for (let rank = 0; taken.size < max; rank++) {
    const round = newestFirst.flatMap((own) => own[rank] ?? [])
    if (round.length === 0) break
    for (const { log } of round.slice(0, max - taken.size)) taken.add(log)
  }
  return logs.filter((log) => taken.has(log))
}
