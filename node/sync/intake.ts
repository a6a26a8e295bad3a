/**
 * One run of entries on its way into one log, in two stages: hashing and checking on this thread, then
 * signatures on other threads and the write. The first stage of a chunk runs while the second stage of the
 * one before it does, so that neither the disk nor those threads wait for the other.
 */
import type { KeyState } from '../../protocol/identity/keystate.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import type { Checkpoint } from '../../protocol/log/checkpoint.ts'
import type { ErasureFault } from '../../protocol/log/erasure.ts'
import type { Edge } from '../../protocol/log/merkle.ts'
import { assert } from '../../protocol/assert.ts'
import {
  blameFor,
  checkChunk,
  proveChunk,
  proveErasures,
  type CheckedChunk,
  type Chunk,
  type Erased,
  type InclusionFault,
  type ProvenChunk,
  type Refusal,
} from '../../protocol/sync/chunk.ts'
import type { NewEntry } from '../store/extension.ts'
import type { HeldLog } from '../store/log.ts'
import type { Received, VerifierParts } from './verifier.ts'
import type { Taken } from './daily.ts'

type IntakeParts = Pick<VerifierParts, 'primitives' | 'logs' | 'verifyMany' | 'daily' | 'onGrown'> & {
  readonly note: Uint8Array
  readonly head: Checkpoint
  readonly log: HeldLog
  readonly rootKey: PublicKey
  readonly onRefusal: (refusal: Refusal) => void
}

/** A chunk that passed the first stage. */
type Staged = {
  readonly chunk: Chunk
  /** Whether it is as it came: nothing was cut off unread. */
  readonly isUncut: boolean
  readonly proven: ProvenChunk
  readonly checked: CheckedChunk
  readonly erased: Erased
}

export class Intake {
  private readonly parts: IntakeParts
  // Where the first stage stands: ahead of what is stored by at most one chunk.
  private edge: Edge
  private keys: KeyState | undefined
  private writing: Promise<void> = Promise.resolve()
  private failure: unknown
  private result: Received | undefined

  constructor(parts: IntakeParts) {
    this.parts = parts
    this.edge = parts.log.edge
    this.keys = parts.log.keys
  }

  get head(): Checkpoint {
    return this.parts.head
  }

  get note(): Uint8Array {
    return this.parts.note
  }

  /** Takes the next chunk. False when nothing more is wanted: the head is reached or something was refused. */
  async push(received: Chunk): Promise<boolean> {
    const { primitives, head, log, rootKey } = this.parts
    if (this.isOver()) return false
    const chunk = withoutHeld(received, this.edge.size)
    const proven = proveChunk(primitives, this.edge, head, chunk)
    if (!proven.ok) return this.refuse(proven.fault)
    const erased = proveErasures(primitives, head, chunk)
    if (!erased.ok) return this.refuse(erased.fault)
    const replica = { origin: log.origin, rootKey, keys: this.keys, edge: this.edge }
    const checked = checkChunk(primitives, replica, chunk, erased.value)
    this.edge = proven.value.edges.at(-1) ?? this.edge
    this.keys = checked.entries.at(-1)?.keys ?? this.keys
    await this.writing
    if (this.isOver()) return false
    const staged = { chunk, isUncut: chunk === received, proven: proven.value, checked, erased: erased.value }
    this.writing = this.store(staged).catch((error: unknown) => {
      this.failure = error
    })
    return checked.refusal === undefined && this.edge.size < head.size
  }

  /** Whatever was stored before: the lie in this chunk is its sender's to pay for. */
  private async refuse(fault: InclusionFault | ErasureFault): Promise<false> {
    await this.writing
    this.result = { kind: 'refused', origin: this.parts.log.origin, blame: 'sender', fault }
    return false
  }

  /** Waits until nothing is being written. */
  settle(): Promise<void> {
    return this.writing
  }

  async finish(): Promise<Received> {
    await this.writing
    if (this.failure !== undefined) throw this.failure
    const { origin, size } = this.parts.head
    return this.result ?? { kind: 'behind', origin, size }
  }

