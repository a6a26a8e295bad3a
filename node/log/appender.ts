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

/** An entry of ours, sealed and signed, waiting for its place in the log. */
export type Proposed = {
  readonly entry: Entry
  readonly part: PublicPart
  readonly kept: Kept
  readonly alongside?: (index: number) => readonly Operation[]
  /** The key state above this entry, where it changes keys. */
  readonly keys?: KeyState
}

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
  private readonly onGrown: (grown: Grown) => void
  // Written by `append` and `run` only.
  private queue: Waiting[] = []
  private running: Promise<void> | undefined
  private broken: unknown
  private started = false

  constructor(parts: {
    readonly primitives: Primitives
    readonly logs: Logs
    readonly origin: string
    readonly signer: Signer
    readonly sealer: Sealer
    readonly onGrown: (grown: Grown) => void
  }) {
    this.primitives = parts.primitives
    this.logs = parts.logs
    this.origin = parts.origin
    this.signer = parts.signer
    this.sealer = parts.sealer
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
      this.running ??= this.run()
    })
  }

  /** Waits for what was accepted for appending, then stops. */
  async stop(): Promise<void> {
    await this.running
    this.broken ??= new NodeError('NODE_STOPPING', 'the node is stopping')
  }

  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.takeBatch()
      try {
        const placed = await this.write(batch.flatMap((waiting) => waiting.proposed))
        let at = 0
        for (const { proposed, resolve } of batch) {
          resolve(placed.slice(at, at + proposed.length))
          at += proposed.length
        }
      } catch (error) {
        // The disk said no: what is in memory may be ahead of it, so nothing is signed until a restart.
        this.broken = error
        for (const { reject } of [...batch, ...this.queue]) reject(error)
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

  private async write(proposed: readonly Proposed[]): Promise<readonly Placed[]> {
    const log = await this.logs.ensure(this.origin)
    const from = log.edge.size
    let { edge, keys } = log
    const added = proposed.map(({ entry, part, alongside, keys: changed }): NewEntry => {
      const leaf = leafHash(this.primitives, entry.bytes)
      edge = appendLeaf(this.primitives, edge, leaf)
      keys = changed ?? keys
      return alongside === undefined ? { entry, leaf, part } : { entry, leaf, part, alongside }
    })
    const vault = vaultOperations(
      this.sealer,
      log.number,
      from,
      proposed.map(({ kept }) => kept),
    )
    const grown = await this.logs.extend(log, added, { edge, keys, alongside: vault })
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
