/**
 * The single writer of our own log.
 *
 * Invariant (DESIGN §4.1): entries, hash tiles, size and root are one batch and on disk before the head over
 * them is signed; the signed note is on disk before anybody hears of it; only then is an entry accepted. Signing
 * one (size, root) twice after a crash is harmless; any other order can sign two heads of one size.
 */
import type { Entry } from '../../protocol/codec/statement.ts'
import type { PublicPart } from '../../protocol/codec/part.ts'
import type { KeyState } from '../../protocol/identity/keystate.ts'
import { printSignedCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { appendLeaf, edgeRoot, leafHash } from '../../protocol/log/merkle.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { NodeError } from '../errors.ts'
import type { Operation, Sealer, Signer } from '../ports.ts'
import type { NewEntry } from '../store/extension.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'
import { vaultOperations, type Kept } from '../store/vault.ts'
import { admit } from './admission.ts'

/** An entry of ours, sealed and signed, waiting for its place in the log. */
export type Proposed = {
  readonly entry: Entry
  readonly part: PublicPart
  readonly kept: Kept
  readonly alongside?: (index: number) => readonly Operation[]
  /** The key state above this entry: of leaf 0 only. */
  readonly keys?: KeyState
}

/** Counts what is about to be written against the caps of a day; an error when the day has no room for it. */
export type Daily = (proposed: readonly Proposed[]) => readonly Operation[] | NodeError

export type Placed = { readonly index: number; readonly leaf: Uint8Array; readonly head: Checkpoint }

/** What went into the log: for gossip, the catalogue and whoever watches. */
export type Grown = { readonly log: HeldLog; readonly from: number; readonly added: readonly NewEntry[] }

type Waiting = {
  readonly proposed: readonly Proposed[]
  readonly resolve: (placed: readonly Placed[]) => void
  readonly reject: (error: unknown) => void
}

/** Entries in one batch: two syncs are shared by all of them, and memory stays small. */
const BATCH_ENTRIES_MAX = 1_024

export class Appender {
  private readonly primitives: Primitives
  private readonly logs: Logs
  private readonly origin: string
  private readonly signer: Signer
  private readonly sealer: Sealer
  private readonly daily: Daily
  private readonly onGrown: (grown: Grown) => void
  // Written by `append` and `run` only.
  private queue: Waiting[] = []
  private running: Promise<void> | undefined
  private broken: unknown
  private started = false
  private paused = false

  constructor(parts: {
    readonly primitives: Primitives
    readonly logs: Logs
    readonly origin: string
    readonly signer: Signer
    readonly sealer: Sealer
    readonly daily: Daily
    readonly onGrown: (grown: Grown) => void
  }) {
    this.primitives = parts.primitives
    this.logs = parts.logs
    this.origin = parts.origin
    this.signer = parts.signer
    this.sealer = parts.sealer
    this.daily = parts.daily
    this.onGrown = parts.onGrown
  }

  /** Signs the head over what is stored, if a crash left it unsigned. */
  async start(): Promise<void> {
    const log = await this.logs.ensure(this.origin)
    const head = this.headOf(log)
    const note = this.sign(head)
    const isSigned = log.complete !== undefined && Buffer.from(log.complete).equals(note)
    if (log.edge.size > 0 && !isSigned) await this.logs.putNote(log, { kind: 'complete', bytes: note })
    this.started = log.edge.size > 0
  }

  /** True once the log has its first entry and may be appended to. */
  isStarted(): boolean {
    return this.started
  }

  /** Why nothing more is appended until a restart. */
  failure(): unknown {
    return this.broken
  }

  fail(error: unknown): void {
    this.broken ??= error
  }

  /** Appends in the order given and answers once a durable, signed head covers all of them. */
  append(proposed: readonly Proposed[]): Promise<readonly Placed[]> {
    if (this.broken !== undefined) return Promise.reject(this.broken)
    if (proposed.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      this.queue.push({ proposed, resolve, reject })
      if (!this.paused) this.running ??= this.run()
    })
  }

  /** Writes nothing more until `resume`: what comes meanwhile waits. Resolves when nothing is being written. */
  async pause(): Promise<void> {
    this.paused = true
    await this.running
  }

  resume(): void {
    this.paused = false
    if (this.queue.length > 0) this.running ??= this.run()
  }

  /** Waits for what was accepted for appending, then stops. */
  async stop(): Promise<void> {
    await this.running
    this.broken ??= new NodeError('NODE_STOPPING', 'the node is stopping')
    for (const { reject } of this.queue.splice(0)) reject(this.broken)
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0 && !this.paused) {
      const taken = this.takeBatch()
      try {
        const log = await this.logs.ensure(this.origin)
        const { batch, keys, rows } = this.admitted(log, taken)
        const placed = await this.write(
          log,
          batch.flatMap((waiting) => waiting.proposed),
          keys,
          rows,
        )
        let at = 0
        for (const { proposed, resolve } of batch) {
          resolve(placed.slice(at, at + proposed.length))
          at += proposed.length
        }
      } catch (error) {
        // The disk said no: what is in memory may be ahead of it, so nothing is signed until a restart.
        this.broken = error
        for (const { reject } of [...taken, ...this.queue]) reject(error)
        this.queue = []
      }
    }
    this.running = undefined
  }

  private takeBatch(): readonly Waiting[] {
    let count = 0
    let taken = 0
    while (taken < this.queue.length && (taken === 0 || count < BATCH_ENTRIES_MAX)) {
      count += this.queue[taken]?.proposed.length ?? 0
      taken += 1
    }
    return this.queue.splice(0, taken)
  }

  /** Those that will be valid at their place, and the key state above them; the others hear why not. */
  private admitted(log: HeldLog, taken: readonly Waiting[]) {
    const batch: Waiting[] = []
    let rows: readonly Operation[] = []
    let { keys } = log
    let index = log.edge.size
    for (const waiting of taken) {
      const after = admit(this.primitives, this.origin, keys, index, waiting.proposed)
      const counted = after instanceof NodeError ? after : this.daily(waiting.proposed)
      if (after instanceof NodeError || counted instanceof NodeError) {
        waiting.reject(after instanceof NodeError ? after : counted)
        continue
      }
      // The last row counts everything before it, too.
      rows = counted
      batch.push(waiting)
      keys = after
      index += waiting.proposed.length
    }
    return { batch, keys, rows }
  }

  private async write(
    log: HeldLog,
    proposed: readonly Proposed[],
    keys: KeyState | undefined,
    rows: readonly Operation[],
  ): Promise<readonly Placed[]> {
    if (proposed.length === 0) return []
    const from = log.edge.size
    let { edge } = log
    const added = proposed.map(({ entry, part, alongside }): NewEntry => {
      const leaf = leafHash(this.primitives, entry.bytes)
      edge = appendLeaf(this.primitives, edge, leaf)
      return alongside === undefined ? { entry, leaf, part } : { entry, leaf, part, alongside }
    })
    const vault = vaultOperations(
      this.sealer,
      log.number,
      from,
      proposed.map(({ kept }) => kept),
    )
    const grown = await this.logs.extend(log, added, { edge, keys, alongside: [...vault, ...rows] })
    const head = this.headOf(grown)
    const signed = await this.logs.putNote(grown, { kind: 'complete', bytes: this.sign(head) })
    this.started = true
    this.onGrown({ log: signed, from, added })
    return added.map(({ leaf }, offset) => ({ index: from + offset, leaf, head }))
  }

  private headOf(log: HeldLog): Checkpoint {
    return { origin: this.origin, size: log.edge.size, root: edgeRoot(this.primitives, log.edge) }
  }

  private sign(head: Checkpoint): Uint8Array {
    return printSignedCheckpoint(this.primitives, head, this.signer.publicKey, this.signer.sign)
  }
}
