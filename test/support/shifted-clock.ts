/** A process whose clock is off: what Node is given before anything else runs. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Node's arguments for a clock that is off by this much; the file they name goes into the directory. */
export function shiftedClock(directory: string, millis: number): readonly string[] {
  const file = join(directory, `clock${millis}.mjs`)
  writeFileSync(file, `const now = Date.now; Date.now = () => now() + ${millis}\n`)
  return ['--import', file]
}
