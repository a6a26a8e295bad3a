/** Telephone numbers: international, national forms that nothing else looks like, and anything after a word for one. */
import { digitsOf, matches, type LintRule } from './span.ts'

const END = String.raw`(?![\p{L}\p{N}_]|[.,-]\d)`
const BEFORE = String.raw`(?<![\p{L}\p{N}_+.,:/#-])`
const of = (body: string) => new RegExp(`${BEFORE}(?:${body})${END}`, 'gu')

/** ITU E.164: at most fifteen digits; none has fewer than eight with its country. */
const INTERNATIONAL = of(String.raw`(?:\(\+|\+|(?<!\d )00(?=[1-9]))\d(?:[ ().\/-]{0,3}\d){7,17}`)
/** A zero for the way out of the town: Germany, Austria, Switzerland, Britain, France, Poland of old. */
const TRUNK = of(
  String.raw`(?<!\d )(?:\(0\d{1,4}\)[ \/-]?\d(?:[ \/-]?\d){4,8}|0\d{1,4}(?: ?[\/-] ?| )\d(?:[ \/-]?\d){4,8}|0[1-9](?:[ .-]\d\d){4})`,
)
const AMERICAN = of(String.raw`(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])\d{3}[ .-]\d{4}`)
const HYPHENS = of(String.raw`[4-9]\d\d-\d{3}-\d{3}`)
/** Without a word before it, “612 345 678” is a count with thousands apart. */
const CALLED = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:tel|telefon\p{L}{0,4}|phone|mobile|cell|call|ring|text|whatsapp|fax|handy|mobil|anruf\p{L}{0,3}|télé?phone|portable|appel\p{L}{0,3}|tél|teléfono|móvil|ll[aá]m\p{L}{1,4}|komórk\p{L}{1,3}|kom|numer\p{L}{0,3}|zadzwo\p{L}{1,4})\.?(?: (?:me|us|him|her|at|on|under|unter|au|al|le|no|nr|number|number is|is|ist|est|es|to|pod|pod numer|numer|komórkowy))?[.:]{0,2} {0,2}(?:\d[ .\/-]?){6,12}\d${END}`,
  'giu',
)
const DATE = /(?<!\d)(?:(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d)(?!\d)/u

export const PHONE_RULES: readonly LintRule[] = [
  {
    id: 'phone',
    severity: 'block',
    group: 'number',
    *find(text) {
      yield* matches(text, INTERNATIONAL, (found) => isCount(found, 8, 17))
      yield* matches(text, TRUNK, (found) => isCount(found, 8, 13))
      yield* matches(text, AMERICAN)
      yield* matches(text, HYPHENS)
      yield* matches(text, CALLED, (found) => isCount(found, 7, 13))
    },
  },
]

function isCount(found: string, least: number, most: number): boolean {
  const { length } = digitsOf(found)
  return length >= least && length <= most && !DATE.test(found)
}
