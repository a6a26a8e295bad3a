/**
 * Gathers cosignatures on our own newest head from the witnesses outside that the charter names. Each is asked on its
 * own: one that is dead, slow or lying holds up neither the log nor the members' round nor another witness, and is
 * asked less and less often. What it says counts only as its own cosignature, beside the members' quorum. DESIGN §4.5.
 */
import { equal } from '../../protocol/bytes.ts'
import type { OutsideWitness } from '../../protocol/governance/charter.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { verifyCosignature } from '../../protocol/log/cosignature.ts'
import { noteKeyId, printNote, SIGNATURE_TYPE, type NoteSignature } from '../../protocol/log/note.ts'
import { CLOCK_SKEW_SECONDS } from '../../protocol/limits.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { fault, ok, type Result } from '../../protocol/result.ts'
import type { Clock } from '../ports.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import { Asker, type WitnessReply } from './asker.ts'
import type { CosignedHeads } from './cosigned-heads.ts'

/** A witness of the charter, and how it is asked: the answer, or in a word why there is none. */
export type OutsidePeer = OutsideWitness & {
  readonly ask: (body: Uint8Array, signal: AbortSignal) => Promise<Result<WitnessReply, string>>
}

export type OutsideParts = {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly logs: Logs
  readonly ownOrigin: string
  readonly heads: Pick<CosignedHeads, 'add' | 'get' | 'noteWith'>
  readonly witnesses: readonly OutsidePeer[]
  readonly mayAsk: () => boolean
  readonly onCosigned: (note: Uint8Array) => void
  readonly settings: OutsideSettings
}

export type OutsideSettings = {
  /** Between two looks at what is missing or old. */
  readonly tickMs: number
  /** Between two questions to one witness: a log that grows all day is no reason to ask a stranger all day. */
  readonly paceMs: number
  /** After a failure, doubling with each further one, and at most. */
  readonly backOffMs: number
  readonly backOffMaxMs: number
  /** Cosignatures older than this are asked for again, whether the log grew or not. */
  readonly refreshSeconds: number
}

export const OUTSIDE_SETTINGS: OutsideSettings = {
  tickMs: 5_000,
  paceMs: 5_000,
  backOffMs: 5_000,
  backOffMaxMs: 3_600_000,
  refreshSeconds: 12 * 3_600,
}

/** How it stands with one witness. Times in milliseconds. */
export type OutsideStanding = {
  readonly name: string
  readonly url: string
  /** The last head of ours that it cosigned, since this node started. */
  readonly cosigned: { readonly size: number; readonly at: number } | undefined
  readonly failing: { readonly why: string; readonly since: number; readonly nextAt: number } | undefined
}

type State = {
  cosigned: OutsideStanding['cosigned']
  failing: { why: string; since: number; nextAt: number; count: number } | undefined
  notBefore: number
  asking: Promise<void> | undefined
}

export class OutsideWitnesses {
  private readonly parts: OutsideParts
  // Written by `look` and what it starts only.
  private readonly states: ReadonlyMap<string, State>
  private readonly stopping = new AbortController()
  private readonly asker: Asker
  private timer: NodeJS.Timeout | undefined

  constructor(parts: OutsideParts) {
    this.parts = parts
    this.asker = new Asker(parts.logs, this.stopping.signal)
    this.states = new Map(
      parts.witnesses.map(({ name }) => {
        const state: State = { cosigned: undefined, failing: undefined, notBefore: 0, asking: undefined }
        return [name, state]
      }),
    )
  }

  start(): void {
    if (this.parts.witnesses.length === 0) return
    this.timer = setInterval(() => this.look(), this.parts.settings.tickMs)
    this.timer.unref()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    clearInterval(this.timer)
    await Promise.all([...this.states.values()].map(({ asking }) => asking))
  }

  standings(): readonly OutsideStanding[] {
    return this.parts.witnesses.flatMap(({ name, url }) => {
      const state = this.states.get(name)
      return state === undefined ? [] : [{ name, url, cosigned: state.cosigned, failing: state.failing }]
    })
  }

