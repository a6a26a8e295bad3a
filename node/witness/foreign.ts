/**
 * Our witness for logs that are none of the coalition's, where its operator turned that on: by the same rules as for
 * members, under the same witness key, and in a key space of its own, so that no foreign origin can touch what we
 * stated of a member's log. What is stated is on disk before it is answered. DESIGN §4.3, spec 03 §12.
 */
import { bytesOfText } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { parseAddCheckpoint, printCosignatureLines } from '../../protocol/log/add-checkpoint.ts'
import { verifyCheckpoint } from '../../protocol/log/checkpoint.ts'
import { cosign, printCosignerName } from '../../protocol/log/cosignature.ts'
import { parseForeignCheckpoint } from '../../protocol/log/foreign.ts'
import type { PolicyLog } from '../../protocol/log/policy.ts'
import { judgeAddCheckpoint } from '../../protocol/log/witness.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Clock, KeyValue, Signer } from '../ports.ts'
import { keyOf } from '../store/prefixes.ts'
import { refusal, type CosignAnswer } from './cosigner.ts'
import { InTurn } from './in-turn.ts'
import { printKept, readKept, type Kept } from './kept.ts'

export type ForeignParts = {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly store: KeyValue
  readonly ownDomain: string
  /** Our witness keys that may sign, oldest first. */
  readonly signers: () => readonly Signer[]
  readonly mayCosign: () => boolean
  readonly known: readonly PolicyLog[]
}

type Request = Parameters<typeof judgeAddCheckpoint>[2]

const ROW = { record: 0, contradiction: 1 } as const

export class ForeignCosigner {
  private readonly parts: ForeignParts
  private readonly keys = new Map<string, PublicKey[]>()
  private readonly inTurn = new InTurn()

  constructor(parts: ForeignParts) {
    this.parts = parts
    for (const { key } of parts.known) this.keys.set(key.name, [...(this.keys.get(key.name) ?? []), key.key])
  }

  /** Answers one add-checkpoint request. */
  async answer(body: Uint8Array): Promise<CosignAnswer> {
    const request = parseAddCheckpoint(body)
    if (!request.ok) return refusal(400, 'request-unreadable')
    const signed = parseForeignCheckpoint(request.value.note)
    if (!signed.ok) return refusal(400, 'note-unreadable')
    const { origin } = signed.value.checkpoint
    return this.inTurn.run(origin, () => this.judge(origin, request.value))
  }

  private async judge(origin: string, request: Request): Promise<CosignAnswer> {
    const { primitives, clock, store, mayCosign } = this.parts
    if (!mayCosign()) return refusal(503, 'not-recovered')
    const logKeys = this.keys.get(origin)
    // Read from disk each time: after a write whose outcome is unknown, what is there counts.
    const record = logKeys === undefined ? undefined : this.kept(origin)
    const isFrozen = store.getSync(this.row(origin, ROW.contradiction)) !== undefined
    const state = { record, logKeys, isFrozen, read: parseForeignCheckpoint }
    const judged = judgeAddCheckpoint(primitives, state, request, Math.floor(clock.now() / 1_000))
    if (judged.kind === 'refuse') {
      if (judged.why === 'root-differs' && record !== undefined)
        await this.keepContradiction(origin, record.note, request.note)
      return refusal(judged.status, judged.why, judged.size)
    }
    return this.sign(origin, { ...judged.record, note: request.note })
  }

  private async sign(origin: string, kept: Kept): Promise<CosignAnswer> {
    const { primitives, store, ownDomain, signers } = this.parts
    const signed = parseForeignCheckpoint(kept.note)
    if (!signed.ok) return refusal(400, 'note-unreadable')
    await store.batch([{ type: 'put', key: this.row(origin, ROW.record), value: printKept(kept) }], 'durable')
    const name = printCosignerName(ownDomain, 'witness')
    const head = { text: signed.value.note.text, time: kept.time }
    const lines = signers().map(({ publicKey: key, sign }) => cosign(primitives, { name, key }, head, sign))
    return { status: 200, body: printCosignatureLines(lines), why: undefined }
  }

  /** Two roots of one size under one key of the log: kept, and nothing of that log is cosigned any more. */
  private async keepContradiction(origin: string, held: Uint8Array, shown: Uint8Array): Promise<void> {
    const { primitives, store } = this.parts
    const [a, b] = [parseForeignCheckpoint(held), parseForeignCheckpoint(shown)]
    if (!a.ok || !b.ok) return
    const isByOne = this.keys
      .get(origin)
      ?.some((key) => [a.value, b.value].every((one) => verifyCheckpoint(primitives, one, key).ok))
    if (isByOne !== true) return
    const value = encode({ held, shown })
    await store.batch([{ type: 'put', key: this.row(origin, ROW.contradiction), value }], 'durable')
  }

  private kept(origin: string): Kept | undefined {
    const bytes = this.parts.store.getSync(this.row(origin, ROW.record))
    return bytes === undefined ? undefined : readKept(bytes, origin)
  }

  private row(origin: string, byte: number): Uint8Array {
    return keyOf('foreign', this.parts.primitives.sha256(bytesOfText(origin)), { byte })
  }
}
