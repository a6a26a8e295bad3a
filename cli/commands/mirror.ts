/** `candor mirror` and `candor log export-tiles`: the logs as static files that any web server can serve. */
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { ERRORS, NodeError } from '../../node/api/client.ts'
import type { Context } from '../context.ts'
import type { Commands } from '../program.ts'
import { Progress } from '../progress.ts'
import { renderMirrored } from '../render/mirror.ts'
import { mirrorOnce, type Mirrored } from '../tree/mirror.ts'
import { secondsOf } from '../options.ts'

type Options = { readonly watch?: true; readonly every: number }

/** Seconds between two looks at the node. Asking costs it one answer a log. */
const EVERY_SECONDS = 10

export function addMirror({ group, context }: Commands): void {
  group('mirror')
    .description('keep a folder with all logs as static C2SP tiles, for any web server')
    .argument('<dir>', 'an empty folder, or one that this command made')
    .option('--watch', 'go on until it is stopped')
    .option('--every <seconds>', 'with --watch: how often the node is asked', secondsOf, EVERY_SECONDS)
    .action(async (directory: string, options: Options, command: Command) => {
      const at = context(command)
      if (options.watch === true) return watch(at, resolve(directory), options.every)
      return answer(at, await pass(at, resolve(directory), undefined))
    })
}

export function addExportTiles(log: Command, context: Commands['context']): void {
  log
    .command('export-tiles')
    .description("write a log as static C2SP tiles; the member's own unless another is named")
    .argument('<dir>', 'an empty folder, or one that this command made')
    .argument('[domain]', 'the member whose log it is')
    .action(async (directory: string, named: string | undefined, _options: object, command: Command) => {
      const at = context(command)
      const domain = named ?? (await at.client.whoami()).domain
      return answer(at, await pass(at, resolve(directory), domain))
    })
}

async function pass(at: Context, directory: string, domain: string | undefined): Promise<Mirrored> {
  const progress = new Progress(at)
  const { entries: onProgress } = progress
  try {
    return await mirrorOnce({ client: at.client, directory, domain, onProgress })
  } finally {
    progress.done()
  }
}

async function answer(at: Context, mirrored: Mirrored): Promise<void> {
  const [first] = mirrored.failed
  if (first !== undefined) at.setExit(ERRORS[first.error.code].exit)
  await at.answer('mirrored', view(mirrored), () => renderMirrored(at.look, mirrored))
}

/** Passes until a signal. A node that is away is waited for; what is published stays as it is meanwhile. */
async function watch(at: Context, directory: string, every: number): Promise<void> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  at.io.gone.addEventListener('abort', stop)
  let isAway = false
  let isFirst = true
  // Ends when it is told to stop.
  while (!stopping.signal.aborted) {
    try {
      const mirrored = await pass(at, directory, undefined)
      const isNews = isFirst || isAway || mirrored.failed.length > 0
      if (isNews || mirrored.logs.some(({ state }) => state !== 'same')) await answer(at, mirrored)
      isAway = false
      isFirst = false
    } catch (error) {
      if (!(error instanceof NodeError) || error.code !== 'NODE_UNREACHABLE' || isFirst) throw error
      if (!isAway) await at.note(`${error.message}; waiting for it`)
      isAway = true
    }
    await wait(every * 1_000, undefined, { signal: stopping.signal }).catch(() => undefined)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
}

function view({ logs, failed }: Mirrored) {
  const refused = failed.map(({ origin, error: { code, message, fix } }) => ({ origin, code, message, fix }))
  return { logs, failed: refused }
}
