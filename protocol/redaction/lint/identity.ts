/** Numbers that a state gives a person, where a check digit or a strict shape tells them from other numbers. */
import { digitsOf, matches, type LintRule } from './span.ts'

const of = (body: string) =>
  new RegExp(String.raw`(?<![\p{L}\p{N}.,/-])(?:${body})(?![\p{L}\p{N}]|[.,/-]\d)`, 'gu')

/** Social security number, United States: no check digit, but areas that are never given. */
const AMERICAN = of(String.raw`(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}`)
/** National insurance number, Great Britain. */
const BRITISH = of(String.raw`[ABCEGHJ-PR-TW-Z][ABCEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]`)
const SPANISH = of(String.raw`(?:[XYZ]-?\d{7}|\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-HJ-NP-TV-Z]`)
/** NIR, France: thirteen digits and two to check. */
const FRENCH = of(String.raw`[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}`)
const ELEVEN = of(String.raw`\d{11}|\d{2} \d{3} \d{3} \d{3}`)

/** NHS number, Great Britain: one number of ten digits in eleven has the right check digit, so it has to be announced. */
const NHS = /(?<![\p{L}\p{N}])NHS[^\p{N}\n]{1,20}\d{3}[ -]?\d{3}[ -]?\d{4}(?!\p{N})/gu

export const IDENTITY_RULES: readonly LintRule[] = [
  {
    id: 'national-id',
    severity: 'block',
    group: 'number',
    *find(text) {
      yield* matches(text, AMERICAN)
      yield* matches(text, BRITISH)
      yield* matches(text, NHS, (found) => isNhs(digitsOf(found)))
      yield* matches(text, SPANISH, isSpanish)
      yield* matches(text, FRENCH, isFrench)
      yield* matches(text, ELEVEN, (found) => isPolish(digitsOf(found)) || isGerman(digitsOf(found)))
    },
  },
]

function isSpanish(found: string): boolean {
  const compact = found.replaceAll(/[ .-]/g, '')
  const digits = compact.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)))
  return 'TRWAGMYFPDXBNJZSQVHLCKE'.charAt(Number(digits) % 23) === compact.at(-1)
}

function isFrench(found: string): boolean {
  const compact = found.replaceAll(' ', '').replace('2A', '19').replace('2B', '18')
  return /^\d{15}$/.test(compact) && 97 - (Number(compact.slice(0, 13)) % 97) === Number(compact.slice(13))
}

function isNhs(digits: string): boolean {
  let sum = 0
  for (let place = 0; place < 9; place += 1) sum += (10 - place) * Number(digits.charAt(place))
  return (11 - (sum % 11)) % 11 === Number(digits.charAt(9))
}

/** PESEL: a day of birth, with the century in the month, and a weighted sum. */
function isPolish(digits: string): boolean {
  const [month, day] = [Number(digits.slice(2, 4)) % 20, Number(digits.slice(4, 6))]
  if (month < 1 || month > 12 || day < 1 || day > 31) return false
  const weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]
  return weights.reduce((sum, weight, place) => sum + weight * Number(digits.charAt(place)), 0) % 10 === 0
}

/** Steuer-ID: ISO 7064 mod 11,10; of the first ten digits one stands twice or three times. */
function isGerman(digits: string): boolean {
  if (digits.startsWith('0') || ![8, 9].includes(new Set(digits.slice(0, 10)).size)) return false
  let product = 10
  for (const digit of digits.slice(0, 10)) {
    const sum = (Number(digit) + product) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  return (11 - product) % 10 === Number(digits.charAt(10))
}
