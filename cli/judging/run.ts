/** A run of leaves on its way to a thread and back: byte strings packed into one buffer, which is moved and not copied. */
import type { Judgement, Leaf } from '../../protocol/audit/judgement.ts'
import type { PublicPart } from '../../protocol/codec/part.ts'

export type Run = { readonly from: number; readonly leaves: readonly Leaf[] }

/** For each leaf its entry, and opening, media type and bytes of its part; `kinds` says which parts are there. */
export type PackedRun = {
  readonly from: number
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Four ends for each leaf. */
  readonly ends: Uint32Array<ArrayBuffer>
  readonly kinds: Uint8Array<ArrayBuffer>
}

export type Order = {
  readonly id: number
  readonly place: Pick<Judgement, 'origin' | 'rootKey' | 'scope'>
  /** Sent when it is another than that of the order before. */
  readonly keys: Judgement['keys'] | 'as-before'
  readonly run: PackedRun
}

export type Answer =
  | { readonly id: number; readonly hashes: Uint8Array<ArrayBuffer>; readonly judgement: Judgement }
  | { readonly id: number; readonly failure: string }

const KIND = { missing: 0, erased: 1, here: 2 } as const
const STRINGS = 4
const NOTHING = new Uint8Array(0)

export function packRun({ from, leaves }: Run): PackedRun {
  const strings = leaves.flatMap(({ bytes, part }) => [bytes, ...stringsOf(part)])
  const packed = new Uint8Array(strings.reduce((sum, { length }) => sum + length, 0))
  const ends = new Uint32Array(strings.length)
  let at = 0
  for (const [place, one] of strings.entries()) {
    packed.set(one, at)
    at += one.length
    ends[place] = at
  }
  return { from, bytes: packed, ends, kinds: Uint8Array.from(leaves, ({ part }) => kindOf(part)) }
}

export function unpackRun({ from, bytes, ends, kinds }: PackedRun): Run {
  const stringAt = (place: number) => bytes.subarray(place === 0 ? 0 : ends[place - 1], ends[place])
  const leaves = Array.from(kinds, (kind, at): Leaf => {
    const [entry, opening, mediaType, content] = [0, 1, 2, 3].map((i) => stringAt(STRINGS * at + i))
    const part = {
      opening: opening ?? NOTHING,
      mediaType: Buffer.from(mediaType ?? NOTHING).toString('utf8'),
      bytes: content ?? NOTHING,
    }
    return {
      bytes: entry ?? NOTHING,
      part: kind === KIND.here ? part : kind === KIND.erased ? 'erased' : null,
    }
  })
  return { from, leaves }
}

function stringsOf(part: Leaf['part']): readonly Uint8Array[] {
  return isHere(part)
    ? [part.opening, Buffer.from(part.mediaType, 'utf8'), part.bytes]
    : [NOTHING, NOTHING, NOTHING]
}

function kindOf(part: Leaf['part']): number {
  return isHere(part) ? KIND.here : part === 'erased' ? KIND.erased : KIND.missing
}

function isHere(part: Leaf['part']): part is PublicPart {
  return part !== null && part !== 'erased'
}
