/**
 * Our two cosigning roles. As a witness we state that a head continues every head we cosigned before; as a mirror, that
 * every entry below it is stored here and valid. What we state is on disk before it is answered, and neither size nor
 * time ever goes back. DESIGN §4.3 and §4.4, Spec 03 §12.
 */
import { equal } from '../../protocol/bytes.ts'
import { keysInForce } from '../../protocol/identity/keystate.ts'
import { parseAddCheckpoint, printCosignatureLines } from '../../protocol/log/add-checkpoint.ts'
import { parseSignedCheckpoint, printBare, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { cosign, printCosignerName, type CosignerRole } from '../../protocol/log/cosignature.ts'
import type { NoteSignature } from '../../protocol/log/note.ts'
import {
  judgeAddCheckpoint,
  type RefusalReason,
  type RefusalStatus,
  type WitnessRecord,
  type WitnessState,
} from '../../protocol/log/witness.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Clock, KeyValue, Operation, Signer } from '../ports.ts'
import { keyOf } from '../store/prefixes.ts'
import { sizeOf, type HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import { InTurn } from './in-turn.ts'
import { printKept, readKept, type Kept } from './kept.ts'
import type { RefusedHead } from './refused-heads.ts'

/** An answer as C2SP tlog-witness has it: with 200 the lines, with 409 our size. */
export type CosignAnswer = {
  readonly status: 200 | RefusalStatus
  readonly body: Uint8Array
  readonly why: RefusalReason | 'request-unreadable' | 'not-recovered' | 'not-remembered' | undefined
}

export type CosignerParts = {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly store: KeyValue
  readonly logs: Logs
  readonly ownDomain: string
  /** All keys in force of a role, oldest first: during a rotation others may know one of them only. */
  readonly signers: (role: CosignerRole) => readonly Signer[]
  /** Until the own log is recovered nothing is cosigned (DESIGN §4.2). */
  readonly mayCosign: () => boolean
  readonly isMember: (origin: string) => boolean
  readonly isFrozen: (origin: string) => boolean
  /** Whether an entry of this log was found not to be valid: a mirror stops there. */
  readonly isStopped: (origin: string) => boolean
  /**
   * Takes a head in as one that was seen, on disk: its author may lose its log and ask every witness how far it went
   * (DESIGN §4.2). False where it contradicts what is held, or could not be kept now.
   */
  readonly remember: (note: Uint8Array) => Promise<boolean>
  /** A head that was not cosigned: it is compared with what is held, like any that somebody shows. */
  readonly onRefused: (refused: RefusedHead) => void
}

export const ROLE_BYTE: Readonly<Record<CosignerRole, number>> = { witness: 0, mirror: 1 }

export class Cosigner {
  private readonly parts: CosignerParts
  private readonly inTurn = new InTurn()

  constructor(parts: CosignerParts) {
    this.parts = parts
  }

  /** Answers one add-checkpoint request. Never throws for what a request holds. */
  async answer(body: Uint8Array): Promise<CosignAnswer> {
    const request = parseAddCheckpoint(body)
    if (!request.ok) return refusal(400, 'request-unreadable')
    const signed = parseSignedCheckpoint(request.value.note)
    if (!signed.ok) return refusal(400, 'note-unreadable')
    const { origin } = signed.value.checkpoint
    return this.inTurn.run(origin, () => this.judge(origin, request.value))
  }

  /** What we cosigned last for a log in this role. */
  record(origin: string, role: CosignerRole): WitnessRecord | undefined {
    const log = this.parts.logs.get(origin)
    return log === undefined ? undefined : this.kept(log, role)
  }

  private async judge(
    origin: string,
    request: Parameters<typeof judgeAddCheckpoint>[2],
  ): Promise<CosignAnswer> {
    const { primitives, clock, logs, isFrozen, mayCosign } = this.parts
    if (!mayCosign()) return refusal(503, 'not-recovered')
    const log = this.isOthers(origin) ? logs.get(origin) : undefined
    const keys = log?.keys
    // Read from disk each time: after a write whose outcome is unknown, what is there counts.
    const witness = log === undefined ? undefined : this.kept(log, 'witness')
    const logKeys = keys && keysInForce(keys, 'log', 0).map(({ key }) => key)
    const known = log === undefined ? {} : await this.known(log, witness)
    const state = { record: witness, logKeys, isFrozen: isFrozen(origin), ...known }
    const now = Math.floor(clock.now() / 1_000)
    const judged = judgeAddCheckpoint(primitives, state, request, now)
    if (judged.kind === 'refuse') {
      const known = [witness?.note, log?.complete, log?.pending]
      const held = known.find((one) => one !== undefined && sizeOf(one) === sizeOf(request.note))
      this.parts.onRefused({ note: request.note, why: judged.why, held })
      return refusal(judged.status, judged.why, judged.size)
    }
    if (log === undefined) return refusal(404, 'log-unknown')
    return this.sign(log, judged.checkpoint, judged.record, request.note)
  }

  /** What of a log is stored here, and what is only known to have been signed: nothing is stated beside it. */
  private async known(
    log: HeldLog,
    record: WitnessRecord | undefined,
  ): Promise<Pick<WitnessState, 'held' | 'seen'>> {
    const held = headOf(log.complete)
    const seen = headOf(log.pending)
    const size = record?.size ?? 0
    const atRecord =
      held === undefined || held.size <= size ? undefined : await this.parts.logs.rootAt(log, size)
    return { ...(held && { held: { ...held, atRecord } }), ...(seen && { seen }) }
  }

  private async sign(
    log: HeldLog,
    checkpoint: Checkpoint,
    record: WitnessRecord,
    note: Uint8Array,
  ): Promise<CosignAnswer> {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok) return refusal(400, 'note-unreadable')
    // Before anything is waited for: its author may stop and ask what was seen of its log.
    if (!(await this.parts.remember(note))) return refusal(503, 'not-remembered')
    const roles: readonly CosignerRole[] = (await this.mayMirror(log, checkpoint, record.time))
      ? ['witness', 'mirror']
      : ['witness']
    // Whoever asks may write anything beneath the head: what is kept is the log's own word.
    const bare = printBare(signed.value)
    const operations = roles.map((role): Operation => {
      return { type: 'put', key: this.keyOf(log, role), value: printKept({ ...record, note: bare }) }
    })
    await this.parts.store.batch(operations, 'durable')
    const head = { text: signed.value.note.text, time: record.time }
    const lines = roles.flatMap((role) => this.lines(role, head))
    return { status: 200, body: printCosignatureLines(lines), why: undefined }
  }

  /** A mirror states no more than it stores, and nothing above an entry that is not valid. */
  private async mayMirror(log: HeldLog, { origin, size, root }: Checkpoint, now: number): Promise<boolean> {
    if (size === 0 || log.edge.size < size || this.parts.isStopped(origin)) return false
    const kept = this.kept(log, 'mirror')
    if (kept !== undefined && (kept.size > size || kept.time > now)) return false
    const held = await this.parts.logs.rootAt(log, size)
    return held !== undefined && equal(held, root)
  }

  private lines(role: CosignerRole, head: { text: string; time: number }): readonly NoteSignature[] {
    const { primitives, ownDomain, signers } = this.parts
    const name = printCosignerName(ownDomain, role)
    return signers(role).map(({ publicKey: key, sign }) => cosign(primitives, { name, key }, head, sign))
  }

  private isOthers(origin: string): boolean {
    const { ownDomain, isMember } = this.parts
    return isMember(origin) && !origin.startsWith(`${ownDomain}/`)
  }

  private kept(log: HeldLog, role: CosignerRole): Kept | undefined {
    const bytes = this.parts.store.getSync(this.keyOf(log, role))
    return bytes === undefined ? undefined : readKept(bytes, log.origin)
  }

  private keyOf(log: HeldLog, role: CosignerRole): Uint8Array {
    return keyOf('cosigner', { log: log.number }, { byte: ROLE_BYTE[role] })
  }
}

function headOf(note: Uint8Array | undefined): Pick<Checkpoint, 'size' | 'root'> | undefined {
  const signed = note === undefined ? undefined : parseSignedCheckpoint(note)
  return signed?.ok === true ? signed.value.checkpoint : undefined
}

export function refusal(status: RefusalStatus, why: CosignAnswer['why'], size?: number): CosignAnswer {
  const body = size === undefined ? new Uint8Array(0) : Buffer.from(`${size}\n`)
  return { status, body, why }
}
