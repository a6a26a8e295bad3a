/** What is sent in the place of parts that were erased. Spec 03 §7.2. */
import type { Erasure } from '../../protocol/log/erasure.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'

/** Why these public parts are missing, proven below the head of this size; fewer where it does not reach so far. */
export async function erasuresOf(
  logs: Logs,
  log: HeldLog,
  missing: readonly number[],
  size: number,
): Promise<readonly Erasure[]> {
  const found: Erasure[] = []
  for (const of of missing) {
    const index = logs.erasedBy(log, of)
    if (index === undefined || index >= size) continue
    const [entry] = logs.entries(log, index, 1)
    const part = logs.part(log, index)
    if (entry === undefined || part === undefined) continue
    found.push({ of, index, entry, part, proof: await logs.inclusionProof(log, index, size) })
  }
  return found
}
