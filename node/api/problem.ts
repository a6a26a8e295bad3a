/**
 * Errors as they cross the socket: RFC 9457 problem documents with our stable code, the next command and the
 * exit code. The same table serves both sides, so that a command ends as the node meant it.
 */
import { ERRORS, NodeError, type ErrorCode } from '../errors.ts'

export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly exit: number
  readonly fix?: string
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** Texts of any error. What we did not foresee is named as ours, without the insides. */
export function problemOf(error: unknown): Problem {
  const known = error instanceof NodeError ? error : unforeseen(error)
  const { code, message, fix } = known
  const { exit, status } = ERRORS[code]
  const problem = { type: typeOf(code), title: titleOf(code), status, detail: message, code, exit }
  return fix === undefined ? problem : { ...problem, fix }
}

/** The error a problem document stands for; anything else that claims to be one is an unforeseen answer. */
export function errorOf(value: unknown): NodeError {
  if (typeof value !== 'object' || value === null) return strange()
  const { code, detail, fix } = value as Record<string, unknown>
  if (!isCode(code) || typeof detail !== 'string') return strange()
  return new NodeError(code, detail, typeof fix === 'string' ? { fix } : {})
}

function unforeseen(error: unknown): NodeError {
  return new NodeError('IO_FAILED', 'the node met an error that it does not know; its log says which', {
    cause: error,
  })
}

function strange(): NodeError {
  return new NodeError('IO_FAILED', 'the node answered something that is not an answer of its API', {
    fix: 'candor status',
  })
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code)
}

function typeOf(code: ErrorCode): string {
  return `urn:candor:error:${code.toLowerCase().replaceAll('_', '-')}`
}

/** `NOT_FOUND` reads "not found". */
function titleOf(code: ErrorCode): string {
  return code.toLowerCase().replaceAll('_', ' ')
}
