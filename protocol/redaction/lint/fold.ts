/**
 * Text as a reader sees it: full-width and look-alike letters become the plain ones, invisible characters go, so that
 * nobody hides an address from the rules by how it is written. Each character keeps the place it came from.
 */

export type Folded = {
  readonly text: string
  /** For each UTF-16 unit of `text`, and for its end, the place in the original. */
  readonly places: readonly number[]
}

/** Cyrillic and Greek letters, hyphens and strokes that look like plain ones, each before what it looks like. */
const PAIRS =
  'аa еe оo рp сc уy хx іi јj ѕs ԁd һh АA ВB ЕE КK МM НH ОO РP СC ТT ХX ІI οo αa νv ρp ιi ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ‐- ‑- –- ∕/'

const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  PAIRS.split(' ').map(([from = '', to = '']) => [from, to]),
)

/** Zero-width, directional and other characters that show nothing. */
const INVISIBLE = /[\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/u

export function fold(original: string): Folded {
  let text = ''
  const places: number[] = []
  let at = 0
  for (const character of original) {
    if (!INVISIBLE.test(character)) {
      const plain = character.normalize('NFKC')
      for (const one of plain) {
        const shown = LOOK_ALIKES.get(one) ?? one
        for (let unit = 0; unit < shown.length; unit++) places.push(at)
        text += shown
      }
    }
    at += character.length
  }
  places.push(at)
  return { text, places }
}
