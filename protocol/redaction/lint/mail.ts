/** Addresses of e-mail, plain and spelled out. */
import { runBefore, type LintRule, type Span } from './span.ts'

/** RFC 5321 §4.5.3.1.1. */
const LOCAL_LENGTH_MAX = 64
const LOCAL = /[\p{L}\p{N}._+%'-]/u

/** Documentation's own names (RFC 2606) say nothing about anybody. */
const RESERVED = /^@(?:(?:[a-z0-9-]+\.){0,8}(?:example|invalid|test|localhost)|example\.(?:com|net|org))$/i

const AFTER_LOCAL = /@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu

/** The last label of a spelled address: without a list, “looked at the dot product” would be one. */
const TOP = 'com|org|net|edu|gov|int|info|biz|io|ai|co|uk|de|at|ch|fr|be|es|mx|pl|eu|it|nl|example|test'
const AT = String.raw`\s{0,2}[(\[{<]\s?(?:at|ät|a|@|arobase|arroba|małpa)\s?[)\]}>]\s{0,2}`
const AT_WORD = String.raw`\s(?:at|arobase|arroba|małpa|@)\s`
const DOT = String.raw`\s{0,2}[(\[{<]\s?(?:dot|punkt|point|punto|kropka|\.)\s?[)\]}>]\s{0,2}`
const DOT_WORD = String.raw`\s(?:dot|punkt|point|punto|kropka|\.)\s`
const LABEL = String.raw`[\p{L}\p{N}-]{1,63}`
const ALL_BRACKETED = new RegExp(`(?:${AT})${LABEL}(?:${DOT}${LABEL}){1,4}`, 'giu')
const BRACKETED = new RegExp(
  `(?:${AT})${LABEL}(?:(?:${DOT}|${DOT_WORD}|\\.)${LABEL}){0,3}(?:${DOT}|${DOT_WORD}|\\.)(?:${TOP})(?![\\p{L}\\p{N}])`,
  'giu',
)
const SPELLED = new RegExp(
  `(?:${AT_WORD})${LABEL}(?:(?:${DOT}|${DOT_WORD})${LABEL}){0,3}(?:${DOT}|${DOT_WORD})(?:${TOP})(?![\\p{L}\\p{N}])`,
  'giu',
)

export const MAIL_RULES: readonly LintRule[] = [
  { id: 'email', severity: 'block', group: 'mail', find: (text) => withLocal(text, AFTER_LOCAL) },
  {
    id: 'email-spelled',
    severity: 'block',
    group: 'mail',
    *find(text) {
      yield* withLocal(text, ALL_BRACKETED)
      yield* withLocal(text, BRACKETED)
      yield* withLocal(text, SPELLED)
    },
  },
]

function* withLocal(text: string, expression: RegExp): Generator<Span> {
  for (const found of text.matchAll(expression)) {
    const start = runBefore(text, found.index, LOCAL, LOCAL_LENGTH_MAX)
    if (start < found.index && !RESERVED.test(found[0]))
      yield { start, length: found.index + found[0].length - start }
  }
}
