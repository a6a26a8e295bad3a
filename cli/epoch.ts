/**
 * Opening the next epoch of our own log: the node pauses and says where the log ends, the root key signs leaf 0 of
 * the next one in a process of its own, the node takes it and starts again. Called off when anything goes wrong.
 */
import { NodeError, type ClosingOptions, type ClosingView } from '../node/api/client.ts'
import { parseBase64 } from '../protocol/bytes.ts'
import { printCheckpoint } from '../protocol/log/checkpoint.ts'
import type { Context } from './context.ts'
import { marked } from './look.ts'
import { safe } from './safe.ts'
import { actOfNode, withPassphrase } from './spawn-node.ts'

export type NextEpoch = {
  readonly closing: ClosingOptions
  readonly because?: string
  /** Id of the equivocation proof, in hexadecimal. */
  readonly proof?: string
  readonly passphraseFile?: string
  /** Asked before anything is signed; throws to call it off. */
  readonly confirm?: (closing: ClosingView) => Promise<void>
}

export type OpenedEpoch = {
  readonly origin: string
  readonly closed: ClosingView['previous']
  readonly confirmed: boolean
  readonly leftOut: number
  readonly state: string
}

/** How long the node may take to come back under its new log. */
const RETURN_MS_MAX = 30_000
const POLL_MS = 100

export async function openNextEpoch(at: Context, next: NextEpoch): Promise<OpenedEpoch> {
  const { client } = at
  const closing = await client.beginClosing(next.closing)
  try {
    await next.confirm?.(closing)
    const signed = await withPassphrase(at, next.passphraseFile, (passphrase) =>
      actOfNode(wordsOf(at, closing, next), passphrase),
    )
    const { origin } = await client.openEpoch(String(signed['proposals']))
    const { previous: closed, confirmed, leftOut } = closing
    return { origin, closed, confirmed, leftOut, state: await returned(at, origin) }
  } catch (error) {
    // The node goes on by itself when it cannot be told.
    await client.callOffClosing().catch(() => undefined)
    throw error
  }
}

export function renderOpened(
  at: Context,
  { origin, closed, confirmed, leftOut, state }: OpenedEpoch,
): readonly string[] {
  const end =
    closed === null
      ? 'nothing of an earlier log is held, so none is named'
      : `${safe(closed.origin)} is closed at ${closed.size} entries${confirmed ? '' : ', which no quorum confirmed'}`
  return [
    marked(at.look, 'ok', `your log goes on as ${safe(origin)}`),
    `  ${end}`,
    ...(leftOut > 0
      ? [`  ${leftOut} entries above it no longer count: look at them and publish again what still holds`]
      : []),
    ...(state === 'ok' ? [] : [`  the node is ${safe(state)}: ${at.typed('candor status')}`]),
  ]
}

function wordsOf(
  at: Context,
  { origin, previous, without, proof: held }: ClosingView,
  { because, proof }: NextEpoch,
): readonly string[] {
  const named = proof ?? held
  return [
    'epoch',
    '--home',
    at.home,
    '--origin',
    origin,
    ...(previous === null ? [] : ['--previous', linesOf(previous)]),
    ...without.flatMap((id) => ['--without', id]),
    ...(because === undefined ? [] : ['--because', because]),
    ...(because === undefined || named === null ? [] : ['--proof', named]),
  ]
}

/** The head as the lines of a checkpoint, in base64. */
function linesOf({ origin, size, root }: NonNullable<ClosingView['previous']>): string {
  const hash = parseBase64(root)
  if (!hash.ok)
    throw new NodeError('IO_FAILED', 'the node answered something that is not an answer of its API')
  return Buffer.from(printCheckpoint({ origin, size, root: hash.value })).toString('base64')
}

/** Waits until the node answers under its new log, and says how it stands then. */
async function returned(at: Context, origin: string): Promise<string> {
  const end = Date.now() + RETURN_MS_MAX
  let state = 'starting again'
  while (Date.now() < end) {
    const status = await at.client.status().catch(() => undefined)
    if (status?.log.origin === origin) {
      state = status.state
      if (state === 'ok') return state
    }
    at.io.gone.throwIfAborted()
    await new Promise((done) => setTimeout(done, POLL_MS))
  }
  return state
}
