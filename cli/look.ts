/** How text looks: colour where wanted, and never colour alone. */
import { stripVTControlCharacters, styleText } from 'node:util'
import Table from 'cli-table3'
import { safe } from './safe.ts'

type Style = Parameters<typeof styleText>[0]

export type Look = {
  readonly colour: boolean
  /** Columns of the terminal; undefined where lines may be as long as they are. */
  readonly width: number | undefined
}

export const MARK = { ok: '✓', warn: '▲', fail: '✗' } as const

export function styled(look: Look, style: Style, text: string): string {
  return look.colour ? styleText(style, text, { validateStream: false }) : text
}

export function heading(look: Look, text: string): string {
  return styled(look, 'bold', text)
}

export function faint(look: Look, text: string): string {
  return styled(look, 'dim', text)
}

export function marked(look: Look, mark: keyof typeof MARK, text: string): string {
  const colour = { ok: 'green', warn: 'yellow', fail: 'red' } as const
  return `${styled(look, colour[mark], MARK[mark])} ${text}`
}

const NO_BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, name === 'middle' ? '  ' : '']),
)

/**
 * Rows in columns without borders, which read well aloud and in pipes. The last column is cut to the width of
 * the terminal; in a pipe nothing is cut. Cells are made safe here.
 */
export function columns(
  look: Look,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const table = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  })
  table.push([...head])
  for (const row of rows) table.push(row.map((cell) => ({ content: safe(cell) })))
  const [first = '', ...others] = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  return [heading(look, fit(look, first)), ...others.map((line) => fit(look, line))]
}

/** Cuts a line to the terminal's width. */
export function fit({ width }: Look, line: string): string {
  if (width === undefined) return line
  let used = 0
  let end = 0
  for (const letter of line) {
    used += cellsOf(letter)
    if (used > width) return `${line.slice(0, end).trimEnd()}…`
    if (used <= width - 1) end += letter.length
  }
  return line
}

/** Terminal cells of one code point: two for East Asian wide letters and emoji, none for marks. */
function cellsOf(letter: string): number {
  if (/\p{M}/u.test(letter)) return 0
  return /[\p{Emoji_Presentation}\u{1100}-\u{115f}\u{2e80}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{ff00}-\u{ff60}\u{20000}-\u{3fffd}]/u.test(
    letter,
  )
    ? 2
    : 1
}

/** Words over lines of at most this many letters. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - indent.length) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, indent + line]
}

/** `1 record`, `2 records`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-GB').replaceAll(',', '\u{202f}')} ${noun}${count === 1 ? '' : 's'}`
}

/**
 * A line in as many as the terminal is wide, the later ones behind `indent`; in a pipe it stays one. Colours take no room, and a
 * word that is wider than the terminal is left to it.
 */
export function wrapped({ width }: Look, line: string, indent: string): readonly string[] {
  if (width === undefined) return [line]
  const start = /^ */.exec(line)?.[0] ?? ''
  const lines: string[] = []
  let [current, used] = [start, start.length]
  let isEmpty = true
  for (const word of line.slice(start.length).split(' ')) {
    const cells = cellsIn(word)
    if (!isEmpty && used + 1 + cells > width) {
      lines.push(current)
      ;[current, used, isEmpty] = [indent, indent.length, true]
    }
    current += isEmpty ? word : ` ${word}`
    used += isEmpty ? cells : cells + 1
    isEmpty = false
  }
  return [...lines, current]
}

/** Terminal cells of a text; what only changes colours has none. */
export function cellsIn(text: string): number {
  return [...stripVTControlCharacters(text)].reduce((sum, letter) => sum + cellsOf(letter), 0)
}
