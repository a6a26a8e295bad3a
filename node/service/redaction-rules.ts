/** Rules of redaction as a person gave them, or every problem with them. */
import { parseRedactionRules, type RedactionRule } from '../../protocol/redaction/rules.ts'
import { NodeError } from '../errors.ts'

export function rulesOf(given: unknown): readonly RedactionRule[] {
  const read = parseRedactionRules(given)
  if (read.ok) return read.value
  const lines = read.problems.slice(0, 10).map(({ path, message }) => `${path} ${message}`)
  throw new NodeError('BAD_INPUT', `the rules of redaction: ${lines.join('; ')}`)
}
