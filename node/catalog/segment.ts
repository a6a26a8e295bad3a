/**
 * Segments: the documents of one flush and their terms, written once and never changed. A term's postings in one
 * segment are one block of differences; a few kilobytes of neighbouring terms share a value, so that a segment of
 * thousands of documents is some hundreds of keys, not one per term and document.
 */
import type { KeyValue, Operation } from '../ports.ts'
import { catalogKey } from './keys.ts'
import { ByteReader, pushVarint } from './postings.ts'
import type { Young } from './young.ts'

export type Segment = {
  readonly number: number
  /** Number of its first document. */
  readonly base: number
  readonly size: number
  /** The first term of each block, ascending. */
  readonly firsts: readonly string[]
}

/** Bytes after which a term block ends. Small ones are cheap to look through, large ones few. */
const TERM_BLOCK_BYTES = 4_096

/** Terms written between two turns of the event loop: a few milliseconds. */
const TERMS_PER_TURN = 4_096

/** Blocks read at once: bounds the memory of a search for a short prefix. */
const BLOCKS_PER_READ = 256

/** The blocks of a segment's terms, ready to be written. */
export async function printTerms(
  prefix: Uint8Array,
  number: number,
  young: Young,
): Promise<{ readonly operations: readonly Operation[]; readonly firsts: readonly string[] }> {
  const operations: Operation[] = []
  const firsts: string[] = []
  let block: number[] = []
  const close = () => {
    const key = catalogKey(prefix, 'terms', number, operations.length)
    operations.push({ type: 'put', key, value: Uint8Array.from(block) })
    block = []
  }
  const entries = [...young.terms.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [at, [term, postings]] of entries.entries()) {
    if (at % TERMS_PER_TURN === TERMS_PER_TURN - 1) await new Promise(setImmediate)
    if (block.length === 0) firsts.push(term)
    pushTerm(block, term, postings, young.base)
    if (block.length >= TERM_BLOCK_BYTES) close()
  }
  if (block.length > 0) close()
  return { operations, firsts }
}

export type Wanted = { readonly term: string; readonly isPrefix: boolean }

/** Documents of these segments that have the term, or one that begins so, ascending. */
export async function readPostings(
  store: KeyValue,
  prefix: Uint8Array,
  segments: readonly Segment[],
  wanted: Wanted,
): Promise<readonly number[]> {
  const blocks = segments.flatMap((segment) =>
    blocksOf(segment, wanted).map((block) => ({
      base: segment.base,
      key: catalogKey(prefix, 'terms', segment.number, block),
    })),
  )
  const last = segments.at(-1)
  const found = wanted.isPrefix ? marking(last === undefined ? 0 : last.base + last.size) : listing()
  const bytes = Buffer.from(wanted.term)
  for (let from = 0; from < blocks.length; from += BLOCKS_PER_READ) {
    const some = blocks.slice(from, from + BLOCKS_PER_READ)
    const values = await store.getMany(some.map(({ key }) => key))
    for (const [at, { base }] of some.entries()) {
      const value = values[at]
      if (value !== undefined) readBlock(value, base, bytes, wanted.isPrefix, found.add)
    }
  }
  return found.all()
}

type Found = { readonly add: (number: number) => void; readonly all: () => readonly number[] }

/** One term stands once in each segment, and its postings are ascending. */
function listing(): Found {
  const numbers: number[] = []
  return { add: (number) => void numbers.push(number), all: () => numbers }
}

/** Many terms may name one document: a mark for each document below `end` puts them in order. */
function marking(end: number): Found {
  const marks = new Uint8Array(end)
  return {
    add: (number) => void (marks[number] = 1),
    all: () => {
      const numbers: number[] = []
      for (let number = marks.indexOf(1); number >= 0; number = marks.indexOf(1, number + 1))
        numbers.push(number)
      return numbers
    },
  }
}

function blocksOf({ firsts }: Segment, { term, isPrefix }: Wanted): readonly number[] {
  const start = Math.max(0, upperBound(firsts, term) - 1)
  const blocks = firsts.length === 0 ? [] : [start]
  if (!isPrefix) return blocks
  for (let block = start + 1; firsts[block]?.startsWith(term) === true; block++) blocks.push(block)
  return blocks
}

/** The first place whose term is above `term`. */
function upperBound(firsts: readonly string[], term: string): number {
  let low = 0
  let high = firsts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((firsts[middle] ?? '') <= term) low = middle + 1
    else high = middle
  }
  return low
}

/** Term length, term, number of postings, bytes of postings, postings. */
function pushTerm(block: number[], term: string, postings: readonly number[], base: number): void {
  const bytes = Buffer.from(term)
  pushVarint(block, bytes.length)
  for (const byte of bytes) block.push(byte)
  const list: number[] = []
  let before = base
  for (const number of postings) {
    pushVarint(list, number - before)
    before = number
  }
  pushVarint(block, postings.length)
  pushVarint(block, list.length)
  for (const byte of list) block.push(byte)
}

function readBlock(
  block: Uint8Array,
  base: number,
  term: Uint8Array,
  isPrefix: boolean,
  add: (number: number) => void,
): void {
  const reader = new ByteReader(block)
  while (!reader.isAtEnd()) {
    const length = reader.varint()
    const start = reader.at
    reader.at += length
    const count = reader.varint()
    const bytes = reader.varint()
    const fits = isPrefix ? length >= term.length : length === term.length
    if (!fits || !beginsAt(block, start, term)) {
      reader.at += bytes
      continue
    }
    let number = base
    for (let i = 0; i < count; i++) {
      number += reader.varint()
      add(number)
    }
    if (!isPrefix) return
  }
}

function beginsAt(block: Uint8Array, start: number, term: Uint8Array): boolean {
  for (let i = 0; i < term.length; i++) if (block[start + i] !== term[i]) return false
  return true
}
