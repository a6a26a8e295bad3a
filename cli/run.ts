/** One command from its words to its exit code. */
import { CommanderError } from 'commander'
import { contextOf, envelope, type Context, type GlobalOptions } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { failureOf, renderFailure, type Failure } from './failure.ts'
import { wantsColour, write, type Io } from './io.ts'
import { programOf } from './program.ts'

export async function run(words: readonly string[], io: Io, invocation: string): Promise<number> {
  let exit: number = EXIT.ok
  let complaint = ''
  const made: { context?: Context } = {}
  const program = programOf({
    io,
    complain: (text) => (complaint += text),
    contextOf: (options: GlobalOptions) => {
      made.context ??= contextOf(io, options, invocation, (code) => (exit = code))
      return made.context
    },
  })
  try {
    await program.parseAsync(words.length === 0 ? ['--help'] : words, { from: 'user' })
    return exit
  } catch (error) {
    // A reader that went away (`| head -1`) has seen enough.
    if (io.gone.aborted) return EXIT.ok
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
    const failure = error instanceof CommanderError ? misunderstood(error, complaint) : failureOf(error)
    const typed = made.context?.typed ?? ((command: string) => command.replace(/^candor(?= |$)/, invocation))
    await complain(io, words, failure, typed)
    if (io.env['CANDOR_DEBUG'] !== undefined) await write(io.stderr, `${stackOf(error)}\n`)
    return failure.exit
  }
}

async function complain(
  io: Io,
  words: readonly string[],
  failure: Failure,
  typed: (command: string) => string,
): Promise<void> {
  const shown = failure.fix === undefined ? failure : { ...failure, fix: typed(failure.fix) }
  const look = { colour: wantsColour(io, 'auto', 'stderr'), width: undefined }
  const text = words.includes('--json') ? envelope('error', shown) : renderFailure(look, shown).join('\n')
  await write(io.stderr, `${text}\n`)
}

/** Commander's own words, without its prefix; it also says what was probably meant. */
function misunderstood(error: CommanderError, complaint: string): Failure {
  const message = (complaint === '' ? error.message : complaint)
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', '; ')
  return { code: 'USAGE', message, fix: 'candor help', exit: EXIT.usage }
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? String(error.stack) : `${error.stack}\ncaused by ${stackOf(error.cause)}`
}
