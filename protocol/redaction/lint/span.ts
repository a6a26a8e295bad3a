/**
 * What a rule of the linter is, and how one finds. No rule may take longer than its text is long: expressions repeat
 * only a bounded number of times, or cannot begin again within what they have read.
 */

/** What blocks refuses a publication; what asks is shown to whoever publishes. */
export type Severity = 'block' | 'ask'

/** UTF-16 units of the text that was searched. */
export type Span = { readonly start: number; readonly length: number }

export type LintRule = {
  /** Names the rule wherever it is shown or suppressed. Never reused. */
  readonly id: string
  readonly severity: Severity
  /** Of rules in one group only the first that matches a place reports it: a card number is no telephone number too. */
  readonly group?: 'number' | 'mail' | 'secret' | 'host' | 'person'
  readonly find: (text: string) => Iterable<Span>
}

/** Every match of a global expression that `accepts` takes. */
export function* matches(
  text: string,
  expression: RegExp,
  accepts: (found: string, start: number) => boolean = () => true,
): Generator<Span> {
  for (const found of text.matchAll(expression)) {
    const [whole] = found
    if (accepts(whole, found.index)) yield { start: found.index, length: whole.length }
  }
}

/** Where the run of characters that ends before `end` begins, looking at most `limit` back. */
export function runBefore(text: string, end: number, character: RegExp, limit: number): number {
  let start = end
  while (start > 0 && end - start < limit && character.test(text.charAt(start - 1))) start -= 1
  return start
}

export function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '')
}
