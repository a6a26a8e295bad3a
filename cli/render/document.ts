/** Any document as indented lines. It comes from a peer and may hold anything: keys and values alike are made safe. */
import { wrap } from '../look.ts'
import { safe, safeLines } from '../safe.ts'
import { words } from './records.ts'

/** Letters to a line of running text. */
const TEXT_WIDTH = 96

/** Long lists are cut here; `--json` shows all of them. */
const ITEMS_MAX = 40
const DEPTH_MAX = 6

export function renderDocument(
  document: unknown,
  without: ReadonlySet<string> = new Set(),
): readonly string[] {
  if (!isMap(document)) return document === null || document === undefined ? [] : [scalar(document)]
  return inOrder(document).flatMap(([key, value]) => (without.has(key) ? [] : field(key, value, 0)))
}

/** What a reader asks first; documents come with their keys in the order of their encoding. */
const FIRST =
  'reason position note summary description occurred detected sectors regions harms scores systems parties ' +
  'lifecycle classifications narrative near_miss_barrier'
const LAST = 'withheld links references source policy made_by'

function inOrder(document: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const place = (key: string) => {
    const [first, last] = [FIRST, LAST].map((list) => list.split(' ').indexOf(key))
    if (first !== undefined && first !== -1) return first
    return last === undefined || last === -1 ? 500 : 1_000 + last
  }
  return Object.entries(document).toSorted(([a], [b]) => place(a) - place(b))
}

/** A text of a document, safe; undefined where there is none. */
export function textAt(document: unknown, key: string): string | undefined {
  const value = isMap(document) ? document[key] : undefined
  return typeof value === 'string' || typeof value === 'number' ? safe(String(value)) : undefined
}

function field(key: string, value: unknown, depth: number): readonly string[] {
  const name = words(safe(key))
  const indent = '  '.repeat(depth)
  if (depth === DEPTH_MAX) return [`${indent}${name}: …`]
  if (Array.isArray(value)) return list(name, value, depth)
  if (!isMap(value)) return text(`${indent}${name}: `, value, indent)
  const inline = oneLine(value)
  if (inline !== undefined) return [`${indent}${name}: ${inline}`]
  return [
    `${indent}${name}:`,
    ...Object.entries(value).flatMap(([inner, item]) => field(inner, item, depth + 1)),
  ]
}

function list(name: string, items: readonly unknown[], depth: number): readonly string[] {
  const indent = '  '.repeat(depth)
  if (items.every((item) => !isMap(item) && !Array.isArray(item))) {
    return text(`${indent}${name}: `, items.slice(0, ITEMS_MAX).map(scalar).join(', '), indent)
  }
  const lines = items.slice(0, ITEMS_MAX).flatMap((item) => {
    const inline = isMap(item) ? oneLine(item) : scalar(item)
    if (inline !== undefined) return [`${indent}  - ${inline}`]
    const inner = isMap(item)
      ? Object.entries(item).flatMap(([key, value]) => field(key, value, depth + 2))
      : []
    return inner.map((line, at) => (at === 0 ? `${indent}  - ${line.trimStart()}` : line))
  })
  const rest = items.length > ITEMS_MAX ? [`${indent}  … and ${items.length - ITEMS_MAX} more`] : []
  return [`${indent}${name}:`, ...lines, ...rest]
}

/** Flat and short: one line. */
function oneLine(value: Readonly<Record<string, unknown>>): string | undefined {
  const entries = Object.entries(value)
  if (entries.some(([, item]) => typeof item === 'object' && item !== null)) return undefined
  const line = entries.map(([key, item]) => `${words(safe(key))} ${scalar(item)}`).join(' · ')
  return line.length <= TEXT_WIDTH ? line : undefined
}

function text(prefix: string, value: unknown, indent: string): readonly string[] {
  const paragraphs = safeLines(String(value))
  const [first = '', ...others] = paragraphs.flatMap((line) => wrap(line, TEXT_WIDTH))
  const isShort = paragraphs.length === 1 && others.length === 0 && prefix.length + first.length <= TEXT_WIDTH
  if (isShort) return [prefix + first]
  return [prefix.trimEnd(), ...[first, ...others].map((line) => `${indent}  ${line}`)]
}

function scalar(value: unknown): string {
  return value === true ? 'yes' : value === false ? 'no' : safe(String(value))
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
