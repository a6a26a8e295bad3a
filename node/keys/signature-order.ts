/** What the main thread and the threads that handle signatures say to one another: byte strings packed into one. */
import type { KeyObject } from 'node:crypto'
import type { PublicKey } from '../../protocol/identity/key.ts'

export const SIGNATURE_BYTES = 64

/** Byte strings one after another, and where each ends. */
export type Packed = { readonly bytes: Uint8Array<ArrayBuffer>; readonly ends: Uint32Array<ArrayBuffer> }

export type Order = Packed &
  (
    | { readonly what: 'sign'; readonly key: KeyObject }
    /** Message and signature in turn; `keyOf` names each pair's key by its place in `keys`. */
    | { readonly what: 'verify'; readonly keys: readonly PublicKey[]; readonly keyOf: Uint32Array }
  )

/** Signatures one after another, or a byte for each that was verified (1 is good), or why there is neither. */
export type Answer =
  { readonly id: number; readonly bytes: Uint8Array } | { readonly id: number; readonly failure: string }

export function pack(items: readonly Uint8Array[]): Packed {
  let length = 0
  for (const item of items) length += item.length
  const bytes = new Uint8Array(length)
  const ends = new Uint32Array(items.length)
  let at = 0
  for (const [place, item] of items.entries()) {
    bytes.set(item, at)
    at += item.length
    ends[place] = at
  }
  return { bytes, ends }
}

export function unpack({ bytes, ends }: Packed): readonly Uint8Array[] {
  return Array.from(ends, (end, place) => bytes.subarray(place === 0 ? 0 : ends[place - 1], end))
}
