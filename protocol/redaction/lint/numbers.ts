/** Numbers that stand for somebody and carry a checksum: accounts, cards, national ids. */
import { digitsOf, matching, type LintRule } from './rule.ts'

/** ISO 13616: the country's letters moved behind, letters as numbers, modulo 97 is 1. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(/[ -]/gu, '').toUpperCase()
  if (plain.length < 15 || plain.length > 34) return false
  const moved = plain.slice(4) + plain.slice(0, 4)
  let rest = 0
  for (const character of moved) {
    const value = /\d/u.test(character) ? Number(character) : (character.codePointAt(0) ?? 0) - 55
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

/** ISO/IEC 7812: every second digit doubled from the right. */
function isLuhn(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    const counted = at % 2 === 1 ? digit * 2 : digit
    sum += counted > 9 ? counted - 9 : counted
  }
  return sum % 10 === 0
}

function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0)
}

/** Poland: eleven digits, the last a checksum, the first six a date with the century in the month. */
function isPesel(digits: string): boolean {
  const [month, day] = [Number(digits.slice(2, 4)) % 20, Number(digits.slice(4, 6))]
  if (month < 1 || month > 12 || day < 1 || day > 31) return false
  return (10 - (weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(digits[10])
}

/** Germany, tax id: eleven digits, ISO 7064 MOD 11,10, not beginning with 0. */
function isGermanTaxId(digits: string): boolean {
  if (digits.startsWith('0')) return false
  let product = 10
  for (const digit of digits.slice(0, 10)) {
    const sum = (Number(digit) + product) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  return (11 - product) % 10 === Number(digits[10])
}

/** United Kingdom, NHS number: ten digits, weights 10 to 2, modulo 11. */
function isNhs(digits: string): boolean {
  const check = 11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)
  return check !== 10 && check % 11 === Number(digits[9])
}

/** France: sex, year, month, department, commune, order and a key of two digits: 97 less the rest of 97. */
function isInsee(digits: string): boolean {
  const month = Number(digits.slice(3, 5))
  if (!/^[12]/u.test(digits) || month < 1 || month > 12) return false
  let rest = 0
  for (const digit of digits.slice(0, 13)) rest = (rest * 10 + Number(digit)) % 97
  return 97 - rest === Number(digits.slice(13))
}

/** Spain: eight digits and the letter that their rest of 23 names. */
function isDni(text: string): boolean {
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digitsOf(text)) % 23] === text.at(-1)?.toUpperCase()
}

const iban: LintRule = {
  id: 'iban',
  severity: 'block',
  find: matching(/(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{1,4}){3,8}(?![\p{L}\p{N}])/gu, isIban),
}

const card: LintRule = {
  id: 'card',
  severity: 'block',
  find: matching(/(?<![\p{L}\p{N}.,])[2-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?![\p{L}\p{N}]|[.,]\d)/gu, (found) => {
    const digits = digitsOf(found)
    return digits.length >= 14 && digits.length <= 19 && isLuhn(digits)
  }),
}

/** Words without which a bare number with a right checksum is chance: one in eleven is. */
const PERSON_NUMBER =
  /(?:pesel|steuer|tax|nhs|insee|sécu\p{L}*|sécurité|nir|patient\p{L}*|id|dni|nif|identi\p{L}*)[^\p{N}]{0,30}$/iu

const nationalId: LintRule = {
  id: 'national-id',
  severity: 'block',
  find: matching(
    /(?<![\p{L}\p{N}.,-])(?:\d{8}[A-Z]|[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}|\d{3} ?\d{3} ?\d{4}|\d{2,3} ?\d{3} ?\d{3} ?\d{2,4}|\d{3}-\d{2}-\d{4})(?![\p{L}\p{N}]|[.,-]\d)/giu,
    (found, at, text) => {
      if (/^\d{8}[A-Z]$/iu.test(found)) return isDni(found)
      if (/^\d{3}-\d{2}-\d{4}$/u.test(found)) return !/^(?:000|666|9)/u.test(found)
      const digits = digitsOf(found)
      if (digits.length === 15) return isInsee(digits)
      const isAnnounced = PERSON_NUMBER.test(text.slice(Math.max(0, at - 40), at))
      if (digits.length === 10) return isAnnounced && isNhs(digits)
      return digits.length === 11 && (isPesel(digits) || (isAnnounced && isGermanTaxId(digits)))
    },
  ),
}

export const NUMBERS: readonly LintRule[] = [iban, card, nationalId]
