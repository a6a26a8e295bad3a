/**
 * What is done with a head that is no prefix of the history held here: it is proven against its author, or put off. Heads that
 * come before the entries below them are compared as soon as those are here. DESIGN §4.6, spec 04 §8.
 */
import { equal } from '../../protocol/bytes.ts'
import { keysInForce } from '../../protocol/identity/keystate.ts'
import type { PublicKey } from '../../protocol/identity/key.ts'
import { parseSignedCheckpoint, type Checkpoint } from '../../protocol/log/checkpoint.ts'
import { SIGNATURE_TYPE, type VerifierKey } from '../../protocol/log/note.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { sizeOf, type HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'

export type ContradictionParts = {
  readonly primitives: Primitives
  readonly logs: Logs
  readonly evidence: Pick<Evidence, 'consider'>
  readonly ownOrigin: string
}

/** A head under its log's signature, as it came. */
export type Shown = { readonly head: Checkpoint; readonly note: Uint8Array }

/** Heads kept of one log until their entries come. An author that signs more of them gains nothing: the first ones stay. */
const UNPROVEN_MAX = 16

export class Contradictions {
  private readonly parts: ContradictionParts
  // By origin: heads whose entries are not here yet, each size once. Written by `saw` and `take` only.
  private readonly unproven = new Map<string, Shown[]>()

  constructor(parts: ContradictionParts) {
    this.parts = parts
  }

  /** A head whose entries are not here. Two of one size are a proof by themselves. */
  async saw(log: HeldLog, shown: Shown): Promise<void> {
    const { origin, size, root } = shown.head
    const known = this.unproven.get(origin) ?? []
    const twin = known.find(({ head }) => head.size === size)
    if (twin !== undefined && !equal(twin.head.root, root)) await this.accuse(log, shown.note, twin.note)
    if (twin !== undefined || known.length >= UNPROVEN_MAX) return
    this.unproven.set(origin, [...known, shown])
  }

  /** A log may have grown: what was seen below its new head must be a prefix of it. `before`: the log before that. */
  async compare(origin: string, before: HeldLog | undefined): Promise<void> {
    const { logs } = this.parts
    const log = logs.get(origin)
    if (log === undefined || sizeOf(log.complete) <= sizeOf(before?.complete)) return
    for (const { head, note } of this.take(log, before?.pending)) {
      const root = logs.provenRoot(log, head.size)
      if (root !== undefined && !equal(root, head.root)) await this.prove(log, head, note, root)
    }
  }

  /**
   * The author signed a head that is no prefix of what it signed before. With our newest head and our tree that is
   * proven; where we hold no signed head that large it is not yet, and nothing changes.
   */
  async prove(
    log: HeldLog,
    { size }: Checkpoint,
    note: Uint8Array,
    prefixRoot: Uint8Array,
  ): Promise<'proven' | 'not proven'> {
    const { complete } = log
    const newest = sizeOf(complete)
    if (complete === undefined || newest < size) return 'not proven'
    if (newest === size) return this.accuse(log, note, complete)
    const proof = size === 0 ? [] : await this.parts.logs.consistencyProof(log, size, newest)
    return this.accuse(log, note, complete, { prefixRoot, proof })
  }

  private async accuse(
    log: HeldLog,
    a: Uint8Array,
    b: Uint8Array,
    prefix?: { readonly prefixRoot: Uint8Array; readonly proof: readonly Uint8Array[] },
  ): Promise<'proven' | 'not proven'> {
    const { evidence, ownOrigin } = this.parts
    const [logKey] = log.keys === undefined ? [] : keysInForce(log.keys, 'log', 0)
    // A database from a backup may hold heads that nobody else ever saw: we do not accuse ourselves with them.
    if (log.origin === ownOrigin || logKey === undefined) return 'not proven'
    const claim = { subject: subjectOf(log.origin, logKey.key), a, b, ...(prefix && { prefix }) }
    const added = await evidence.consider(claim, 'a head that contradicts the held one')
    return added === undefined || added.kind === 'refused' ? 'not proven' : 'proven'
  }

  private take({ origin, complete }: HeldLog, pending: Uint8Array | undefined): readonly Shown[] {
    const size = sizeOf(complete)
    const known = this.unproven.get(origin) ?? []
    const left = known.filter(({ head }) => head.size > size)
    if (left.length === 0) this.unproven.delete(origin)
    else this.unproven.set(origin, left)
    // The one on disk may be from before a restart.
    const kept = pending === undefined ? undefined : parseSignedCheckpoint(pending)
    const all = known.filter(({ head }) => head.size <= size)
    if (pending === undefined || kept?.ok !== true || kept.value.checkpoint.size > size) return all
    const isKnown = all.some(({ note }) => equal(note, pending))
    return isKnown ? all : [...all, { head: kept.value.checkpoint, note: pending }]
  }
}

/** A log's key as proofs name it. */
export function subjectOf(origin: string, key: PublicKey): VerifierKey {
  return { name: origin, type: SIGNATURE_TYPE.ed25519, key }
}
