/** Addresses of machines: IPv4, IPv6 and MAC. Private ranges count: they show how a network is built. */
import { matches, type LintRule } from './span.ts'

const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`
const IPV4 = new RegExp(
  String.raw`(?<![\p{L}\p{N}.\-+])${OCTET}(?:\.${OCTET}){3}(?:\/\d{1,2})?(?![\p{L}\p{N}]|[.-]\d)`,
  'gu',
)
/** Four numbers after one of these are a version, a section or a clause. */
const VERSIONED =
  /(?:version|versión|wersj|release|firmware|treiber|driver|pilote|build|patch|update|section|abschnitt|kapitel|chapter|clause|article|artikel|artículo|sección|rozdzia|punkt|§)\p{L}{0,3}$|(?:^|[^\p{L}])(?:v(?:er)?\.?|prior to)$/iu
/** What may stand between such a word and the number: other versions, and how they are compared. */
const BETWEEN =
  /(?:\(s\)|[\s`"'“”,<>=≤≥/(]{1,8}|(?<!\p{L})(?:and|und|et|y|i|to|bis|à|a|do|through|until|up|from|von|de|od|prior|before|tag)|(?<![\d.])v?\d{1,5}(?:\.\d{1,5}){1,4}\.?)$/iu
const BETWEEN_MAX = 16
const LOOK_BACK = 60
/** They are the same on every machine. */
const EVERYWHERE = /^(?:0\.|127\.|255\.255\.)/

const IPV6 = /(?<![\p{L}\p{N}:.])[0-9a-f:]{2,45}(?![\p{L}\p{N}:])/giu
const MAC =
  /(?<![\p{L}\p{N}:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\p{L}\p{N}:-])|(?<![\p{L}\p{N}.])[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?![\p{L}\p{N}.])/giu

export const ADDRESS_RULES: readonly LintRule[] = [
  {
    id: 'ip',
    severity: 'block',
    group: 'number',
    find: (text) =>
      matches(
        text,
        IPV4,
        (found, start) =>
          !EVERYWHERE.test(found) && !isVersion(text.slice(Math.max(0, start - LOOK_BACK), start)),
      ),
  },
  {
    id: 'mac',
    severity: 'block',
    group: 'number',
    find: (text) => matches(text, MAC, (found) => found.includes(':') || /[a-f]/i.test(found)),
  },
  { id: 'ip', severity: 'block', group: 'number', find: (text) => matches(text, IPV6, isIpv6) },
]

function isVersion(before: string): boolean {
  let rest = before
  for (let step = 0; step < BETWEEN_MAX; step++) {
    if (VERSIONED.test(rest.trimEnd())) return true
    const [between] = BETWEEN.exec(rest) ?? []
    if (between === undefined) return false
    rest = rest.slice(0, -between.length)
  }
  return false
}

function isIpv6(found: string): boolean {
  const halves = found.split('::')
  const groups = found.split(':').filter((group) => group !== '')
  if (halves.length > 2 || groups.some((group) => group.length > 4)) return false
  if (halves.some((half) => half.startsWith(':') || half.endsWith(':'))) return false
  if (halves.length === 1) return groups.length === 8
  // `abc::def` is a name in many languages; a digit makes it an address, two groups more than the loopback.
  return groups.length >= 2 && groups.length <= 7 && /\d/.test(found) && groups.some((one) => one.length >= 3)
}