  /** Asks each witness whose cosignature on our newest head is missing or old, and whose turn it is. */
  look(): void {
    const { logs, ownOrigin, clock, witnesses, mayAsk, settings } = this.parts
    const log = logs.get(ownOrigin)
    const signed = log?.complete === undefined ? undefined : parseSignedCheckpoint(log.complete)
    if (log === undefined || signed?.ok !== true || this.stopping.signal.aborted || !mayAsk()) return
    const now = clock.now()
    for (const witness of witnesses) {
      const state = this.states.get(witness.name)
      if (state === undefined || state.asking !== undefined || now < state.notBefore) continue
      if (!this.isWanted(witness.name, signed.value.note.text)) continue
      state.notBefore = now + settings.paceMs
      state.asking = this.ask(witness, log, signed.value)
        .then((asked) => this.settle(state, asked))
        .catch(() => this.settle(state, fault('not-kept')))
        .finally(() => {
          state.asking = undefined
        })
    }
  }

  private isWanted(name: string, text: string): boolean {
    const { heads, ownOrigin, clock, settings } = this.parts
    const newest = heads.get(ownOrigin)?.newest
    if (newest?.text !== text) return true
    const since = Math.floor(clock.now() / 1_000) - settings.refreshSeconds
    return !newest.cosignatures.some(
      (one) => one.role === 'outside' && one.domain === name && one.time > since,
    )
  }

  /** The size it cosigned, or in a word why not. */
  private async ask(
    witness: OutsidePeer,
    log: HeldLog,
    { checkpoint, note }: SignedCheckpoint,
  ): Promise<Result<number, string>> {
    let failure: string | undefined
    const ask = async (body: Uint8Array, signal: AbortSignal) => {
      const reply = await witness.ask(body, signal)
      if (reply.ok) return reply.value
      failure = reply.fault
      return undefined
    }
    const bare = printNote(note)
    const asked = await this.asker.ask(witness.name, ask, log, checkpoint.size, bare)
    if (failure !== undefined) return fault(failure)
    if (asked.kind === 'unreadable') return fault('answer-unreadable')
    // An unsigned number of a stranger: shown to people, and nothing stops because of it.
    if (asked.kind === 'ahead') return fault('size-ahead')
    if (asked.kind === 'refused') return fault(`status-${asked.status}`)
    const line = this.lineOf(witness, note.text, asked.lines)
    if (!line.ok) return line
    const { heads, onCosigned } = this.parts
    const added = await heads.add(
      printNote({ text: note.text, signatures: [...note.signatures, line.value] }),
    )
    if (added.kind === 'refused') return fault('not-kept')
    if (added.kind === 'new') onCosigned(heads.noteWith(bare))
    return ok(checkpoint.size)
  }

  /** The one line of the key that the charter names; lines of others are passed over (C2SP tlog-witness). */
  private lineOf(
    { name, key }: OutsideWitness,
    text: string,
    lines: readonly NoteSignature[],
  ): Result<NoteSignature, string> {
    const { primitives, clock } = this.parts
    const keyId = noteKeyId(primitives, name, SIGNATURE_TYPE.cosignature, key)
    const [line, ...more] = lines.filter((one) => one.name === name && equal(one.keyId, keyId))
    if (line === undefined) return fault('other-key')
    if (more.length > 0) return fault('answer-unreadable')
    const verified = verifyCosignature(primitives, { name, key }, { text, signatures: [line] })
    if (!verified.ok) return fault('signature-invalid')
    const ahead = verified.value.time - Math.floor(clock.now() / 1_000)
    return ahead > CLOCK_SKEW_SECONDS ? fault('time-ahead') : ok(line)
  }

  private settle(state: State, asked: Result<number, string>): void {
    const { clock, settings } = this.parts
    const now = clock.now()
    if (asked.ok) {
      state.cosigned = { size: asked.value, at: now }
      state.failing = undefined
      return
    }
    if (this.stopping.signal.aborted) return
    const count = (state.failing?.count ?? 0) + 1
    const wait = Math.min(settings.backOffMaxMs, settings.backOffMs * 2 ** Math.min(count - 1, 20))
    state.notBefore = now + wait
    state.failing = { why: asked.fault, since: state.failing?.since ?? now, nextAt: state.notBefore, count }
  }
}
