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
  const terms = [...young.postings.keys()].sort()
  for (const [at, term] of terms.entries()) {
    if (at % TERMS_PER_TURN === TERMS_PER_TURN - 1) await new Promise(setImmediate)
    if (block.length === 0) firsts.push(term)
    pushTerm(block, term, young.postings.get(term) ?? [], young.base)
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
      segment,
      key: catalogKey(prefix, 'terms', segment.number, block),
    })),
  )
  const bytes = Buffer.from(wanted.term)
  const found = new Found()
  for (let from = 0; from < blocks.length; from += BLOCKS_PER_READ) {
    const some = blocks.slice(from, from + BLOCKS_PER_READ)
    const values = await store.getMany(some.map(({ key }) => key))
    for (const [at, value] of values.entries()) {
      const segment = some[at]?.segment
      if (segment === undefined || value === undefined) continue
      found.open(segment)
      readBlock(value, bytes, wanted.isPrefix, found)
    }
  }
  return found.all()
}

/** Collects document numbers, segment by segment; several terms may name one document. */
class Found {
  private readonly numbers: number[] = []
  private segment: Segment | undefined
  private marks = new Uint8Array(0)
  private lists = 0
  private from = 0

  open(segment: Segment): void {
    if (this.segment === segment) return
    this.close()
    this.segment = segment
    this.lists = 0
    this.from = this.numbers.length
  }

  /** One term's postings: differences to the document before, the first one to the segment's base. */
  list(reader: ByteReader, count: number): void {
    let number = this.segment?.base ?? 0
    for (let i = 0; i < count; i++) {
      number += reader.varint()
      this.numbers.push(number)
    }
    this.lists += 1
  }

  all(): readonly number[] {
    this.close()
    return this.numbers
  }

  /** One list is ascending already; several are merged through a mark for each document of the segment. */
  private close(): void {
    const { segment } = this
    if (segment === undefined || this.lists < 2) return
    if (this.marks.length < segment.size) this.marks = new Uint8Array(segment.size)
    else this.marks.fill(0)
    for (let i = this.from; i < this.numbers.length; i++)
      this.marks[(this.numbers[i] ?? 0) - segment.base] = 1
    this.numbers.length = this.from
    for (let i = 0; i < segment.size; i++) if (this.marks[i] === 1) this.numbers.push(segment.base + i)
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

function readBlock(block: Uint8Array, term: Uint8Array, isPrefix: boolean, found: Found): void {
  const reader = new ByteReader(block)
  while (!reader.isAtEnd()) {
    const length = reader.varint()
    const start = reader.at
    reader.at += length
    const count = reader.varint()
    const bytes = reader.varint()
    const fits = isPrefix ? length >= term.length : length === term.length
    if (fits && beginsAt(block, start, term)) {
      found.list(reader, count)
      if (!isPrefix) return
    } else {
      reader.at += bytes
    }
  }
}

function beginsAt(block: Uint8Array, start: number, term: Uint8Array): boolean {
  for (let i = 0; i < term.length; i++) if (block[start + i] !== term[i]) return false
  return true
}
