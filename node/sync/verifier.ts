/**
 * The only writer of other members' logs. Nothing is stored before it is proven part of a head that its log's
 * own key signed, and valid entry by entry. DESIGN §4.4 and §8.
 *
 * A fault under a verified head is the author's and stops that log here, named; bytes that are not under the
 * head are the sender's and cost the sender. Neither stops the node.
 */
import { equal } from '../../protocol/bytes.ts'
import { verifySignature } from '../../protocol/identity/signature.ts'
import { keysInForce, type KeyState } from '../../protocol/identity/keystate.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import {
  parseSignedCheckpoint,
  type SignedCheckpoint,
  linesUnder,
  printBare,
  verifyCheckpoint,
  type Checkpoint,
} from '../../protocol/log/checkpoint.ts'
import type { CapFault } from '../../protocol/log/daily.ts'
import { checkFirstEntry, type ValidityFault } from '../../protocol/log/entry.ts'
import { printNote } from '../../protocol/log/note.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { blameFor, type Chunk, type InclusionFault, type Refusal } from '../../protocol/sync/chunk.ts'
import type { ErasureFault } from '../../protocol/log/erasure.ts'
import { emptyRoot } from '../../protocol/log/merkle.ts'
import type { Evidence } from '../evidence/evidence.ts'
import type { Grown } from '../log/appender.ts'
import { emptyLog, sizeOf, type HeldLog } from '../store/log.ts'
import type { Stop } from '../store/day-counts.ts'
import type { Logs } from '../store/logs.ts'
import { Contradictions, type Shown } from './contradiction.ts'
import { Intake } from './intake.ts'
import type { DailyIntake } from './daily.ts'
import { Turn } from './turn.ts'

export type HeadFault = 'head-shape' | 'head-signature' | 'head-author' | 'head-empty-root' | 'head-conflict'

export type Received =
  | {
      readonly kind: 'stored'
      readonly log: HeldLog
      readonly complete: boolean
      /** Whether all of the chunk was checked: what is held already is cut off unread. */
      readonly isWhole: boolean
    }
  /** We hold this head or a later one. */
  | { readonly kind: 'held' }
  /** A head of our own log, which its appender alone writes. */
  | { readonly kind: 'ours' }
  /** Its author has signed two histories: nothing more of it is taken. */
  | { readonly kind: 'frozen'; readonly origin: string }
  /** A head above the one at which its author closed this log. Nobody is to blame: the news may not have spread yet. */
  | { readonly kind: 'void'; readonly origin: string }
  /** What leads to this head is missing here and has to be asked for. */
  | { readonly kind: 'behind'; readonly origin: string; readonly size: number }
  /** More in a day than the charter lets its author add: taken as far as it goes, and the rest another day. */
  | { readonly kind: 'capped'; readonly origin: string; readonly fault: CapFault }
  | {
      readonly kind: 'refused'
      readonly origin: string | undefined
      readonly blame: 'sender' | 'author'
      readonly fault: HeadFault | InclusionFault | ErasureFault | ValidityFault
      readonly index?: number
    }

