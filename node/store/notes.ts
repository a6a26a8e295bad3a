/** Whether a stored signed note is one that its log may be shown under. */
import { equal } from '../../protocol/bytes.ts'
import { keysInForce } from '../../protocol/identity/keystate.ts'
import { parseSignedCheckpoint, verifyCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Damages } from './damage.ts'
import type { HeldLog } from './log.ts'

type RootAt = (log: HeldLog, size: number) => Promise<Uint8Array | undefined>

/** The log without notes that are damaged: each is signed, or fetched, again, and shown to nobody until then. */
export async function withGoodNotes(
  primitives: Primitives,
  log: HeldLog,
  damages: Damages,
  rootAt: RootAt,
): Promise<HeldLog> {
  const { complete, pending, origin } = log
  const faultOf = async (note: Uint8Array | undefined) =>
    note === undefined ? undefined : faultOfNote(primitives, log, note, rootAt)
  const [why, whyPending] = [await faultOf(complete), await faultOf(pending)]
  const first = why ?? whyPending
  if (first === undefined) return log
  damages.add({ origin, what: 'head', index: undefined, why: first })
  return {
    ...log,
    complete: why === undefined ? complete : undefined,
    pending: whyPending === undefined ? pending : undefined,
  }
}

/** What is wrong with the head that the log is held under, as a clause. */
async function faultOfNote(
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
