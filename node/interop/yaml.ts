/** Reading hostile YAML: nothing in it may run, expand without bound or exhaust the stack. */
import { parseDocument } from 'yaml'

/** Aliases that one document may expand to: an alias bomb needs many, real documents a handful. */
const ALIASES_MAX = 100

/** Brackets open at once, outside of what is closed again. */
const NESTING_MAX = 64

export type YamlRead =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string }

export function parseYaml(text: string): YamlRead {
  if (text.trim() === '') return refuse('is empty')
  if (isDeep(text)) return refuse('is nested too deep')
  try {
    // `uniqueKeys` compares every key with every other one: minutes for a hostile file. The last of two wins.
    const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent', prettyErrors: true })
    const [error] = document.errors
    if (error !== undefined) return refuse(`is not YAML (line ${error.linePos?.[0].line ?? '?'})`)
    return { ok: true, value: document.toJS({ maxAliasCount: ALIASES_MAX }) }
  } catch (error) {
    if (error instanceof ReferenceError) return refuse('expands too many aliases, or one that is not defined')
    if (error instanceof RangeError) return refuse('is nested too deep')
    return refuse('is not YAML')
  }
}

/** Cheap and approximate, before the parser spends seconds on it: brackets inside texts are nearly always closed. */
function isDeep(text: string): boolean {
  let open = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === OPEN_SQUARE || unit === OPEN_CURLY) open += 1
    else if ((unit === CLOSE_SQUARE || unit === CLOSE_CURLY) && open > 0) open -= 1
    if (open > NESTING_MAX) return true
  }
  return /(?:[-?:] {1,8}){64}/u.test(text)
}

const OPEN_SQUARE = 0x5b
const CLOSE_SQUARE = 0x5d
const OPEN_CURLY = 0x7b
const CLOSE_CURLY = 0x7d

function refuse(reason: string): YamlRead {
  return { ok: false, reason }
}
