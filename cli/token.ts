/** The token of an operator, from a file of their own: arguments and the environment can be read by others. */
import { readFileSync, statSync } from 'node:fs'
import { NodeError } from '../node/api/client.ts'
import { codeOf } from './files.ts'

/** Longer files are something else. */
const TOKEN_BYTES_MAX = 1_024

/** `-` is stdin: whoever works through another account on the machine keeps their file to themselves. */
export function readToken(path: string): string {
  try {
    if (path === '-') return tokenIn(readFileSync(0, 'utf8'), 'stdin')
    const { size, mode } = statSync(path)
    if ((mode & 0o077) !== 0)
      throw new NodeError('NOT_ALLOWED', `${path} can be read by others, who could publish as you`, {
        fix: `chmod 600 ${path}`,
      })
    return tokenIn(size > TOKEN_BYTES_MAX ? '' : readFileSync(path, 'utf8'), path)
  } catch (error) {
    if (error instanceof NodeError) throw error
    throw new NodeError('NOT_FOUND', `${path} cannot be read (${codeOf(error)})`, { cause: error })
  }
}

function tokenIn(text: string, where: string): string {
  const token = text.trim()
  if (token.length <= TOKEN_BYTES_MAX && /^[\w-]+$/.test(token)) return token
  throw new NodeError('USAGE', `${where} holds no token of an operator`)
}
