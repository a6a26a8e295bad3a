/** The key spaces of the catalogue, below the prefix that the table of prefixes gives it. */
import { after } from '../store/prefixes.ts'

const SPACE = {
  /** → layout, number of segments, and how far each log is indexed: written with every segment. */
  meta: 0x6d,
  /** segment → its size, its authors and the first term of each of its term blocks. */
  segment: 0x73,
  /** segment → the columns of its documents. */
  columns: 0x63,
  /** segment, block → eight rows. */
  rows: 0x72,
  /** segment, block → about 4 KiB of terms, ascending, each with its postings. */
  terms: 0x74,
} as const

type Space = keyof typeof SPACE

/** Prefix, space and up to two numbers of 32 bits, big-endian, so that keys are in the order of the numbers. */
export function catalogKey(prefix: Uint8Array, space: Space, ...numbers: readonly number[]): Uint8Array {
  const key = new Uint8Array(prefix.length + 1 + numbers.length * 4)
  key.set(prefix)
  key[prefix.length] = SPACE[space]
  const view = new DataView(key.buffer)
  numbers.forEach((number, at) => view.setUint32(prefix.length + 1 + at * 4, number))
  return key
}

export function rangeOf(prefix: Uint8Array, space?: Space): { gte: Uint8Array; lt: Uint8Array } {
  const gte = space === undefined ? prefix : catalogKey(prefix, space)
  return { gte, lt: after(gte) }
}
