/**
 * Asking one witness for its cosignature, with the proof from the size that it has. Where we are wrong about that size
 * the witness says so (409), and is asked again. Spec 03 §12.
 */
import { parseCosignatureLines, printAddCheckpoint } from '../../protocol/log/add-checkpoint.ts'
import { parseCount } from '../../protocol/log/checkpoint.ts'
import type { NoteSignature } from '../../protocol/log/note.ts'
import { deadline } from '../deadline.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'

/** What a witness said to add-checkpoint. */
export type WitnessReply = { readonly status: number; readonly body: Uint8Array }

/** Asks one witness. Undefined where it gave no answer of this protocol. */
export type Ask = (body: Uint8Array, signal: AbortSignal) => Promise<WitnessReply | undefined>

export type Asked =
  | { readonly kind: 'cosigned'; readonly lines: readonly NoteSignature[] }
  /** It says that it cosigned more than we hold. */
  | { readonly kind: 'ahead'; readonly size: number }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreadable' }

/** For one question and its answer. */
const ANSWER_MS = 10_000

/** A witness may have moved on between its answer and our next question. */
const ATTEMPTS_MAX = 3

export class Asker {
  private readonly logs: Pick<Logs, 'consistencyProof'>
  private readonly signal: AbortSignal
  // The size each witness last had, as it told us. A restart begins at 0 and is corrected by a 409.
  private readonly sizes = new Map<string, number>()

  constructor(logs: Pick<Logs, 'consistencyProof'>, signal: AbortSignal) {
    this.logs = logs
    this.signal = signal
  }

  /** Throws what `ask` throws. */
  async ask(name: string, ask: Ask, log: HeldLog, size: number, note: Uint8Array): Promise<Asked> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const oldSize = Math.min(this.sizes.get(name) ?? 0, size)
      const proof = oldSize > 0 && oldSize < size ? await this.logs.consistencyProof(log, oldSize, size) : []
      const body = printAddCheckpoint({ oldSize, proof, note })
      const reply = await ask(body, deadline(this.signal, ANSWER_MS))
      if (reply === undefined) return { kind: 'unreadable' }
      if (reply.status === 200) {
        this.sizes.set(name, size)
        const lines = parseCosignatureLines(reply.body)
        return lines.ok ? { kind: 'cosigned', lines: lines.value } : { kind: 'unreadable' }
      }
      if (reply.status !== 409) return { kind: 'refused', status: reply.status }
      const theirs = readSize(reply.body)
      if (theirs === undefined) return { kind: 'unreadable' }
      if (theirs > size) return { kind: 'ahead', size: theirs }
      // The same size again: it holds another root there, or says anything at all.
      if (theirs === oldSize) break
      this.sizes.set(name, theirs)
    }
    return { kind: 'refused', status: 409 }
  }
}

function readSize(body: Uint8Array): number | undefined {
  if (body.length > 17 || body.at(-1) !== 0x0a) return undefined
  return parseCount(Buffer.from(body.subarray(0, -1)).toString('latin1'))
}
