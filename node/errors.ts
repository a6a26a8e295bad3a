/**
 * What an operator can meet: one closed table of codes, each with the exit code of DESIGN §10 and the HTTP
 * status it becomes. Each code has a paragraph in docs/reference/errors.md.
 */

export const ERRORS = {
  AMBIGUOUS_ID: { exit: 2, status: 409 },
  AUDIT_WRITE_FAILED: { exit: 75, status: 507 },
  BAD_INPUT: { exit: 20, status: 422 },
  BUNDLE_INVALID: { exit: 10, status: 422 },
  CHARTER_INVALID: { exit: 78, status: 422 },
  CHARTER_UNSIGNED: { exit: 78, status: 409 },
  CONFIGURATION: { exit: 78, status: 500 },
  CONFIRMATION_NEEDED: { exit: 7, status: 409 },
  CONFLICT: { exit: 6, status: 409 },
  DAILY_CAP: { exit: 75, status: 429 },
  DISK_FAILED: { exit: 1, status: 500 },
  EVIDENCE_INVALID: { exit: 10, status: 422 },
  EVIDENCE_KEY: { exit: 13, status: 422 },
  HOME_EXISTS: { exit: 6, status: 409 },
  HOME_MISSING: { exit: 78, status: 500 },
  INTERRUPTED: { exit: 130, status: 499 },
  IO_FAILED: { exit: 1, status: 500 },
  KEY_NOT_IN_FORCE: { exit: 13, status: 409 },
  KEYSTORE_DAMAGED: { exit: 1, status: 500 },
  KEYSTORE_EXISTS: { exit: 6, status: 409 },
  KEYSTORE_PERMISSIONS: { exit: 78, status: 500 },
  LINT_REFUSED: { exit: 20, status: 422 },
  LOG_FROZEN: { exit: 11, status: 409 },
  NODE_STOPPING: { exit: 75, status: 503 },
  NODE_UNREACHABLE: { exit: 3, status: 503 },
  NOT_ALLOWED: { exit: 4, status: 403 },
  NOT_CONFIRMED: { exit: 75, status: 503 },
  NOT_FOUND: { exit: 5, status: 404 },
  PASSPHRASE_NEEDED: { exit: 78, status: 500 },
  PASSPHRASE_WRONG: { exit: 4, status: 403 },
  PORT_BUSY: { exit: 78, status: 500 },
  READ_ONLY: { exit: 14, status: 409 },
  SELF_TEST_FAILED: { exit: 1, status: 500 },
  SIGNATURES_FAILED: { exit: 75, status: 503 },
  STORE_DAMAGED: { exit: 1, status: 500 },
  STORE_FULL: { exit: 75, status: 507 },
  STORE_LAYOUT: { exit: 78, status: 500 },
  STORE_LOCKED: { exit: 3, status: 500 },
  TOO_LARGE: { exit: 20, status: 413 },
  TRUST_MISMATCH: { exit: 13, status: 409 },
  USAGE: { exit: 2, status: 400 },
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
