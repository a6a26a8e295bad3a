/** A directory of one test's own, removed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'candor-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** For `assert.throws`: the error has this code. */
export function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && 'code' in error && error.code === code
}
