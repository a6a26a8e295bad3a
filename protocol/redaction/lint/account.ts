/** Accounts and cards, by their check digits. */
import { digitsOf, matches, type LintRule, type Span } from './span.ts'

/** ISO 13616: how long an IBAN of a country is. */
const IBAN_LENGTHS = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 ' +
    'FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 ' +
    'LT20 LU20 LV21 MC27 MD24 ME22 MK19 MT31 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 ' +
    'SK24 SM27 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((one) => [one.slice(0, 2), Number(one.slice(2))] as const),
)

const IBAN_START = /(?<![\p{L}\p{N}])[a-z]{2}\d{2}(?=[ -]?[a-z0-9])/giu

/** An account in Poland is written without its country at home. */
const POLISH = /(?<![\p{L}\p{N}.,-])\d{2} ?(?:\d{4} ?){5}\d{4}(?![\p{L}\p{N}])/gu

/** Digits without a break, in fours, or as American Express prints them. */
const CARD =
  /(?<![\p{L}\p{N}.,])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\p{L}\p{N}])/gu
const ISSUER = /^(?:4|5[1-5]|2[2-7]|3[0245678]|6[0245])/

export const ACCOUNT_RULES: readonly LintRule[] = [
  {
    id: 'iban',
    severity: 'block',
    group: 'number',
    *find(text) {
      yield* ibans(text)
      yield* matches(text, POLISH, (found) => isIban(`PL${digitsOf(found)}`))
    },
  },
  {
    id: 'card',
    severity: 'block',
    group: 'number',
    find: (text) =>
      matches(text, CARD, (found) => {
        const digits = digitsOf(found)
        return ISSUER.test(digits) && isLuhn(digits)
      }),
  },
]

function* ibans(text: string): Generator<Span> {
  for (const { 0: beginning, index } of text.matchAll(IBAN_START)) {
    const length = IBAN_LENGTHS.get(beginning.slice(0, 2).toUpperCase())
    if (length === undefined) continue
    let [compact, end] = [beginning, index + beginning.length]
    while (compact.length < length) {
      const at = /[ -]/.test(text.charAt(end)) ? end + 1 : end
      if (!/[a-z0-9]/i.test(text.charAt(at))) break
      compact += text.charAt(at)
      end = at + 1
    }
    const isWhole = compact.length === length && !/[\p{L}\p{N}]/u.test(text.charAt(end))
    if (isWhole && isIban(compact.toUpperCase())) yield { start: index, length: end - index }
  }
}

function isIban(compact: string): boolean {
  let rest = 0
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

function isLuhn(digits: string): boolean {
  let sum = 0
  for (const [place, digit] of [...digits].toReversed().entries()) {
    const value = place % 2 === 1 ? Number(digit) * 2 : Number(digit)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}
