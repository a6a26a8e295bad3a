/**
 * Texts as a reader sees them. Characters that show nothing, full-width letters and unusual spaces and hyphens would
 * hide an address from every rule; for words of the blocklist, case, accents and letters of other scripts that look
 * the same go too. Each character keeps the place that it came from.
 */

/** A text to search, and for each of its UTF-16 units the place in the text that was given. One more, for the end. */
export type Clean = { readonly text: string; readonly places: Uint32Array }

/** What is not seen: soft hyphens, joiners, directions, variation selectors, tags. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\u2060-\u206f]/u
const HYPHEN = /[\u2010-\u2015\u2212\ufe58\ufe63]/u
const SPACE = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/u

export function clean(text: string): Clean {
  return mapped(text, remembered(seen))
}

function seen(character: string): string {
  if (character <= '~') return character
  if (UNSEEN.test(character)) return ''
  if (HYPHEN.test(character)) return '-'
  if (SPACE.test(character)) return ' '
  return short(character, character.normalize('NFKC'))
}

/** Ligatures of whole phrases hide no address, and would make a text many times as long: one has eighteen letters. */
const PLAIN_LENGTH_MAX = 4

function short(character: string, plain: string): string {
  return plain.length > PLAIN_LENGTH_MAX ? character : plain
}

/** Letters of other scripts, and such as have no decomposition, by what they look like. */
const ALIKE = new Map(
  [
    ['a', 'аα'],
    ['b', 'вβЬь'],
    ['c', 'сϲ'],
    ['d', 'ԁđð'],
    ['e', 'еєε'],
    ['g', 'ɡ'],
    ['h', 'һнħ'],
    ['i', 'іιıӏ'],
    ['j', 'ј'],
    ['k', 'кκ'],
    ['l', 'łɩ'],
    ['m', 'мμ'],
    ['n', 'ηո'],
    ['o', 'оοøօσ'],
    ['p', 'рρ'],
    ['q', 'ԛ'],
    ['r', 'г'],
    ['s', 'ѕ'],
    ['t', 'тτŧ'],
    ['u', 'υսц'],
    ['v', 'ѵν'],
    ['w', 'ԝω'],
    ['x', 'хχ'],
    ['y', 'уγү'],
    ['z', 'ᴢζ'],
    ['ss', 'ß'],
    ['ae', 'æ'],
    ['oe', 'œ'],
  ].flatMap(([latin = '', others = '']) => [...others].map((other) => [other, latin] as const)),
)

/** Capitals whose small letter looks like another. */
const ALIKE_CAPITALS = new Map([
  ['Ν', 'n'],
  ['Η', 'h'],
  ['Ρ', 'p'],
  ['Υ', 'y'],
  ['Χ', 'x'],
  ['Γ', 'r'],
])

/** Case, accents and look-alikes folded, and every run of anything else made one space. */
export function folded(text: string): Clean {
  let isGap = true
  return mapped(text, remembered(lettersOf), (letters) => {
    if (letters !== ' ') {
      if (letters !== '') isGap = false
      return letters
    }
    if (isGap) return ''
    isGap = true
    return ' '
  })
}

/** What stays of a character: letters and digits, nothing, or a space for all else. */
function lettersOf(character: string): string {
  const bare = short(character, character.normalize('NFKD'))
  let letters = ''
  for (const one of (ALIKE_CAPITALS.get(bare) ?? bare).toLowerCase().normalize('NFD')) {
    if (/[\p{M}\p{Default_Ignorable_Code_Point}]/u.test(one)) continue
    letters += ALIKE.get(one) ?? one
  }
  return letters === '' || /^[\p{L}\p{N}]/u.test(letters) ? letters : ' '
}

/** A text has few different characters; each is worked out once. */
function remembered(change: (character: string) => string): (character: string) => string {
  const known = new Map<string, string>()
  return (character) => {
    const changed = known.get(character) ?? change(character)
    known.set(character, changed)
    return changed
  }
}

function mapped(
  text: string,
  change: (character: string) => string,
  next: (changed: string) => string = (changed) => changed,
): Clean {
  const parts: string[] = []
  const places: number[] = []
  let place = 0
  for (const character of text) {
    const changed = next(change(character))
    parts.push(changed)
    for (let unit = 0; unit < changed.length; unit += 1) places.push(place)
    place += character.length
  }
  places.push(text.length)
  return { text: parts.join(''), places: Uint32Array.from(places) }
}
