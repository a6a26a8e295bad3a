/**
 * What a node says of its cosigned heads so that another can tell what it lacks, and what it gives to one that lacks some.
 * Two nodes that give each other what their summaries lack end with the same lines. Spec 04 §2 (*Cosigned*).
 */
import { equal } from '../../protocol/bytes.ts'
import { encode } from '../../protocol/codec/cbor.ts'
import { SUMMARIES_MAX } from '../../protocol/limits.ts'
import { printCosigned, type CosignedHead } from '../../protocol/log/cosigned-head.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { fairShare } from '../../protocol/sync/frontier.ts'
import type { CosignedSummary } from '../../protocol/sync/message.ts'
import type { Known } from './cosigned-heads.ts'

export class CosignedSummaries {
  private readonly primitives: Primitives
  // What was said of the heads of a log is said again until they are others.
  private readonly digests = new WeakMap<Known, Uint8Array>()

  constructor(primitives: Primitives) {
    this.primitives = primitives
  }

  /** In the order of the origins; of every member the newest epochs first where there are too many. */
  of(byOrigin: ReadonlyMap<string, Known>): readonly CosignedSummary[] {
    const logs = [...byOrigin].map(([origin, known]) => ({ origin, known }))
    return fairShare(logs, SUMMARIES_MAX)
      .toSorted((a, b) => (a.origin < b.origin ? -1 : 1))
      .map(({ origin, known }) => [
        origin,
        known.newest.checkpoint.size,
        known.quorum?.checkpoint.size ?? 0,
        this.digestOf(known),
      ])
  }

  /** Notes that may tell more than these summaries: larger heads, and those of the same size under other lines. */
  beyond(byOrigin: ReadonlyMap<string, Known>, have: readonly CosignedSummary[]): readonly Uint8Array[] {
    const theirs = new Map(have.map((one) => [one[0], one]))
    return this.of(byOrigin).flatMap(([origin, size, confirmed, digest]) => {
      const known = byOrigin.get(origin)
      const [, theirSize = -1, theirConfirmed = 0, theirDigest = NONE] = theirs.get(origin) ?? []
      const isOther = !equal(digest, theirDigest)
      if (known === undefined || !isOther) return []
      const { newest, quorum } = known
      const latest = size < theirSize ? [] : [printCosigned(newest)]
      // The same head may stand there with earlier lines: how old it is rests on those.
      const isToTell = quorum !== undefined && confirmed >= theirConfirmed
      const first = isToTell ? [printCosigned(quorum)] : []
      return first.some((note) => latest.some((other) => equal(note, other))) ? latest : [...first, ...latest]
    })
  }

  private digestOf(known: Known): Uint8Array {
    const made = this.digests.get(known) ?? digestOf(this.primitives, known)
    this.digests.set(known, made)
    return made
  }
}

const NONE = new Uint8Array(0)

/** Over what was cosigned and the lines alone: what else somebody wrote under a note makes no difference that stays. */
function digestOf(primitives: Primitives, { newest, quorum }: Known): Uint8Array {
  const lines = (head: CosignedHead | undefined) =>
    head === undefined ? [] : [head.text, ...head.cosignatures.map(({ line }) => line.bytes)]
  return primitives.sha256(encode([lines(newest), lines(quorum)]))
}
