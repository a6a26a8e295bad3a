/**
 * Terms of the young segment and their postings: a hash table over places in texts. A text has a hundred words or
 * more, nearly all known already, and a string made for each only to look it up costs more than all the rest.
 */
import { randomInt } from 'node:crypto'

const SLOTS_FIRST = 8_192
const EMPTY = 0

export class YoungTerms {
  // Pairs of hash and term number plus one, side by side since both are read at once; linear probing, half full.
  private slots = new Int32Array(SLOTS_FIRST * 2)
  private readonly terms: string[] = []
  private readonly postings: number[][] = []
  // The last document of each term: most words of a text are known, and many of them from the same text.
  private last = new Float64Array(SLOTS_FIRST)
  // Drawn anew for every segment and never told, so that nobody can choose words that collide.
  private readonly seed = randomInt(2 ** 32) | 0

  get size(): number {
    return this.terms.length
  }

  /** Notes that a document has the term in `text` from `start` to `end`; true when that is new. */
  post(text: string, start: number, end: number, document: number): boolean {
    const hash = this.hashOf(text, start, end)
    const slot = this.slotOf(hash, text, start, end)
    const number = (this.slots[slot + 1] ?? EMPTY) - 1
    if (number < 0) {
      this.insert(slot, hash, text.slice(start, end), document)
      return true
    }
    if (this.last[number] === document) return false
    this.last[number] = document
    this.postings[number]?.push(document)
    return true
  }

  get(term: string): readonly number[] {
    const slot = this.slotOf(this.hashOf(term, 0, term.length), term, 0, term.length)
    return this.postings[(this.slots[slot + 1] ?? EMPTY) - 1] ?? []
  }

  *entries(): Generator<readonly [string, readonly number[]]> {
    for (const [number, term] of this.terms.entries()) yield [term, this.postings[number] ?? []]
  }

  private insert(slot: number, hash: number, term: string, document: number): void {
    const number = this.terms.length
    this.terms.push(term)
    this.postings.push([document])
    this.last[number] = document
    this.slots[slot] = hash
    this.slots[slot + 1] = number + 1
    if (this.terms.length * 4 >= this.slots.length) this.grow()
  }

  /** The slot that holds the term, or the empty one where it belongs. */
  private slotOf(hash: number, text: string, start: number, end: number): number {
    const { slots } = this
    const mask = slots.length - 2
    let slot = (hash << 1) & mask
    for (;;) {
      const number = slots[slot + 1] ?? EMPTY
      if (number === EMPTY || (slots[slot] === hash && this.isAt(number - 1, text, start, end))) return slot
      slot = (slot + 2) & mask
    }
  }

  private isAt(number: number, text: string, start: number, end: number): boolean {
    const term = this.terms[number] ?? ''
    if (term.length !== end - start) return false
    for (let i = 0; i < term.length; i++) if (term.charCodeAt(i) !== text.charCodeAt(start + i)) return false
    return true
  }

  /** FNV-1a from a secret start, its high bits mixed into the low ones. */
  private hashOf(text: string, start: number, end: number): number {
    let hash = this.seed
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193)
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
    return hash ^ (hash >>> 13)
  }

  private grow(): void {
    const old = this.slots
    const slots = new Int32Array(old.length * 2)
    const mask = slots.length - 2
    for (let from = 0; from < old.length; from += 2) {
      const hash = old[from] ?? 0
      const number = old[from + 1] ?? EMPTY
      if (number === EMPTY) continue
      let slot = (hash << 1) & mask
      while (slots[slot + 1] !== EMPTY) slot = (slot + 2) & mask
      slots[slot] = hash
      slots[slot + 1] = number
    }
    this.slots = slots
    const last = new Float64Array(slots.length / 2)
    last.set(this.last)
    this.last = last
  }
}
