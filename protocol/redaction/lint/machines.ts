/** What leads to machines and into them: addresses, names of hosts, keys and tokens. */
import { matching, type LintRule } from './rule.ts'

const ip: LintRule = {
  id: 'ip',
  severity: 'block',
  find: (text) => [...ipv4(text), ...ipv6(text)].toSorted((a, b) => a.start - b.start),
}

/** Four numbers up to 255; behind a word for a version they are one. */
const ipv4 = matching(
  /(?<![\p{L}\p{N}._-])(?:\d{1,3}\.){3}\d{1,3}(?![\p{L}\p{N}_]|\.\d)/gu,
  (found, at, text) =>
    found !== '0.0.0.0' &&
    found.split('.').every((part) => Number(part) <= 255 && !/^0\d/u.test(part)) &&
    !/(?:\bv|version|release|firmware|build|wersj\p{L}*|versión|driver|sdk|chrome)\s*$/iu.test(
      text.slice(Math.max(0, at - 16), at),
    ),
)

const ipv6 = matching(
  /(?<![\p{L}\p{N}:.])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,6}(?![\p{L}\p{N}:])/giu,
  (found) => {
    const groups = found.split(':')
    const isShort = found.includes('::')
    // Times and ratios have colons, too: an address has eight groups, or a gap and a letter or four groups.
    return isShort ? groups.length >= 4 && groups.length <= 8 : groups.length === 8
  },
)

const mac: LintRule = {
  id: 'mac',
  severity: 'block',
  find: matching(
    /(?<![\p{L}\p{N}:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![\p{L}\p{N}:-])/giu,
  ),
}

const host: LintRule = {
  id: 'internal-host',
  severity: 'block',
  find: matching(
    /(?<![\p{L}\p{N}@.-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,5}(?:local|internal|intranet|intern|corp|lan|localdomain|home\.arpa)(?![\p{L}\p{N}-]|\.[a-z])/giu,
  ),
}

const secret: LintRule = {
  id: 'secret',
  severity: 'block',
  find: matching(
    new RegExp(
      [
        '-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----',
        '(?<![\\w-])(?:AKIA|ASIA)[A-Z0-9]{16}(?!\\w)',
        '(?<![\\w-])gh[pousr]_[A-Za-z0-9]{20,80}',
        '(?<![\\w-])github_pat_[A-Za-z0-9_]{20,100}',
        '(?<![\\w-])glpat-[A-Za-z0-9_-]{16,64}',
        '(?<![\\w-])xox[abposr]-[A-Za-z0-9-]{10,100}',
        '(?<![\\w-])sk-(?:ant-|proj-|live-)?[A-Za-z0-9_-]{20,200}',
        '(?<![\\w-])(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,64}',
        '(?<![\\w-])AIza[A-Za-z0-9_-]{35}',
        '(?<![\\w-])hf_[A-Za-z0-9]{24,64}',
        '(?<![\\w-])npm_[A-Za-z0-9]{30,64}',
        '(?<![\\w-])eyJ[A-Za-z0-9_-]{8,2000}\\.[A-Za-z0-9_-]{8,2000}\\.[A-Za-z0-9_-]{4,2000}',
        '(?<=\\b(?:password|passwd|pwd|passphrase|passwort|kennwort|contraseña|has[łl]o|secret|api[ _-]?key|token|mot de passe)\\s?(?:is|ist|est|es|to|=|:)\\s?["\'„«]?)(?=[^\\s"\']{0,40}\\d)[^\\s"\'”»,;]{6,200}',
        '(?<=://)[^\\s/:@]{1,64}:[^\\s/@]{1,64}(?=@)',
      ].join('|'),
      'giu',
    ),
  ),
}

/** Long runs that look drawn by lot. Digests are written on purpose and say what they are. */
const random: LintRule = {
  id: 'random-string',
  severity: 'ask',
  find: matching(/(?<![\w/+=.-])[A-Za-z0-9+/_-]{24,256}={0,2}(?![\w/+=-])/gu, (found, at, text) => {
    if (/^[0-9a-f]+$/iu.test(found) || /^[a-z-]+$/iu.test(found)) return false
    if (
      /(?:sha-?\d{1,3}|digest|hash|md5|https?:\S{0,200})[:\s/=-]{0,3}$/iu.test(
        text.slice(Math.max(0, at - 60), at),
      )
    )
      return false
    return /\d/u.test(found) && /[a-z]/u.test(found) && /[A-Z]/u.test(found) && entropyOf(found) > 3.8
  }),
}

/** Bits a character, by how often each occurs. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

export const MACHINES: readonly LintRule[] = [ip, mac, host, secret, random]
