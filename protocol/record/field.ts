/**
 * The building blocks of every record schema: bounded texts, exact numbers, dates, terms and strict objects.
 *
 * Lengths count Unicode code points, so that a limit means the same in every language and implementation.
 * Messages are ours alone: they never quote what was read.
 */
import * as v from 'valibot'
import { isDate } from './date.ts'
import { OTHER_LENGTH_MAX, OTHER_PREFIX, termIds, type TermId, type Vocabulary } from './vocabulary.ts'

/** Characters of an http(s) address; longer ones break in mail, logs and browsers. */
export const URL_LENGTH_MAX = 2_048

/** Characters of an identifier in somebody else's catalogue. */
export const EXTERNAL_ID_LENGTH_MAX = 200

/** Characters of a name of a person, organisation, system or version. */
export const NAME_LENGTH_MAX = 200

/** Code points of a text. */
export function lengthOf(text: string): number {
  let length = text.length
  for (let i = 1; i < text.length; i++)
    if (isTrail(text.charCodeAt(i)) && isLead(text.charCodeAt(i - 1))) length -= 1
  return length
}

/** One line: no control characters at all. */
export function line(max: number) {
  return v.pipe(
    v.string(),
    v.check(
      (text) => isWellFormed(text) && !/\p{Cc}/u.test(text),
      'must be one line without control characters',
    ),
    v.check((text) => /\S/u.test(text), 'must not be empty'),
    v.check((text) => lengthOf(text) <= max, `must have at most ${max} characters`),
  )
}

/** Text of several lines: of the control characters only line feed and tab. */
export function text(max: number) {
  return v.pipe(
    v.string(),
    v.check(
      (text) => isWellFormed(text) && !/[^\P{Cc}\n\t]/u.test(text),
      'must be well-formed text without control characters',
    ),
    v.check((text) => /\S/u.test(text), 'must not be empty'),
    v.check((text) => lengthOf(text) <= max, `must have at most ${max} characters`),
  )
}

export function name() {
  return line(NAME_LENGTH_MAX)
}

/** A whole number in a range within ±(2^53 − 1). No floats and no negative zero: deterministic CBOR has neither. */
export function integer(min: number, max: number) {
  return v.pipe(
    v.number(),
    v.check((value) => Number.isSafeInteger(value) && !Object.is(value, -0), 'must be a whole number'),
    v.check((value) => value >= min && value <= max, `must be from ${min} to ${max}`),
  )
}

export function count() {
  return integer(0, Number.MAX_SAFE_INTEGER)
}

/** A decimal number as text, such as `8.6`: exact, where a float would not be. */
export function decimal() {
  return matching(/^(?!-0(?:\.0+)?$)-?(?:0|[1-9]\d{0,15})(?:\.\d{1,9})?$/, 'must be a decimal number as text')
}

export function date() {
  return v.pipe(
    v.string(),
    v.check(isDate, 'must be a date such as 2024, 2024-04, 2024-04-09 or 2024-04-09T13Z'),
  )
}

/** A SHA-256 digest as text, so that it reads the same in CBOR, JSON and on screen. */
export function digest() {
  return matching(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits in lower case')
}

export function url() {
  return v.pipe(
    line(URL_LENGTH_MAX),
    v.check((text) => /^https?:\/\/[^\s/][^\s]*$/u.test(text), 'must be an http or https address'),
  )
}

/** A short machine name: of a scheme, a regime, a kind of indicator. */
export function token() {
  return matching(/^[a-z0-9][a-z0-9._/-]{0,63}$/, 'must be a short name in lower case without spaces')
}

/** An origin: `<org-domain>/candor/<network-id>/<epoch>`; the log reader checks it in full. */
export function origin() {
  return matching(/^[a-z0-9.-]{1,127}\/candor\/[a-z2-7]{52}\/[0-9]{1,16}$/, 'must be the origin of a log')
}

/** A record id: 16 bytes in base32, 26 characters. */
export function recordId() {
  return matching(/^[a-z2-7]{25}[aeimquy4]$/, 'must be a record id of 26 characters')
}

/** Lists always have a bound; an empty list says nothing and is left out instead. */
export function list<S extends v.GenericSchema>(item: S, max: number) {
  return v.pipe(
    v.array(item),
    v.check((items) => items.length >= 1, 'must not be empty: leave it out instead'),
    v.check((items) => items.length <= max, `must have at most ${max} items`),
  )
}

/** One of the terms listed. */
export function closedTerm<const V extends Vocabulary>(of: V) {
  return v.picklist<readonly TermId<V>[], string>(termIds(of), `must be a term of ${of.id}`)
}

/** One of the terms listed, or a text of one's own behind `other:`. */
export function openTerm(of: Vocabulary) {
  const ids = new Set(termIds(of))
  return v.pipe(
    line(OTHER_LENGTH_MAX + OTHER_PREFIX.length),
    v.check(
      (term) => ids.has(term) || (term.startsWith(OTHER_PREFIX) && term.trim().length > OTHER_PREFIX.length),
      `must be a term of ${of.id}, or ${OTHER_PREFIX} and words of your own`,
    ),
  )
}

/**
 * An object with these keys and no others. Lists and bytes are objects to valibot, so they are refused first;
 * the prototype is empty because valibot looks keys up with `in`: otherwise `constructor` or `__proto__` would
 * pass as known.
 */
export function strict<E extends v.ObjectEntries>(entries: E) {
  const bare: E = Object.assign(Object.create(null), entries)
  return v.pipe(v.custom<object>(isObject, 'must be an object'), v.strictObject(bare))
}

function isObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  )
}

function matching(pattern: RegExp, message: string) {
  return v.pipe(v.string(), v.regex(pattern, message))
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

function isLead(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isTrail(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
