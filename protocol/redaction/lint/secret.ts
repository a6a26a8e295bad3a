/** Keys and tokens: by their known beginnings, by the word before them, and by looking random. */
import { matches, type LintRule } from './span.ts'

const BEGIN = String.raw`(?<![\p{L}\p{N}_])`
const KEY =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d|AGE-SECRET-KEY-1[0-9A-Z]{10,58}/gu
const TOKEN = new RegExp(
  BEGIN +
    '(?:' +
    [
      '(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])',
      'gh[pousr]_[A-Za-z0-9]{20,255}',
      'github_pat_[A-Za-z0-9_]{20,255}',
      'glpat-[\\w-]{16,255}',
      'sk-(?:[a-z]{2,8}-){0,2}[A-Za-z0-9_]{16,255}',
      '[sr]k_(?:live|test)_[A-Za-z0-9]{10,255}',
      'xox[abeoprs]-[\\w-]{10,255}',
      'xapp-\\d-[\\w-]{10,255}',
      'AIza[\\w-]{30,64}',
      'ya29\\.[\\w-]{20,255}',
      'hf_[A-Za-z0-9]{20,255}',
      'npm_[A-Za-z0-9]{30,64}',
      'pypi-[\\w-]{30,255}',
      'SG\\.[\\w-]{16,32}\\.[\\w-]{16,64}',
      'dop_v1_[0-9a-f]{32,64}',
      'shp(?:at|ss|ca)_[0-9a-fA-F]{32}',
      // A JSON Web Token: two objects and a signature.
      'eyJ[\\w-]{8,2048}\\.eyJ[\\w-]{8,4096}\\.[\\w-]{8,1024}',
    ].join('|') +
    ')',
  'gu',
)
/** `scheme://user:password@host`. */
const IN_URL = /:\/\/[^\s/:@]{1,64}:[^\s/:@]{3,64}@/gu
const ASSIGNED =
  /(?<![\p{L}\p{N}])(?:pass(?:word|wd|phrase)?|pwd|passwort|kennwort|mot de passe|mdp|contraseña|clave|hasło|api[ _-]?key|access[ _-]?key|secret|token|bearer|schlüssel)(?: ?[:=] ?| is | ist | est | es | to )["'„“«`]?(?=[^\s"'”»`]{0,79}\d)(?=[^\s"'”»`]{0,79}[A-Za-z])[^\s"'”»`]{6,80}/giu
const BEARER = /(?<![\p{L}\p{N}])Bearer [A-Za-z0-9._~+/-]{16,512}/gu

const RANDOM_LENGTH_MIN = 24
const RANDOM = /[A-Za-z0-9+/_=-]{24,}/gu
/** The way to a file or a commit: it is long because its parts are many. */
const IN_PATH = /(?:\.|:\/\/[^\s]{0,200})$/u
/** Bits for each character; English words have about three, random base64 of this length more than four. */
const ENTROPY_MIN = 3.9
const LOOKED_AT = 256
const DIGEST_BEFORE = /(?:sha-?\d{1,3}|blake\w{1,3}|md5|digest|h1)["' ]?[:=-]?["' ]{0,2}$/i

export const SECRET_RULES: readonly LintRule[] = [
  { id: 'secret', severity: 'block', group: 'secret', find: (text) => matches(text, KEY) },
  { id: 'secret', severity: 'block', group: 'secret', find: (text) => matches(text, TOKEN) },
  {
    id: 'secret',
    severity: 'block',
    group: 'secret',
    *find(text) {
      yield* matches(text, IN_URL)
      yield* matches(text, BEARER)
      yield* matches(text, ASSIGNED, (found) => !/\b(?:sha\d|CVE-)/i.test(found))
    },
  },
  {
    id: 'random-string',
    severity: 'ask',
    group: 'secret',
    find: (text) =>
      matches(
        text,
        RANDOM,
        (found, start) =>
          segmentsOf(found.slice(0, LOOKED_AT), text.slice(Math.max(0, start - LOOKED_AT), start)).some(
            looksRandom,
          ) &&
          !/^sha\d{1,3}[-_]/i.test(found) &&
          !DIGEST_BEFORE.test(text.slice(Math.max(0, start - 16), start)),
      ),
  },
]

/** Base64 has strokes in it, too; in an address each part between them is looked at by itself. */
function segmentsOf(found: string, before: string): readonly string[] {
  if (!IN_PATH.test(before)) return [found]
  return found.split('/').filter((segment) => segment.length >= RANDOM_LENGTH_MIN)
}

/** Digests in hexadecimal, UUIDs and names of models, whose words stand between hyphens, do not. */
function looksRandom(text: string): boolean {
  if (!/[a-z]/.test(text) || !/[A-Z]/.test(text) || (text.match(/\d/g) ?? []).length < 2) return false
  if (text.split(/[-_/+=]/).every((segment) => segment.length <= 12) || /[a-z]{9}/.test(text)) return false
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let entropy = 0
  for (const count of counts.values()) entropy -= (count / text.length) * Math.log2(count / text.length)
  return entropy >= ENTROPY_MIN
}
