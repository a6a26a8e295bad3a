/** The rows in which the cosigned heads of a log are stored. */
import { printCosigned, type CosignedHead } from '../../protocol/log/cosigned-head.ts'
import type { Operation } from '../ports.ts'
import { keyOf } from '../store/prefixes.ts'

export const KIND = { newest: 0, quorum: 1, earlier: 2 } as const

/** The two rows of a log as they are to be. */
export function rowsOf(
  log: number,
  newest: CosignedHead | undefined,
  quorum: CosignedHead | undefined,
): readonly Operation[] {
  const row = (kind: number, head: CosignedHead | undefined): Operation => {
    const key = keyOf('cosigned', { log }, { byte: kind })
    return head === undefined ? { type: 'del', key } : { type: 'put', key, value: printCosigned(head) }
  }
  return [row(KIND.newest, newest), row(KIND.quorum, quorum)]
}
