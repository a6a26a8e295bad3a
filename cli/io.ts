/** Where a command reads and writes, handed in so that tests bring their own. */
import type { Readable, Writable } from 'node:stream'

type Terminal = { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined }

export type Io = {
  readonly stdin: Readable & Terminal
  readonly stdout: Writable & Terminal
  readonly stderr: Writable & Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when nobody reads the answer any more. */
  readonly gone: AbortSignal
}

export type ColourChoice = 'auto' | 'always' | 'never'

/**
 * Whether to colour. NO_COLOR wins over FORCE_COLOR, an empty variable says nothing; `node:util` and `node:tty`
 * decide otherwise and print warnings, so they are not asked.
 */
export function wantsColour(io: Io, choice: ColourChoice, stream: 'stdout' | 'stderr' = 'stdout'): boolean {
  if (choice !== 'auto') return choice === 'always'
  const isSet = (name: string) => (io.env[name] ?? '') !== ''
  if (isSet('NO_COLOR')) return false
  if (isSet('FORCE_COLOR')) return io.env['FORCE_COLOR'] !== '0'
  return io[stream].isTTY === true && io.env['TERM'] !== 'dumb'
}

/** A reader that went away is no error: whoever asked has seen enough. */
export function endQuietlyOnClosedPipe(io: Io, whenClosed: () => void): void {
  for (const stream of [io.stdout, io.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      whenClosed()
    })
  }
}

/** Writes and waits while the reader is slower. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (stream.destroyed || stream.write(text)) return
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const event of ['drain', 'error', 'close']) stream.off(event, done)
      resolve()
    }
    for (const event of ['drain', 'error', 'close']) stream.once(event, done)
  })
}
