/**
 * What an operator can meet: one closed table of codes, each with the exit code of DESIGN §10 and the HTTP
 * status it becomes. Each code has a paragraph in docs/reference/errors.md.
 */

export const ERRORS = {
  BAD_INPUT: { exit: 20, status: 422 },
  CONFLICT: { exit: 6, status: 409 },
  DISK_FAILED: { exit: 1, status: 500 },
  NODE_STOPPING: { exit: 75, status: 503 },
  PORT_BUSY: { exit: 78, status: 500 },
  STORE_DAMAGED: { exit: 1, status: 500 },
  STORE_FULL: { exit: 75, status: 507 },
  STORE_LAYOUT: { exit: 78, status: 500 },
  STORE_LOCKED: { exit: 3, status: 500 },
} as const satisfies Record<string, { exit: number; status: number }>

export type ErrorCode = keyof typeof ERRORS

export class NodeError extends Error {
  readonly code: ErrorCode
  /** The next command to type, where there is one. */
  readonly fix: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly fix?: string } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'NodeError'
    this.code = code
    this.fix = options.fix
  }
}
