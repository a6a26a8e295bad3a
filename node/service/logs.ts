/** The logs that a node holds, each with how it stands and who confirmed it. */
import { printBase64, printHex } from '../../protocol/bytes.ts'
import { cosignersOf } from '../../protocol/log/cosigned-head.ts'
import { quorum } from '../../protocol/log/cosignature.ts'
import { emptyRoot } from '../../protocol/log/merkle.ts'
import { stateOfLog } from '../../protocol/log/state.ts'
import type { Refusal } from '../../protocol/sync/chunk.ts'
import type { ConfirmationView, LogView } from '../api/service.ts'
import type { Held } from '../evidence/evidence.ts'
import { native } from '../keys/native.ts'
import type { CandorNode } from '../node.ts'
import type { HeldLog } from '../store/log.ts'
import { outsideConfirmation } from './outside.ts'
import { completeHead, domainOf, timeView } from './view.ts'

export function logsOf(node: CandorNode): readonly LogView[] {
  return node.opened.logs
    .all()
    .map((log) => logView(node, log))
    .toSorted((a, b) => (a.origin < b.origin ? -1 : 1))
}

/** Our own log before there is one. */
export function emptyView(node: CandorNode): LogView {
  const { origin } = node.opened
  const root = printBase64(emptyRoot(native))
  const confirmed = confirmationOf(node, origin)
  return { origin, domain: domainOf(origin), size: 0, root, held: 0, own: true, state: 'empty', confirmed }
}

function logView(node: CandorNode, log: HeldLog): LogView {
  const { origin, edge } = log
  const head = completeHead(log)
  const frozen = node.opened.evidence.frozen(origin)
  const { state, since, why } = standingOf(node, log, head?.size ?? 0)
  return {
    origin,
    domain: domainOf(origin),
    size: head?.size ?? 0,
    root: printBase64(head?.root ?? emptyRoot(native)),
    held: edge.size,
    own: origin === node.opened.origin,
    state,
    confirmed: confirmationOf(node, origin),
    ...(why === undefined ? {} : { why }),
    ...(since === undefined ? {} : { since }),
    ...(frozen === undefined ? {} : { frozen: frozenView(frozen) }),
  }
}

/** What this node alone can say of its copy comes after what is proven, and before what is only late. */
function standingOf(node: CandorNode, log: HeldLog, size: number): Pick<LogView, 'state' | 'since' | 'why'> {
  const { evidence } = node.opened
  const frozen = evidence.frozen(log.origin)
  if (frozen !== undefined) return { state: 'forked', since: timeView(frozen.at), why: whyFrozen(frozen) }
  const damage = node.opened.logs.damages.errorOf(log.origin)
  if (damage !== undefined) return { state: 'damaged', why: damage.message }
  const refusal = node.network.verifier.refusalOf(log.origin)
  if (refusal !== undefined) return { state: 'stopped', why: whyStopped(refusal) }
  const { state, since, why } = stateOfLog(factsOf(node, log, size))
  if (state !== 'ok')
    return { state, why, ...(since === undefined ? {} : { since: timeView(since * 1_000) }) }
  if (log.edge.size > size) return { state: 'fetching' }
  return { state: size === 0 ? 'empty' : 'ok' }
}

function factsOf(node: CandorNode, log: HeldLog, size: number): Parameters<typeof stateOfLog>[0] {
  const { cosigned } = node.opened
  const { origin } = log
  const awaited = node.withheld.of(origin)
  const quorumSize = cosigned.get(origin)?.quorum?.checkpoint.size
  const confirmedAt = cosigned.confirmedAt(origin)
  const closed = node.closedBy(origin)
  return {
    now: seconds(node.clock.now()),
    // When a head was first seen is not kept; a node that just started does not call others late.
    newest: size === 0 ? undefined : { size, time: seconds(node.startedAt) },
    quorumHead:
      quorumSize === undefined || confirmedAt === undefined
        ? undefined
        : { size: quorumSize, time: confirmedAt },
    others: cosigned.othersOf(origin),
    seenElsewhere: awaited && { size: awaited.size, time: seconds(awaited.since) },
    frozen: undefined,
    closed: closed && { by: closed.origin },
  }
}

function confirmationOf(node: CandorNode, origin: string): ConfirmationView {
  const { cosigned, logs } = node.opened
  const others = cosigned.othersOf(origin)
  const known = cosigned.get(origin)
  const log = logs.get(origin)
  const head = log && completeHead(log)
  const isNewest = known !== undefined && known.newest.checkpoint.size === head?.size
  const size = known?.quorum?.checkpoint.size
  const at = cosigned.confirmedAt(origin)
  const outside = outsideConfirmation(node, origin)
  return {
    others,
    needed: others === 0 ? 0 : quorum(others),
    mirrors: isNewest ? cosignersOf(known.newest, 'mirror').size : 0,
    witnesses: isNewest ? cosignersOf(known.newest, 'witness').size : 0,
    quorum: size === undefined || at === undefined ? null : { size, at: timeView(at * 1_000) },
    ...(outside === undefined ? {} : { outside }),
  }
}

function seconds(millis: number): number {
  return Math.floor(millis / 1_000)
}

function whyStopped({ index, fault }: Refusal): string {
  return `entry ${index} is not valid (${fault}); nothing after it is taken`
}

function whyFrozen({ at, proven: { sizes, commonSizeMax } }: Held): string {
  const heads = `sizes ${sizes[0]} and ${sizes[1]}`
  return `it signed two histories (${heads}, at most ${commonSizeMax} entries in common); frozen since ${timeView(at)}`
}

function frozenView({ id, at, proven: { commonSizeMax } }: Held) {
  return { since: timeView(at), proof: printHex(id), commonSizeMax }
}
