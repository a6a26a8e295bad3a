/**
 * Gathers cosignatures on our own newest head: soon after it grew, and again before they are a day old. The log does
 * not wait for it: an entry is accepted when a durable head covers it, and confirmed when a quorum cosigned such a head.
 */
import { parseCosignatureLines, printAddCheckpoint } from '../../protocol/log/add-checkpoint.ts'
import { parseCount, parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printNote, type NoteSignature } from '../../protocol/log/note.ts'
import type { CosignerRole } from '../../protocol/log/cosignature.ts'
import type { Clock } from '../ports.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import type { CosignedHeads } from './cosigned-heads.ts'
import { deadline } from '../deadline.ts'

/** What a witness said to add-checkpoint. */
export type WitnessReply = { readonly status: number; readonly body: Uint8Array }

/** Whom to ask: another member's node that is connected, or an outside witness. */
export type WitnessPeer = {
  /** The member's domain; of an outside witness, its name. */
  readonly name: string
  readonly isMember: boolean
  readonly ask: (body: Uint8Array, signal: AbortSignal) => Promise<WitnessReply | undefined>
}

export type CollectorParts = {
  readonly clock: Clock
  readonly logs: Logs
  readonly ownOrigin: string
  readonly heads: CosignedHeads
  readonly peers: () => readonly WitnessPeer[]
  /** False once our log is frozen. */
  readonly mayAsk: () => boolean
  /** A note with new cosignatures on our own head: to be spread. */
  readonly onCosigned: (note: Uint8Array) => void
  /** A witness cosigned a larger head of ours than we hold. */
  readonly onAhead: (size: number) => void
  readonly settings: CollectorSettings
}

export type CollectorSettings = {
  /** Between the first growth and the round that asks, so that a burst is one round. */
  readonly delayMs: number
  /** Between two looks at what is missing or old. */
  readonly tickMs: number
  /** Cosignatures older than this are asked for again, whether the log grew or not. */
  readonly refreshSeconds: number
}

export const COLLECTOR_SETTINGS: CollectorSettings = {
  delayMs: 100,
  tickMs: 5_000,
  refreshSeconds: 12 * 3_600,
}

const ROUND_MS = 10_000
/** A witness may have moved on between its answer and our next question. */
const ATTEMPTS_MAX = 3
const ROLES: readonly CosignerRole[] = ['mirror', 'witness']

export class Collector {
  private readonly parts: CollectorParts
  // The size each witness last had, as it told us. A restart begins at 0 and is corrected by a 409.
  private readonly sizes = new Map<string, number>()
  private readonly stopping = new AbortController()
  private timer: NodeJS.Timeout | undefined
  private soon: NodeJS.Timeout | undefined
  private round: Promise<void> | undefined
  private again = false

  constructor(parts: CollectorParts) {
    this.parts = parts
  }

  start(): void {
    this.timer = setInterval(() => this.ask(), this.parts.settings.tickMs)
    this.timer.unref()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    clearInterval(this.timer)
    clearTimeout(this.soon)
    await this.round
  }

  /** Our own log grew, or another member connected. */
  onGrown(): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined
      this.ask()
    }, this.parts.settings.delayMs)
  }

  private ask(): void {
    if (this.round !== undefined) {
      this.again = true
      return
    }
    if (this.stopping.signal.aborted) return
    this.round = this.askAll()
      .catch(() => undefined)
      .finally(() => {
        this.round = undefined
        if (this.again) this.onGrown()
        this.again = false
      })
  }

  private async askAll(): Promise<void> {
    const { logs, ownOrigin, heads, peers, mayAsk, onCosigned } = this.parts
    const log = logs.get(ownOrigin)
    const note = log?.complete
    const signed = note === undefined ? undefined : parseSignedCheckpoint(note)
    if (log === undefined || note === undefined || signed?.ok !== true || !mayAsk()) return
    const { size } = signed.value.checkpoint
    const wanted = peers().filter((peer) => this.isWanted(peer, signed.value.note.text))
    const answers = await Promise.all(
      wanted.map((peer) => this.askOne(peer, log, size, note).catch(() => [])),
    )
    const lines = answers.flat()
    if (lines.length === 0) return
    const { text, signatures } = signed.value.note
    const cosigned = printNote({ text, signatures: [...signatures, ...lines] })
    if ((await heads.add(cosigned)) === 'new') onCosigned(heads.noteWith(note))
  }

  /** Whether a member's line of either role is missing on this head, or old. */
  private isWanted({ name, isMember }: WitnessPeer, text: string): boolean {
    if (!isMember) return true
    const { heads, ownOrigin, clock, settings } = this.parts
    const newest = heads.get(ownOrigin)?.newest
    if (newest?.text !== text) return true
    const since = Math.floor(clock.now() / 1_000) - settings.refreshSeconds
    return ROLES.some(
      (role) =>
        !newest.cosignatures.some((one) => one.domain === name && one.role === role && one.time > since),
    )
  }

  private async askOne(
    peer: WitnessPeer,
    log: HeldLog,
    size: number,
    note: Uint8Array,
  ): Promise<readonly NoteSignature[]> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const oldSize = Math.min(this.sizes.get(peer.name) ?? 0, size)
      const proof =
        oldSize > 0 && oldSize < size ? await this.parts.logs.consistencyProof(log, oldSize, size) : []
      const signal = deadline(this.stopping.signal, ROUND_MS)
      const reply = await peer.ask(printAddCheckpoint({ oldSize, proof, note }), signal)
      if (reply?.status === 200) {
        this.sizes.set(peer.name, size)
        const lines = parseCosignatureLines(reply.body)
        return lines.ok ? lines.value : []
      }
      const theirs = reply?.status === 409 ? readSize(reply.body) : undefined
      if (theirs === undefined) return []
      if (theirs > size) {
        this.parts.onAhead(theirs)
        return []
      }
      this.sizes.set(peer.name, theirs)
    }
    return []
  }
}

function readSize(body: Uint8Array): number | undefined {
  if (body.length > 17 || body.at(-1) !== 0x0a) return undefined
  return parseCount(Buffer.from(body.subarray(0, -1)).toString('latin1'))
}
