/** What a rule of the linter is, and what it finds. Spec 06 §12. */

export type Severity = 'block' | 'ask'

/** A place in a text, in UTF-16 units of the folded text. */
export type Span = { readonly start: number; readonly end: number }

export type LintRule = {
  /** Names the rule wherever it is shown or suppressed. Never reused. */
  readonly id: string
  readonly severity: Severity
  /** Everything of its kind, in order. Linear in the length of the text. */
  readonly find: (text: string) => readonly Span[]
}

/** Matches of a pattern (with the flags g and u) that a check accepts. */
export function matching(
  pattern: RegExp,
  isMeant: (found: string, at: number, text: string) => boolean = () => true,
): LintRule['find'] {
  return (text) => {
    const spans: Span[] = []
    for (const found of text.matchAll(pattern)) {
      const [whole] = found
      if (isMeant(whole, found.index, text))
        spans.push({ start: found.index, end: found.index + whole.length })
    }
    return spans
  }
}

/** The digits of a text. */
export function digitsOf(text: string): string {
  return text.replaceAll(/\D/gu, '')
}
