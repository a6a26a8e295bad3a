/** Errors as people and scripts see them: what went wrong, and what to type next. */
import { ERRORS, NodeError } from '../node/api/client.ts'
import { EXIT } from './exit-codes.ts'
import { faint, marked, type Look } from './look.ts'
import { safe, safeLines } from './safe.ts'

export type Failure = {
  readonly code: string
  readonly message: string
  readonly fix?: string
  readonly exit: number
}

export function failureOf(error: unknown): Failure {
  if (error instanceof NodeError) {
    const { code, message, fix } = error
    return { code, message, exit: ERRORS[code].exit, ...(fix === undefined ? {} : { fix }) }
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
  return {
    code: 'UNFORESEEN',
    message: `something happened that this program does not know (${text})`,
    fix: 'CANDOR_DEBUG=1 and the same command again, to see where',
    exit: EXIT.failed,
  }
}

export function renderFailure(look: Look, { message, fix }: Failure): readonly string[] {
  const [first = '', ...details] = message.split('; ').flatMap(safeLines)
  const lines = [marked(look, 'fail', first), ...details.map((detail) => `  ${detail}`)]
  return fix === undefined ? lines : [...lines, `${faint(look, 'Next:')} ${safe(fix)}`]
}
