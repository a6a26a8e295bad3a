/** The words of a text, for finding and for nothing else: lower case, compatibility forms and accents folded. */

/** Longer words are cut: nobody types them, and a hostile text must not fill the index with one. */
const WORD_LENGTH_MAX = 32

/** Different words of one record that are indexed. */
const WORDS_MAX = 512

export function wordsOf(text: string): readonly string[] {
  const folded = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const words = new Set<string>()
  for (const [word] of folded.matchAll(/[\p{L}\p{N}]+/gu)) {
    words.add(word.slice(0, WORD_LENGTH_MAX))
    if (words.size === WORDS_MAX) break
  }
  return [...words]
}
