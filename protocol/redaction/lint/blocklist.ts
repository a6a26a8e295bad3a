/** The organisation's own words: customers, projects, people. The only rule that knows names by heart. */
import { folded } from './clean.ts'
import type { Span } from './span.ts'

/** Words, and characters of one. More would be a dictionary, and every search as long. */
const BLOCKLIST_WORDS_MAX = 10_000
const WORD_LENGTH_MAX = 200

/** Words with what a search needs, by their first piece. */
export type Blocklist = ReadonlyMap<string, readonly string[]>

export function blocklistOf(words: readonly string[]): Blocklist {
  const byFirst = new Map<string, string[]>()
  for (const word of words.slice(0, BLOCKLIST_WORDS_MAX)) {
    const whole = folded(word.slice(0, WORD_LENGTH_MAX)).text.trim()
    const [first = ''] = whole.split(' ')
    if (whole === '') continue
    byFirst.set(
      first,
      [...(byFirst.get(first) ?? []), whole].toSorted((a, b) => b.length - a.length),
    )
  }
  return byFirst
}

/** Words and runs of words, whole: `Ina` is not in “final”. */
export function* listed(text: string, blocklist: Blocklist): Generator<Span> {
  if (blocklist.size === 0) return
  const { text: search, places } = folded(text)
  for (const { 0: piece, index } of search.matchAll(/[^ ]+/g)) {
    const found = blocklist
      .get(piece)
      ?.find(
        (word) => search.startsWith(word, index) && [' ', ''].includes(search.charAt(index + word.length)),
      )
    if (found === undefined) continue
    const start = places[index] ?? 0
    const last = places[index + found.length - 1] ?? start
    yield { start, length: last + ((text.codePointAt(last) ?? 0) > 0xffff ? 2 : 1) - start }
  }
}
