/**
 * Vectors and data that nobody here wrote stand in a directory `shared` beside the repository. It is not part of
 * the repository, so every test that needs it says aloud when it is absent.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The path of something in `shared`, or undefined where it is absent. */
export function sharedPath(...parts: readonly string[]): string | undefined {
  const path = join(resolve(process.cwd(), '..'), 'shared', ...parts)
  return existsSync(path) ? path : undefined
}

/** The same, but skips the running test with a word on standard error. */
export function sharedOrSkip(context: Mocha.Context, ...parts: readonly string[]): string {
  const path = sharedPath(...parts)
  if (path !== undefined) return path
  process.stderr.write(
    `\n  skipped: ${context.test?.fullTitle() ?? 'a test'} (shared/${parts.join('/')} is absent)\n`,
  )
  return context.skip()
}