  private isOver(): boolean {
    const kind = this.result?.kind
    return this.failure !== undefined || kind === 'refused' || kind === 'capped'
  }

  private async store(staged: Staged): Promise<void> {
    const { logs, head, note, onGrown, onRefusal } = this.parts
    const { chunk, isUncut, proven, checked } = staged
    const taken = this.parts.daily.take(head.origin, chunk.from, sizesOf(chunk, checked))
    const { accepted, refusal } = await this.verify(chunk, withinDay(checked, taken))
    if (accepted > 0) {
      const current = await logs.ensure(head.origin)
      const added = this.newEntries(staged).slice(0, accepted)
      const edge = proven.edges[accepted - 1]
      assert(edge !== undefined, 'a tree for each accepted entry')
      const complete = edge.size === head.size
      const kind = complete ? 'complete' : 'pending'
      const keys = checked.entries[accepted - 1]?.keys
      const log = await logs.extend(current, added, {
        edge,
        keys,
        note: { kind, bytes: note },
        alongside: taken.rows,
      })
      onGrown({ log, from: chunk.from, added })
      const isWhole = isUncut && accepted === chunk.entries.length
      this.result = { kind: 'stored', log, complete, isWhole }
    }
    const { origin } = head
    if (refusal !== undefined) {
      onRefusal(refusal)
      const { fault, index } = refusal
      this.result = { kind: 'refused', origin, blame: blameFor(fault), fault, index }
    } else if (taken.fault !== undefined) this.result = { kind: 'capped', origin, fault: taken.fault }
  }

  /** Verifies the signatures of the checked entries; the first bad one refuses itself and all after it. */
  private async verify(
    chunk: Chunk,
    checked: CheckedChunk,
  ): Promise<{ accepted: number; refusal: Refusal | undefined }> {
    const jobs = checked.entries.map(({ entry, signer }) => {
      return { key: signer, message: entry.toBeSigned, signature: entry.signature }
    })
    const valid = await this.parts.verifyMany(jobs)
    const bad = valid.indexOf(false)
    if (bad === -1) return { accepted: jobs.length, refusal: checked.refusal }
    return { accepted: bad, refusal: { index: chunk.from + bad, fault: 'signature' } }
  }

  private newEntries({ chunk, proven, checked, erased }: Staged): readonly NewEntry[] {
    return checked.entries.map(({ entry }, offset) => {
      const leaf = proven.leaves[offset]
      const by = erased.get(chunk.from + offset)
      const part = chunk.parts[offset] ?? (by === undefined ? undefined : { erasedBy: by })
      assert(leaf !== undefined && part !== undefined, 'a leaf and a part for each valid entry')
      return { entry, leaf, part }
    })
  }
}

/** Bytes of each checked entry and of its public part: what it takes on the disks of others. */
function sizesOf({ entries, parts }: Chunk, { entries: checked }: CheckedChunk): readonly number[] {
  return checked.map((_, at) => (entries[at]?.length ?? 0) + (parts[at]?.bytes.length ?? 0))
}

/** The entries that the day has room for; what would be refused after them is not looked at today. */
function withinDay(checked: CheckedChunk, { fits }: Taken): CheckedChunk {
  return fits === checked.entries.length
    ? checked
    : { ...checked, entries: checked.entries.slice(0, fits), refusal: undefined }
}

/** A chunk from a peer may begin with what arrived meanwhile. */
function withoutHeld(chunk: Chunk, size: number): Chunk {
  const skip = Math.min(Math.max(0, size - chunk.from), chunk.entries.length)
  if (skip === 0) return chunk
  return {
    from: chunk.from + skip,
    entries: chunk.entries.slice(skip),
    parts: chunk.parts.slice(skip),
    proof: chunk.proof,
    ...(chunk.erasures === undefined
      ? {}
      : { erasures: chunk.erasures.filter(({ of }) => of >= chunk.from + skip) }),
  }
}
