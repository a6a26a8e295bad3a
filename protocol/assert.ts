/** For our own mistakes, never for input: input that is not what it claims is a `Result`. */

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`)
}

/** The default branch of a switch over a closed union: a new case breaks the build here. */
export function unreachable(value: never): never {
  throw new Error(`bug: unexpected case ${String(value)}`)
}
