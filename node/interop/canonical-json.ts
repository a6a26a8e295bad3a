/** JSON with one spelling (RFC 8785), for digests of originals that are compared across releases. */

/** Nesting of an original. Real ones have about eight. */
const DEPTH_MAX = 64

/** Canonical text of a parsed JSON value, or undefined when it is nested too deep. */
export function canonicalJson(value: unknown, depth = 0): string | undefined {
  if (depth > DEPTH_MAX) return undefined
  if (Array.isArray(value))
    return joined(
      value.map((item) => canonicalJson(item, depth + 1)),
      '[',
      ']',
    )
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return joined(
    entries.map(([key, item]) => {
      const text = canonicalJson(item, depth + 1)
      return text === undefined ? undefined : `${JSON.stringify(key)}:${text}`
    }),
    '{',
    '}',
  )
}

function joined(parts: readonly (string | undefined)[], open: string, close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(',')}${close}`
}
