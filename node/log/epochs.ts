/** The epochs of a member as this node holds them. What they come to is decided in `protocol/identity/epochs.ts`. */
import { judgeEpochs, standingAt, type JudgedEpoch } from '../../protocol/identity/epochs.ts'
import { suspectSince } from '../../protocol/identity/keystate.ts'
import type { KeyId } from '../../protocol/identity/key.ts'
import type { Head } from '../../protocol/codec/statement.ts'
import type { HeldLog } from '../store/log.ts'
import type { Logs } from '../store/logs.ts'

/** The size of the newest head of a log that a quorum confirmed; 0 where none is known. */
export type ConfirmedSize = (origin: string) => number

/** How the epoch ended: the next one, and the head that its leaf 0 names. */
export type Closed = {
  readonly origin: string
  readonly at: Head
  /** Whether a quorum confirmed that head: then nothing freezes this epoch any more. */
  readonly confirmed: boolean
}

/** The member's epochs in order, of which leaf 0 is held. */
export function epochsOf(logs: Logs, domain: string, confirmedSize: ConfirmedSize): readonly JudgedEpoch[] {
  const held = ofMember(logs, domain).flatMap(({ origin, keys }) =>
    keys === undefined ? [] : [{ origin, document: keys.epoch, confirmedSize: confirmedSize(origin) }],
  )
  return judgeEpochs(held)
}

/** Undefined while the epoch is open, and where the epoch that closes it is not held. */
export function closedBy(logs: Logs, origin: string, confirmedSize: ConfirmedSize): Closed | undefined {
  const judged = judgedOf(logs, origin, confirmedSize)
  if (judged?.state.kind !== 'closed') return undefined
  const { by, at } = judged.state
  return { origin: by, at, confirmed: !judged.unconfirmed }
}

/** The size above which nothing of this log counts any more; undefined while it is open. */
export function endOf(logs: Logs, origin: string): number | undefined {
  const state = judgedOf(logs, origin, () => 0)?.state
  if (state?.kind === 'void') return 0
  return state?.kind === 'closed' ? state.at.size : undefined
}

/** The member's log that is open, as far as this node knows: the one whose keys count. */
export function openLogOf(logs: Logs, domain: string): HeldLog | undefined {
  const [open] = epochsOf(logs, domain, () => 0).filter(({ state }) => state.kind === 'open')
  return open === undefined ? undefined : logs.get(open.origin)
}

/** Why a reader should hesitate over an entry that is valid: its epoch was closed below it, or its key revoked since. */
export function marksOfPlace(logs: Logs, log: HeldLog, index: number, signer: KeyId): readonly string[] {
  const judged = judgedOf(logs, log.origin, () => 0)
  const standing = judged === undefined ? undefined : standingAt(judged, index)
  const since = log.keys === undefined ? undefined : suspectSince(log.keys, signer, index)
  return [
    ...(standing === 'above-closing' ? ['it stands above the head at which its author closed this log'] : []),
    ...(standing === 'epoch-void' ? ['its author left this whole log behind'] : []),
    ...(since === undefined ? [] : [`the key that signed it was revoked from entry ${since} on`]),
  ]
}

function judgedOf(logs: Logs, origin: string, confirmedSize: ConfirmedSize): JudgedEpoch | undefined {
  const domain = origin.slice(0, origin.indexOf('/'))
  return epochsOf(logs, domain, confirmedSize).find((epoch) => epoch.origin === origin)
}

function ofMember(logs: Logs, domain: string): readonly HeldLog[] {
  return logs.all().filter(({ origin }) => origin.startsWith(`${domain}/`))
}
