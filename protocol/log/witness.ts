/**
 * What a witness does with a request to cosign: the rules of C2SP tlog-witness, as DESIGN §4.3 amends them. Pure: the
 * node stores the record it returns, on disk, before it answers. Spec 03 §12.
 *
 * A failed proof changes nothing here, because anybody can send an honest head with rubbish beside it. The head itself is
 * its log's own doing where its key signed it, and the node compares it with what it holds.
 */
import { equal } from '../bytes.ts'
import type { PublicKey } from '../identity/key.ts'
import type { Primitives } from '../primitives.ts'
import type { AddCheckpoint } from './add-checkpoint.ts'
import { parseSignedCheckpoint, verifyCheckpoint, type Checkpoint } from './checkpoint.ts'
import type { parseForeignCheckpoint } from './foreign.ts'
import { verifyConsistency } from './proof.ts'

/** What a witness cosigned last for one log. It never goes back in size or time. */
export type WitnessRecord = {
  readonly size: number
  readonly root: Uint8Array
  /** Seconds since 1970, as in the cosignature. */
  readonly time: number
}

export type WitnessState = {
  readonly record: WitnessRecord | undefined
  /** The log's keys in force, by its own leaf 0; undefined where the log is not known here. */
  readonly logKeys: readonly PublicKey[] | undefined
  /** Whether a proof of equivocation against this log was verified. Nothing less stops cosigning. */
  readonly isFrozen: boolean
  /** The newest head of the log whose entries are all stored here, with the root that its tree has at the recorded size. */
  readonly held?: {
    readonly size: number
    readonly root: Uint8Array
    readonly atRecord: Uint8Array | undefined
  }
  /** The largest head that the log is known to have signed, where its entries are not stored here yet. */
  readonly seen?: { readonly size: number; readonly root: Uint8Array }
  /** How heads of this log are read, where that is not as those of members. */
  readonly read?: typeof parseForeignCheckpoint
}

/** The status codes of C2SP tlog-witness, and 503 for a witness that may not sign now. */
export type RefusalStatus = 400 | 403 | 404 | 409 | 422 | 503

export type Judgement =
  | { readonly kind: 'cosign'; readonly checkpoint: Checkpoint; readonly record: WitnessRecord }
  | {
      readonly kind: 'refuse'
      readonly status: RefusalStatus
      readonly why: RefusalReason
      /** With 409: the size that the witness has. */
      readonly size?: number
    }

export type RefusalReason =
  | 'note-unreadable'
  | 'log-unknown'
  | 'log-frozen'
  | 'head-unsigned'
  | 'old-above-size'
  | 'old-not-mine'
  | 'root-differs'
  | 'proof-wrong'
  | 'clock-behind'
  | 'newer-seen'

/** Judges one request at `now`, in whole seconds. The rules are numbered as in Spec 03 §12. */
export function judgeAddCheckpoint(
  primitives: Primitives,
  { record, logKeys, isFrozen, read = parseSignedCheckpoint, held, seen }: WitnessState,
  { oldSize, proof, note }: AddCheckpoint,
  now: number,
): Judgement {
  const signed = read(note)
  if (!signed.ok) return refuse(400, 'note-unreadable')
  // 1: only logs it knows. 2: only heads under the log's own key, an empty one with the empty root (5).
  if (logKeys === undefined) return refuse(404, 'log-unknown')
  if (!logKeys.some((key) => verifyCheckpoint(primitives, signed.value, key).ok)) {
    return refuse(403, 'head-unsigned')
  }
  if (isFrozen) return refuse(403, 'log-frozen')
  const { checkpoint } = signed.value
  const known = record ?? { size: 0, root: checkpoint.root, time: 0 }
  const from = latest(known, held, checkpoint, oldSize)
  // 3, 4: the log says where the witness stands, and has it right.
  if (oldSize > checkpoint.size) return refuse(400, 'old-above-size')
  if (oldSize !== from.size) return { ...refuse(409, 'old-not-mine'), size: from.size }
  // 6, 7: the new head continues the old one, and whatever else is known of the log.
  const continued = continues(primitives, from, checkpoint, proof) ?? beside(known, held, checkpoint)
  if (continued !== undefined) return continued
  if (seen !== undefined && seen.size > from.size) {
    if (seen.size !== checkpoint.size) return refuse(503, 'newer-seen')
    if (!equal(seen.root, checkpoint.root)) return { ...refuse(409, 'root-differs'), size: checkpoint.size }
  }
  // 9: time never decreases.
  if (now < known.time) return refuse(503, 'clock-behind')
  return { kind: 'cosign', checkpoint, record: { size: checkpoint.size, root: checkpoint.root, time: now } }
}

type Latest = Pick<WitnessRecord, 'size' | 'root'>

/**
 * From where a head is to be proven: from what is stored here, where that goes beyond what was cosigned. A witness that came
 * back from a backup may have cosigned all of it. No proof is needed of the very head that is stored.
 */
function latest(record: Latest, held: WitnessState['held'], { size }: Checkpoint, oldSize: number): Latest {
  if (held === undefined || held.size <= record.size) return record
  return oldSize === record.size && size === held.size ? record : held
}

/** What is stored holds the record, and at its own size it is the head. */
function beside(
  record: Latest,
  held: WitnessState['held'],
  { size, root }: Checkpoint,
): Judgement | undefined {
  if (held === undefined || held.size <= record.size) return undefined
  const isItsPrefix = record.size === 0 || (held.atRecord !== undefined && equal(held.atRecord, record.root))
  if (isItsPrefix && (size !== held.size || equal(root, held.root))) return undefined
  return { ...refuse(409, 'root-differs'), size: record.size }
}

function continues(
  primitives: Primitives,
  known: Latest,
  { size, root }: Checkpoint,
  proof: readonly Uint8Array[],
): Judgement | undefined {
  if (size === known.size) {
    if (!equal(root, known.root)) return { ...refuse(409, 'root-differs'), size: known.size }
    return proof.length === 0 ? undefined : refuse(422, 'proof-wrong')
  }
  // From nothing everything follows: there is no proof, and none may be there.
  if (known.size === 0) return proof.length === 0 ? undefined : refuse(422, 'proof-wrong')
  const claim = { oldSize: known.size, oldRoot: known.root, size, root, proof }
  return verifyConsistency(primitives, claim).ok ? undefined : refuse(422, 'proof-wrong')
}

function refuse(status: RefusalStatus, why: RefusalReason): Extract<Judgement, { kind: 'refuse' }> {
  return { kind: 'refuse', status, why }
}