export type VerifyJob = {
  readonly key: PublicKey
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

export type VerifierParts = {
  readonly primitives: Primitives
  readonly logs: Logs
  readonly verifyMany: (jobs: readonly VerifyJob[]) => Promise<readonly boolean[]>
  /** The root key that the charter binds to this origin, if its member may speak in that log. */
  readonly rootKeyOf: (origin: string) => PublicKey | undefined
  readonly evidence: Pick<Evidence, 'frozen' | 'consider'>
  readonly daily: Pick<DailyIntake, 'take' | 'stopOf'>
  readonly ownOrigin: string
  /** Our own log is written by its appender, except while it is being recovered. */
  readonly mayWrite: (origin: string) => boolean
  /** The size above which nothing of a log counts any more. */
  readonly endOf: (origin: string) => number | undefined
  readonly onGrown: (grown: Grown) => void
}

/**
 * Waiting writers of one log beyond which news are dropped: what they bring is fetched later anyway. Of the heads among them the
 * largest is kept in mind: its author may lose it, and must hear of it from somebody before it signs again (DESIGN §4.2).
 */
const WAITING_MAX = 16

export class Verifier {
  private readonly parts: VerifierParts
  private readonly contradictions: Contradictions
  // One writer per log: the tail of its queue. Written by `exclusively` only.
  private readonly tails = new Map<string, { last: Promise<unknown>; waiting: number }>()
  private readonly refusals = new Map<string, Refusal>()
  // The largest head of each log that came while too many waited. Written by `keepInMind` only.
  private readonly overtaken = new Map<string, SignedCheckpoint>()

  constructor(parts: VerifierParts) {
    this.parts = parts
    this.contradictions = new Contradictions(parts)
  }

  /** Why a log has stopped here: its first entry that is not valid. */
  refusalOf(origin: string): Refusal | undefined {
    return this.refusals.get(origin)
  }

  /** Why a log of which this much is held does not grow here today: its author added more than the charter lets it. */
  stopOf(origin: string, held: number): Stop | undefined {
    return this.parts.daily.stopOf(origin, held)
  }

  /** Waits for what is being taken into this log: what was seen before must be in the answer about it. */
  async settled(origin: string): Promise<void> {
    await this.tails.get(origin)?.last
  }

  /** A head and what leads to it, from gossip or as part of an answer. */
  async receive(note: Uint8Array, chunk: Chunk | null): Promise<Received> {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok) return { kind: 'refused', origin: undefined, blame: 'sender', fault: 'head-shape' }
    const { origin, size } = signed.value.checkpoint
    // Before anything is waited for: whoever asks what was seen from now on hears of it.
    if (this.isCrowded(origin)) this.keepInMind(signed.value)
    const received = await this.exclusively(origin, () => this.receiveNow(note, chunk))
    return received ?? { kind: 'behind', origin, size }
  }

  /**
   * Runs one answer's chunks through the log's queue. `feed` pushes chunks and resolves when the answer has
   * ended, or its turn; the result is that of the last stored chunk or the first refusal.
   */
  async receiveRange(
    note: Uint8Array,
    signal: AbortSignal,
    feed: (push: (chunk: Chunk) => Promise<boolean>, signal: AbortSignal) => Promise<void>,
  ): Promise<Received> {
    const signed = parseSignedCheckpoint(note)
    if (!signed.ok) return { kind: 'refused', origin: undefined, blame: 'sender', fault: 'head-shape' }
    const head = signed.value.checkpoint
    const received = await this.exclusively(head.origin, async () => {
      let intake: Intake | undefined
      let refused: Received | undefined
      const isAwaited = () => (this.tails.get(head.origin)?.waiting ?? 0) > 1
      const turn = new Turn({ isAwaited, signal, now: () => performance.now() })
      try {
        await feed(async (chunk) => {
          if (intake === undefined) {
            const opened = await this.openIntake(note, chunk)
            if (!(opened instanceof Intake)) {
              refused = opened.kind === 'behind' ? misplaced(head.origin) : opened
              return false
            }
            intake = opened
          }
          return (await intake.push(chunk)) && turn.took(chunk.entries.length)
        }, turn.signal)
      } finally {
        turn.end()
        // An answer that breaks off leaves a chunk being written; the next answer must not start beside it.
        await intake?.settle()
        // Nor may the head be forgotten: its author may have stopped, and will ask for it.
        const log = this.parts.logs.get(head.origin)
        if (log !== undefined && sizeOf(log.complete) < head.size) await this.receiveNow(note, null)
      }
      return (
        refused ??
        (await intake?.finish()) ?? { kind: 'behind' as const, origin: head.origin, size: head.size }
      )
    })
    return received ?? { kind: 'behind', origin: head.origin, size: head.size }
  }

  private async receiveNow(note: Uint8Array, chunk: Chunk | null): Promise<Received> {
    const opened = await this.openIntake(note, chunk)
    if (!(opened instanceof Intake)) return opened
    if (chunk === null) return this.remember(opened.note, opened.head)
    await opened.push(chunk)
    const received = await opened.finish()
    if (received.kind === 'capped') await this.remember(opened.note, opened.head)
    return received
  }

  /** Checks the head itself, against its author's key and against what is held. */
  private async openIntake(received: Uint8Array, chunk: Chunk | null): Promise<Intake | Received> {
    const { primitives, logs } = this.parts
    const signed = parseSignedCheckpoint(received)
    if (!signed.ok) return { kind: 'refused', origin: undefined, blame: 'sender', fault: 'head-shape' }
    const { origin, size } = signed.value.checkpoint
    const refuse = (fault: HeadFault | ValidityFault, blame: 'sender' | 'author' = 'sender'): Received => {
      return { kind: 'refused', origin, blame, fault }
    }
    const rootKey = this.parts.rootKeyOf(origin)
    if (rootKey === undefined) return refuse('head-author')
    if (size > (this.parts.endOf(origin) ?? size)) return { kind: 'void', origin }
    const log = logs.get(origin) ?? emptyLog(0, origin)
    // Who holds no head of a frozen log yet still takes one: what was said before the fork stays good.
    if (this.parts.evidence.frozen(origin) && log.complete !== undefined) return { kind: 'frozen', origin }
    const keys = log.keys ?? firstKeys(primitives, origin, rootKey, chunk)
    if (keys === undefined) return { kind: 'behind', origin, size }
    if (typeof keys === 'string') return refuse(keys, blameFor(keys))
    const [logKey] = keysInForce(keys, 'log', 0)
    const verified = logKey === undefined ? undefined : verifyCheckpoint(primitives, signed.value, logKey.key)
    if (logKey === undefined || verified === undefined) return refuse('head-signature')
    if (!verified.ok && verified.fault !== 'head-empty-root') return refuse('head-signature')
    const head = signed.value.checkpoint
    // Cosignatures travel with heads and are kept elsewhere, once they are verified; anything else was written by anybody.
    const own = linesUnder(primitives, signed.value, logKey.key)
    const note = printNote({ text: signed.value.note.text, signatures: own })
    if (size <= log.edge.size) return this.compareHeld(log, head, note)
    // Our own log grows by its appender alone, except while it is being recovered.
    if (!this.parts.mayWrite(origin)) return { kind: 'ours' }
    if (chunk !== null && chunk.from > log.edge.size) return this.remember(note, head)
    const stop = (refusal: Refusal) => {
      if (blameFor(refusal.fault) === 'author') this.refusals.set(origin, refusal)
    }
    return new Intake({ ...this.parts, note, head, log, rootKey, onRefusal: stop })
  }

  /** A head whose entries are missing here is kept all the same: its author may lose its log and ask for it. */
  private async remember(note: Uint8Array, head: Checkpoint): Promise<Received> {
    const { origin, size } = head
    const log = this.parts.logs.get(origin)
    if (log !== undefined) await this.contradictions.saw(log, { head, note })
    if (log !== undefined && size > sizeOf(log.pending)) {
      await this.parts.logs.putNote(log, { kind: 'pending', bytes: note })
    }
    return { kind: 'behind', origin, size }
  }

  /** A head at or below what we hold must be a prefix of it; a head that completes what we hold is kept. */
  private async compareHeld(log: HeldLog, head: Checkpoint, note: Uint8Array): Promise<Received> {
    const { primitives, logs } = this.parts
    const { origin, size } = head
    const root = size === 0 ? emptyRoot(primitives) : logs.provenRoot(log, size)
    if (root === undefined) {
      // Our own tiles are damaged: that is nobody's contradiction but ours.
      await logs.nameDamage(log, size - 1)
      return { kind: 'held' }
    }
    if (!equal(root, head.root)) return this.contradict(log, { head, note }, root)
    if (size <= sizeOf(log.complete)) return { kind: 'held' }
    if (!this.parts.mayWrite(origin)) return { kind: 'ours' }
    const next = await logs.putNote(log, { kind: 'complete', bytes: note })
    return { kind: 'stored', log: next, complete: true, isWhole: false }
  }

  /** The author signed a head that is no prefix of what it signed before. */
  private async contradict(log: HeldLog, { head, note }: Shown, root: Uint8Array): Promise<Received> {
    const { origin, size } = head
    if ((await this.contradictions.prove(log, head, note, root)) === 'proven')
      return { kind: 'frozen', origin }
    const fault = size === 0 ? 'head-empty-root' : 'head-conflict'
    return { kind: 'refused', origin, blame: 'author', fault }
  }

  private isCrowded(origin: string): boolean {
    return (this.tails.get(origin)?.waiting ?? 0) >= WAITING_MAX
  }

  /** One writer more, for the largest of them when its turn comes. Only what the log's key signed can displace another. */
  private keepInMind(signed: SignedCheckpoint): void {
    const { origin, size } = signed.checkpoint
    const keys = this.parts.logs.get(origin)?.keys
    const [logKey] = keys === undefined ? [] : keysInForce(keys, 'log', 0)
    const known = this.overtaken.get(origin)
    if (logKey === undefined || (known !== undefined && known.checkpoint.size >= size)) return
    if (!verifyCheckpoint(this.parts.primitives, signed, logKey.key).ok) return
    this.overtaken.set(origin, signed)
    if (known !== undefined) return
    const take = async () => {
      const largest = this.overtaken.get(origin) ?? signed
      this.overtaken.delete(origin)
      await this.receiveNow(printBare(largest), null)
    }
    // What fails here fails for everybody who writes into this log, and they hear of it.
    void this.exclusively(origin, take, 'even if too many wait').catch(() => undefined)
  }

  private async exclusively<T>(
    origin: string,
    work: () => Promise<T>,
    how: 'unless too many wait' | 'even if too many wait' = 'unless too many wait',
  ): Promise<T | undefined> {
    if (how === 'unless too many wait' && this.isCrowded(origin)) return undefined
    const tail = this.tails.get(origin) ?? { last: Promise.resolve(), waiting: 0 }
    this.tails.set(origin, tail)
    tail.waiting += 1
    const compared = async () => {
      const before = this.parts.logs.get(origin)
      const result = await work()
      await this.contradictions.compare(origin, before)
      return result
    }
    const run = tail.last.then(compared, compared)
    tail.last = run.catch(() => undefined)
    try {
      return await run
    } finally {
      tail.waiting -= 1
      if (tail.waiting === 0) this.tails.delete(origin)
    }
  }
}

/** An answer that does not begin where it was asked to. */
function misplaced(origin: string): Received {
  return { kind: 'refused', origin, blame: 'sender', fault: 'chunk-place' }
}

/** The keys that leaf 0 declares, when this chunk starts with it. */
function firstKeys(
  primitives: Primitives,
  origin: string,
  rootKey: PublicKey,
  chunk: Chunk | null,
): KeyState | ValidityFault | undefined {
  const bytes = chunk?.entries[0]
  if (chunk === null || chunk.from !== 0 || bytes === undefined) return undefined
  const first = checkFirstEntry(primitives, origin, rootKey, bytes, chunk.parts[0] ?? null)
  if (!first.ok) return first.fault
  const { entry, signer, keys } = first.value
  return verifySignature(primitives, signer, entry.toBeSigned, entry.signature) ? keys : 'signature'
}
