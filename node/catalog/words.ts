/**
 * The words of a text, for finding and for nothing else: lower case, compatibility forms and accents folded.
 * Signed bytes never pass through here.
 */

/** Longer words are cut: nobody types them, and a hostile text must not fill the index with one. */
export const WORD_LENGTH_MAX = 32

/** Different words of one record that are indexed. */
export const WORDS_MAX = 512

/** Characters of one text that are read for words: a whole description and more, but never 64 KiB of noise. */
export const TEXT_LENGTH_MAX = 16_384

/**
 * ASCII and the signs that writers mix with it (quotation marks, dashes, degrees), none of which folds to a letter
 * or digit. Most texts are plain, and need neither folding nor the ten times slower Unicode classes.
 */
const PLAIN = /^[\0-\x7f\xa0-\xa9\xab-\xb1\xb6\xb7\xbb\xbf\u2000-\u206f]*$/

/** Takes the word between two places of a text; says whether it wants more. */
type Visitor = (text: string, start: number, end: number) => boolean

/** Different words of a text, in the order of their first occurrence. */
export function wordsOf(text: string): readonly string[] {
  const words = new Set<string>()
  eachWord(text, (folded, start, end) => words.add(folded.slice(start, end)).size < WORDS_MAX)
  return [...words]
}

/** Visits the words of a text in their order, each as often as it occurs, until the visitor has enough. */
export function eachWord(text: string, visit: Visitor): void {
  const cut = cutTo(text, TEXT_LENGTH_MAX)
  if (PLAIN.test(cut)) {
    eachAsciiWord(cut.toLowerCase(), visit)
    return
  }
  for (const [found] of fold(cut).matchAll(/[\p{L}\p{N}]+/gu)) {
    const word = cutTo(found, WORD_LENGTH_MAX)
    if (!visit(word, 0, word.length)) return
  }
}

/** The beginning of a text, within `max` UTF-16 units and never half a character. */
export function cutTo(text: string, max: number): string {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max)
}

/** NFKC without diacritics. Lower-casing can make new marks (`İ`), so they are taken away after it. */
function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}+/gu, '')
    .normalize('NFKC')
}

function eachAsciiWord(text: string, visit: Visitor): void {
  let start = -1
  // One step past the end, where no character is: that ends the last word.
  for (let at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at)
    const isInWord = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)
    if (isInWord && start < 0) start = at
    if (isInWord || start < 0) continue
    if (!visit(text, start, Math.min(at, start + WORD_LENGTH_MAX))) return
    start = -1
  }
}
