/** Whether a stored signed note is one that its log may be shown under. */
import { equal } from '../../protocol/bytes.ts'
import { keysInForce } from '../../protocol/identity/keystate.ts'
import { parseSignedCheckpoint, verifyCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { HeldLog } from './log.ts'

type RootAt = (log: HeldLog, size: number) => Promise<Uint8Array | undefined>

/** What is wrong with the head that the log is held under, as a clause. */
export async function faultOfNote(
  primitives: Primitives,
  log: HeldLog,
  note: Uint8Array,
  rootAt: RootAt,
): Promise<string | undefined> {
  const signed = parseSignedCheckpoint(note)
  if (!signed.ok) return 'it is none'
  const { origin, size, root } = signed.value.checkpoint
  if (origin !== log.origin) return 'it is of another log'
  const [key] = log.keys === undefined ? [] : keysInForce(log.keys, 'log', 0)
  if (key !== undefined && !verifyCheckpoint(primitives, signed.value, key.key).ok)
    return 'it is not signed by the log’s key'
  if (size > log.edge.size) return undefined
  const held = size === 0 ? undefined : await rootAt(log, size)
  return held !== undefined && equal(held, root) ? undefined : 'the stored entries do not lead to its root'
}
