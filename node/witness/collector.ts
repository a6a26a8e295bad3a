/**
 * Gathers members' cosignatures on our own newest head: soon after it grew, and again before they are a day old. The log does
 * not wait for it: an entry is accepted when a durable head covers it, and confirmed when a quorum cosigned such a head.
 */
import { parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printNote, type NoteSignature } from '../../protocol/log/note.ts'
import { printCosignerName, type CosignerRole } from '../../protocol/log/cosignature.ts'
import type { Clock } from '../ports.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import { Asker, type Ask } from './asker.ts'
import type { CosignedHeads } from './cosigned-heads.ts'

/** Whom to ask: another member's node that is connected, by its domain. */
export type WitnessPeer = {
  readonly name: string
  readonly ask: Ask
  /** Exchanges heads with it, soon. */
  readonly compare: () => void
  /** It pays for a line in its own name that its key did not sign. */
  readonly blame: () => void
}

export type CollectorParts = {
  readonly clock: Clock
  readonly logs: Logs
  readonly ownOrigin: string
  readonly heads: CosignedHeads
  readonly peers: () => readonly WitnessPeer[]
  /** False before our log is recovered, and once it is frozen. */
  readonly mayAsk: () => boolean
  /** A note with new cosignatures on our own head: to be spread. */
  readonly onCosigned: (note: Uint8Array) => void
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

/** Lines of one member that are read: of each role two keys, while one takes the place of the other. */
const LINES_PER_ANSWER_MAX = 4

const ROLES: readonly CosignerRole[] = ['mirror', 'witness']

export class Collector {
  private readonly parts: CollectorParts
  private readonly stopping = new AbortController()
  private readonly asker: Asker
  private timer: NodeJS.Timeout | undefined
  private soon: NodeJS.Timeout | undefined
  private round: Promise<void> | undefined
  private again = false

  constructor(parts: CollectorParts) {
    this.parts = parts
    this.asker = new Asker(parts.logs, this.stopping.signal)
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
    const { kind, forged } = await heads.add(cosigned)
    for (const peer of wanted) if (namesOf(peer).some((name) => forged.includes(name))) peer.blame()
    if (kind === 'new') onCosigned(heads.noteWith(note))
  }

  /** Whether a member's line of either role is missing on this head, or old. */
  private isWanted({ name }: WitnessPeer, text: string): boolean {
    const { heads, ownOrigin, clock, settings } = this.parts
    const newest = heads.get(ownOrigin)?.newest
    if (newest?.text !== text) return true
    const since = Math.floor(clock.now() / 1_000) - settings.refreshSeconds
    return ROLES.some(
      (role) =>
        !newest.cosignatures.some((one) => one.domain === name && one.role === role && one.time > since),
    )
  }

  /** Its own lines alone: those of others it has nobody asked for. */
  private async askOne(
    peer: WitnessPeer,
    log: HeldLog,
    size: number,
    note: Uint8Array,
  ): Promise<readonly NoteSignature[]> {
    const { name, ask, compare } = peer
    const asked = await this.asker.ask(name, ask, log, size, note)
    // A number that nobody signed stops no log; the signed head that it speaks of comes with an exchange.
    if (asked.kind === 'ahead') compare()
    if (asked.kind !== 'cosigned') return []
    const own = namesOf(peer)
    return asked.lines.filter((line) => own.includes(line.name)).slice(0, LINES_PER_ANSWER_MAX)
  }
}

function namesOf({ name }: WitnessPeer): readonly string[] {
  return ROLES.map((role) => printCosignerName(name, role))
}
