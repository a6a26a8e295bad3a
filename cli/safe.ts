/**
 * Text from peers, made harmless: nothing in it moves a cursor, changes a colour, rings a bell, reverses the
 * reading direction or hides. Every text that did not come from this program passes through here.
 */
import { stripVTControlCharacters } from 'node:util'

/** Marks where something was taken out. */
const REPLACEMENT = '\u{fffd}'

/**
 * Controls, formats (direction, zero width, tags), surrogates, private and unassigned characters; line and
 * paragraph separators; letters that print as nothing.
 */
const HARMFUL = /\p{C}|\p{Zl}|\p{Zp}|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u2800|\u3164|\uffa0/gu

/** Marks piled upon one letter reach into the lines around it. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu

/** One line. */
export function safe(text: string): string {
  const line = stripVTControlCharacters(text).replaceAll(/[\t\n\r]+/g, ' ')
  return line.replaceAll(HARMFUL, REPLACEMENT).replaceAll(PILED_MARKS, '$1')
}

/** Several lines, each safe. */
export function safeLines(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/).map(safe)
}

/** A cell of CSV: quoted where needed, and never a formula to a spreadsheet. */
export function csvCell(value: string): string {
  const text = safe(value)
  const inert = /^[=+\-@]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** JSON that a terminal can show: the same value, with harmful characters escaped. */
export function safeJson(value: unknown): string {
  return escaped(JSON.stringify(value))
}

/** The same over several lines, for a file that people read. */
export function safeJsonLines(value: unknown): string {
  return JSON.stringify(value, null, 2).split('\n').map(escaped).join('\n')
}

function escaped(json: string): string {
  return json.replaceAll(HARMFUL, (found) =>
    [...Array(found.length).keys()]
      .map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
