/** The organisation's own words: customers, projects, people. The only rule that knows names by heart. */
import { folded } from './clean.ts'
import type { Span } from './span.ts'

/** Words with what a search needs, by their first piece. */
export type Blocklist = ReadonlyMap<string, readonly string[]>

/** None is left out, however many there are: whoever reads the list from a file bounds the file. */
export function blocklistOf(words: readonly string[]): Blocklist {
  const byFirst = new Map<string, string[]>()
  for (const word of words) {
    const whole = folded(word).text.trim()
    const [first = ''] = whole.split(' ')
    if (whole === '') continue
    const known = byFirst.get(first)
    if (known === undefined) byFirst.set(first, [whole])
    else known.push(whole)
  }
  for (const alike of byFirst.values()) alike.sort((a, b) => b.length - a.length)
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
