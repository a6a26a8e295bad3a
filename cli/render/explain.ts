/** Hash steps as text: the input whole, so that it can be hashed again with any other tool. */
import { printHex } from '../../protocol/bytes.ts'
import type { Explained } from '../explain.ts'
import { faint, heading, type Look } from '../look.ts'
import { safe } from '../safe.ts'

export function renderExplained(look: Look, explained: readonly Explained[]): readonly string[] {
  if (explained.length === 0) return []
  return [
    '',
    heading(look, 'Step by step'),
    faint(look, '  inputs in hexadecimal: `xxd -r -p | sha256sum` makes each hash again'),
    ...explained.flatMap(({ title, steps, result }) => [
      `  ${safe(title)}`,
      ...steps.flatMap(({ what, input, hash }) => [
        `    ${what}`,
        `      input    ${printHex(input)}`,
        `      sha256   ${printHex(hash)}`,
      ]),
      `    → ${safe(result)}`,
    ]),
  ]
}

export function viewOfExplained(explained: readonly Explained[]) {
  return explained.map(({ title, steps, result }) => ({
    title,
    steps: steps.map(({ what, input, hash }) => ({ what, input: printHex(input), sha256: printHex(hash) })),
    result,
  }))
}
