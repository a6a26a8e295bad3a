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

/** Different words of a text, in the order of their first occurrence. */
export function wordsOf(text: string, max = WORDS_MAX): readonly string[] {
  const words = new Set<string>()
  const cut = cutTo(text, TEXT_LENGTH_MAX)
  const isAscii = /^[\0-\x7f]*$/.test(cut)
  // Most texts are ASCII, and need neither folding nor the ten times slower Unicode classes.
  const found = isAscii ? cut.toLowerCase().matchAll(/[a-z0-9]+/g) : fold(cut).matchAll(/[\p{L}\p{N}]+/gu)
  for (const [word] of found) {
    words.add(cutTo(word, WORD_LENGTH_MAX))
    if (words.size === max) break
  }
  return [...words]
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
