/** Runs of leaves on their way to a thread and back, as bytes that are moved and not copied. */
import type { Judgement, Leaf } from '../../protocol/audit/judgement.ts'
import { parseParts, printParts } from '../../protocol/log/parts-bundle.ts'
import { HASH_BYTES, type HashedLeaves } from '../../protocol/log/merkle.ts'
import { parseBundle, printBundle } from '../../protocol/log/tile.ts'

/** Entries and parts as they are published (C2SP entry bundle; spec 10 §3), of at most 256 leaves. */
export type Run = {
  readonly from: number
  readonly width: number
  readonly entries: Uint8Array
  /** Undefined where no leaf of the run has one, or none is judged. */
  readonly parts: Uint8Array | undefined
}

export type Order = {
  readonly id: number
  readonly place: Pick<Judgement, 'origin' | 'rootKey' | 'scope'>
  /** Sent when it is another than that of the order before. */
  readonly keys: Judgement['keys'] | 'as-before'
  readonly run: Run
}

export type Answer =
  | {
      readonly id: number
      /** Of the leaves, one behind the other, and behind them the root over them where they are a full tile. */
      readonly hashes: Uint8Array<ArrayBuffer>
      readonly judgement: Judgement
    }
  /** The run is no bundle of that width. */
  | { readonly id: number; readonly unreadable: true }
  | { readonly id: number; readonly failure: string }

/** Leaves as a run. Erased parts and missing ones look alike in it, so neither may be among them. */
export function printRun(from: number, leaves: readonly Leaf[]): Run | undefined {
  const parts = leaves.flatMap(({ part }) => (part === null || part === 'erased' ? [] : [part]))
  if (parts.length < leaves.length) return undefined
  const entries = printBundle(leaves.map(({ bytes }) => bytes))
  return { from, width: leaves.length, entries, parts: printParts(parts) }
}

/** What a thread answered: `width` hashes and perhaps the root over them. */
export function splitHashes(bytes: Uint8Array, width: number): HashedLeaves {
  const at = (index: number) => bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
  const hashes = Array.from({ length: width }, (_, index) => at(index))
  return bytes.length > width * HASH_BYTES ? { hashes, root: at(width) } : { hashes }
}

/** The leaves of a run; undefined where its bytes are not that many entries. A bundle of parts that is none has none. */
export function leavesOf({ width, entries, parts }: Run): readonly Leaf[] | undefined {
  const read = parseBundle(entries)
  if (!read.ok || read.value.length !== width) return undefined
  const opened = parts === undefined ? undefined : parseParts(parts, width)
  return read.value.map((bytes, at): Leaf => ({
    bytes,
    part: (opened?.ok === true ? opened.value[at] : undefined) ?? null,
  }))
}
