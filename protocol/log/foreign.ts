/**
 * Logs that are none of the coalition's, for which a node is a witness: their checkpoints as C2SP tlog-checkpoint has
 * them, with any origin and with extension lines, and the file that says which logs are known. Spec 03 §12.
 */
import { bytesOfText, concat, parseBase64 } from '../bytes.ts'
import { ORIGIN_BYTES_MAX } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { parseCount, parseOrigin, type CheckpointFault, type SignedCheckpoint } from './checkpoint.ts'
import { HASH_BYTES } from './merkle.ts'
import { parseNote, type NoteFault } from './note.ts'
import { parsePolicy, type PolicyFault, type PolicyLog } from './policy.ts'

/** Reads a checkpoint of any log. Its text is signed whole, extension lines and all, and is what is cosigned. */
export function parseForeignCheckpoint(
  bytes: Uint8Array,
): Result<SignedCheckpoint, NoteFault | CheckpointFault> {
  const note = parseNote(bytes)
  if (!note.ok) return note
  const [origin, size, root, ...rest] = note.value.text.split('\n')
  if (origin === undefined || size === undefined || root === undefined) return fault('checkpoint-lines')
  // The text ends in a newline, and no line of it is empty.
  if (rest.pop() !== '' || rest.includes('')) return fault('checkpoint-lines')
  if (origin === '' || bytesOfText(origin).length > ORIGIN_BYTES_MAX) return fault('checkpoint-origin')
  const leaves = parseCount(size)
  if (leaves === undefined) return fault('checkpoint-size')
  const hash = parseBase64(root)
  if (!hash.ok || hash.value.length !== HASH_BYTES) return fault('checkpoint-root')
  return ok({ checkpoint: { origin, size: leaves, root: hash.value }, note: note.value })
}

const NEWLINE = 0x0a

export type KnownLogsFault = PolicyFault | 'known-logs-coalition' | 'known-logs-line'

/**
 * Reads the `log` lines of a trust policy (C2SP tlog-policy), which may give one origin several keys. Logs of this network
 * are refused: their keys stand in their own first entries, and nowhere else.
 */
export function parseKnownLogs(
  primitives: Primitives,
  bytes: Uint8Array,
  networkId: string,
):
  | { readonly ok: true; readonly value: readonly PolicyLog[] }
  | { readonly ok: false; readonly fault: KnownLogsFault; readonly line: number } {
  if (bytes.length > 0 && bytes.at(-1) !== NEWLINE) return { ...fault('policy-line'), line: 0 }
  const policy = parsePolicy(primitives, concat(bytes, bytesOfText('quorum none\n')))
  if (!policy.ok) return policy
  const { logs, witnesses } = policy.value
  if (witnesses.length > 0) return { ...fault('known-logs-line'), line: 0 }
  const isOurs = ({ key }: PolicyLog) => {
    const origin = parseOrigin(key.name)
    return origin.ok && origin.value.networkId === networkId
  }
  return logs.some(isOurs) ? { ...fault('known-logs-coalition'), line: 0 } : ok(logs)
}
