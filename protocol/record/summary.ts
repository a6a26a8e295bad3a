/** A summary of a longer text: its beginning, cut where a sentence ends. DESIGN §5. */
import { lengthOf } from './field.ts'

export type Cut = {
  readonly text: string
  /** True when something was left out. The record then says `summary_partial`. */
  readonly partial: boolean
}

/** Three dots, for a text without any end of a sentence or word to cut at. */
const ELLIPSIS = '…'

/** The longest beginning of `text` within `max` code points that ends a sentence; otherwise a word and an ellipsis. */
export function cutAtSentence(text: string, max: number): Cut {
  const whole = text.trim()
  if (lengthOf(whole) <= max) return { text: whole, partial: false }
  const beginning = firstCodePoints(whole, max)
  const sentence = lastSentenceEnd(whole, beginning.length)
  if (sentence > 0) return { text: whole.slice(0, sentence), partial: true }
  return { text: cutAtWord(beginning, max), partial: true }
}

/** The beginning of `text` within `max` code points, ending in a word and an ellipsis when something is cut. */
export function cutText(text: string, max: number): Cut {
  const whole = text.trim()
  if (lengthOf(whole) <= max) return { text: whole, partial: false }
  return { text: cutAtWord(firstCodePoints(whole, max), max), partial: true }
}

/** Titles and degrees whose full stop ends no sentence. A wrong guess only makes a summary shorter or longer. */
const ABBREVIATION =
  /(?:^|[\s("'])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|Inc|Ltd|Corp|Co|No|e\.g|i\.e|U\.S|U\.K|cf|al|approx)$/u

/** Where the last sentence that ends within `limit` ends, or 0. White space or the end must follow. */
function lastSentenceEnd(text: string, limit: number): number {
  const ends = /[.!?。！？]["'”’»)\]]*(?=\s|$)|[。！？]/gu
  let last = 0
  for (const match of text.slice(0, limit + 1).matchAll(ends)) {
    const end = match.index + match[0].length
    if (end > limit) break
    if (!ABBREVIATION.test(text.slice(Math.max(0, match.index - 12), match.index))) last = end
  }
  return last
}

function cutAtWord(beginning: string, max: number): string {
  const room = firstCodePoints(beginning, max - 1)
  const space = room.search(/\s\S*$/u)
  const words = space > 0 ? room.slice(0, space) : room
  return `${words.replace(/[\s,;:(–—-]+$/u, '')}${ELLIPSIS}`
}

function firstCodePoints(text: string, count: number): string {
  let end = 0
  for (let i = 0; i < count && end < text.length; i++) end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  return text.slice(0, end)
}
