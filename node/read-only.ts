/** Why a node publishes nothing: the first reason that holds, since when, and what to type. */
import { NodeError } from './errors.ts'
import type { Appender } from './log/appender.ts'
import { endedLog, OBSERVING, observing, OWN_FROZEN, ownFrozen } from './log/own-log.ts'
import type { Recovery } from './log/recovery.ts'
import type { Opened } from './opening.ts'

export type ReadOnly = { readonly since: number; readonly why: string; readonly error: NodeError }

export type ReadOnlyParts = {
  readonly opened: Opened
  readonly startedAt: number
  readonly recovery: Recovery
  readonly appender: Appender | undefined
}

/** What this database holds beyond the others' was seen by nobody: theirs is the log. */
const CONFLICT_FIX = 'candor down, move the database away, candor up: the other members bring the log back'

/** Undefined when the node may publish. */
export function readOnlyOf({ opened, startedAt, recovery, appender }: ReadOnlyParts): ReadOnly | undefined {
  const since = startedAt
  if (opened.role === 'observer') return { since, why: OBSERVING, error: observing() }
  const frozen = opened.evidence.frozen(opened.origin)
  if (frozen !== undefined) return { since: frozen.at, why: OWN_FROZEN, error: ownFrozen() }
  const failure = appender?.failure()
  if (failure instanceof NodeError) return { since, why: failure.message, error: failure }
  const ended = endedLog(opened) ?? opened.logs.damages.errorOf(opened.origin)
  if (ended !== undefined) return { since, why: ended.message, error: ended }
  if (appender?.isStarted() === true) return undefined
  const state = recovery.current()
  if (state.kind === 'damaged') return { since, why: state.why, error: state.error }
  const why = state.kind === 'recovered' ? 'the log is being opened' : state.why
  const fix = state.kind === 'forked' ? CONFLICT_FIX : 'candor peers'
  return { since, why, error: new NodeError('READ_ONLY', `nothing is signed yet: ${why}`, { fix }) }
}
