/** One function per happening worth logging. The only caller of the logger; peers' words never reach it. */
import { NodeError } from './errors.ts'
import { destination, pino } from 'pino'
import type { CapFault } from '../protocol/log/daily.ts'
import type { CosignerRole } from '../protocol/log/cosignature.ts'
import type { RefusedInput } from './problems.ts'
import type { Millis } from './ports.ts'

const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination(2))

export const events = {
  started: (origin: string, peerId: string) => logger.info({ origin, peerId }, 'node started'),
  stopped: () => logger.info('node stopped'),
  recovered: (origin: string) => logger.info({ origin }, 'own log recovered; signing'),
  resealed: (values: number) => logger.info({ values }, 'everything sealed was moved to the new vault key'),
  refused: ({ peer, origin, blame, fault, index }: RefusedInput) =>
    logger.warn({ peer, origin, blame, fault, index }, 'input refused'),
  capped: ({ domain, fault, until }: { domain: string; fault: CapFault; until: Millis }) =>
    logger.warn(
      { domain, fault, until: new Date(until).toISOString() },
      'a member added more than a day lets it; the rest is not taken today',
    ),
  cosigningStopped: (role: CosignerRole, origin: string) =>
    logger.warn(
      { role, origin },
      'our cosigner stated what this database does not know; its keys are given up',
    ),
  damaged: (message: string) => logger.error({ message }, 'stored log is damaged'),
  /** Errors of ours, such as a full disk, say themselves what they are; all others nobody foresaw. */
  failed: (error: unknown) =>
    error instanceof NodeError
      ? logger.warn({ code: error.code }, error.message)
      : logger.error({ error: describe(error) }, 'unexpected error'),
}

/** Name, code and place of an error. Its message may quote what a peer sent, so only our own are kept whole. */
function describe(error: unknown): { name: string; code?: string; message?: string; at?: string } {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = 'code' in error ? String(error.code) : undefined
  const at = error.stack
    ?.split('\n')
    .find((line) => line.includes('/dist/'))
    ?.trim()
  const message = error.name === 'NodeError' || error.message.startsWith('bug:') ? error.message : undefined
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(at === undefined ? {} : { at }),
  }
}
