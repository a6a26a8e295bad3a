/** The epochs of a member as this node holds them. What they come to is decided in `protocol/identity/epochs.ts`. */
import {
  judgeEpochs,
  standingAt,
  type ClosingState,
  type HeldEpoch,
  type JudgedEpoch,
} from '../../protocol/identity/epochs.ts'
import { suspectSince, type KeyState } from '../../protocol/identity/keystate.ts'
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
  /** Whether that head is part of the tree that a quorum confirmed. */
  readonly closing: ClosingState
  /** Whether no proof freezes this epoch any more. */
  readonly isProtected: boolean
}

/** The member's epochs in order, of which leaf 0 is held. */
export function epochsOf(logs: Logs, domain: string, confirmedSize: ConfirmedSize): readonly JudgedEpoch[] {
  const held = chainsOf(logs).origins.get(domain) ?? []
  return judgeEpochs(
    held.flatMap((origin): readonly HeldEpoch[] => {
      const log = logs.get(origin)
      if (log?.keys === undefined) return []
      const rootAt = (at: number) => logs.provenRoot(log, at)
      return [{ origin, document: log.keys.epoch, confirmed: { size: confirmedSize(origin), rootAt } }]
    }),
  )
}

/** Undefined while the epoch is open, and where the epoch that closes it is not held. */
export function closedBy(logs: Logs, origin: string, confirmedSize: ConfirmedSize): Closed | undefined {
  const judged = epochsOf(logs, domainOf(origin), confirmedSize).find((epoch) => epoch.origin === origin)
  if (judged?.state.kind !== 'closed') return undefined
  const { by, at } = judged.state
  const { closing = 'unconfirmed', isProtected } = judged
  return { origin: by, at, closing, isProtected }
}

/** The size above which nothing of this log counts any more; undefined while it is open. */
export function endOf(logs: Logs, origin: string): number | undefined {
  const state = chainedAt(logs, origin)?.state
  if (state?.kind === 'void') return 0
  return state?.kind === 'closed' ? state.at.size : undefined
}

/** The member's log that is open, as far as this node knows: the one whose keys count. */
export function openLogOf(logs: Logs, domain: string): HeldLog | undefined {
  const open = [...chainOf(logs, domain).values()].find(({ state }) => state.kind === 'open')
  return open === undefined ? undefined : logs.get(open.origin)
}

/** The key states of a member's epochs: of the open one, and of all that are held. */
export function keysOfEpochs(
  logs: Logs,
  domain: string,
): { readonly open: KeyState; readonly all: readonly KeyState[] } | undefined {
  const open = openLogOf(logs, domain)?.keys
  if (open === undefined) return undefined
  const all = [...chainOf(logs, domain).keys()].flatMap((origin) => logs.get(origin)?.keys ?? [])
  return { open, all }
}

/** Why a reader should hesitate over an entry that is valid: its epoch was closed below it, or its key revoked since. */
export function marksOfPlace(logs: Logs, log: HeldLog, index: number, signer: KeyId): readonly string[] {
  const judged = chainedAt(logs, log.origin)
  const standing = judged === undefined ? undefined : standingAt(judged, index)
  const since = log.keys === undefined ? undefined : suspectSince(log.keys, signer, index)
  return [
    ...(standing === 'above-closing' ? ['it stands above the head at which its author closed this log'] : []),
    ...(standing === 'epoch-void' ? ['its author left this whole log behind'] : []),
    ...(since === undefined ? [] : [`the key that signed it was revoked from entry ${since} on`]),
  ]
}

/** How the epochs of each member follow one another: what their leaves 0 alone say. */
type Chains = {
  readonly revision: number
  /** Origins of the logs of which leaf 0 is held, by domain. */
  readonly origins: ReadonlyMap<string, readonly string[]>
  // By domain. Written by `chainOf` only.
  readonly judged: Map<string, ReadonlyMap<string, JudgedEpoch>>
}

// Asked for each head and each log of a frontier; leaves 0 come a few times a year.
const known = new WeakMap<Logs, Chains>()

function chainsOf(logs: Logs): Chains {
  const held = known.get(logs)
  const revision = logs.epochsRevision()
  if (held?.revision === revision) return held
  const origins = new Map<string, string[]>()
  for (const { origin, keys } of logs.all()) {
    const domain = domainOf(origin)
    const own = origins.get(domain)
    if (keys === undefined) continue
    if (own === undefined) origins.set(domain, [origin])
    else own.push(origin)
  }
  const chains = { revision, origins, judged: new Map() }
  known.set(logs, chains)
  return chains
}

function chainOf(logs: Logs, domain: string): ReadonlyMap<string, JudgedEpoch> {
  const { judged } = chainsOf(logs)
  const held = judged.get(domain)
  if (held !== undefined) return held
  const chain = new Map(epochsOf(logs, domain, () => 0).map((epoch) => [epoch.origin, epoch]))
  judged.set(domain, chain)
  return chain
}

function chainedAt(logs: Logs, origin: string): JudgedEpoch | undefined {
  return chainOf(logs, domainOf(origin)).get(origin)
}

function domainOf(origin: string): string {
  return origin.slice(0, origin.indexOf('/'))
}
