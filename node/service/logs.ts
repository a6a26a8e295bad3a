/** The logs that a node holds, each with how it stands and who confirmed it. */
import { printBase64, printHex } from '../../protocol/bytes.ts'
import { cosignersOf } from '../../protocol/log/cosigned-head.ts'
import { quorum } from '../../protocol/log/cosignature.ts'
import { emptyRoot } from '../../protocol/log/merkle.ts'
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
  const [since, why] = [timeView(node.startedAt), 'nothing is logged yet']
  const empty = { size: 0, root, held: 0, own: true, state: 'empty', since, why } as const
  return { origin, domain: domainOf(origin), ...empty, confirmed }
}

function logView(node: CandorNode, log: HeldLog): LogView {
  const { origin, edge } = log
  const head = completeHead(log)
  const frozen = node.opened.evidence.frozen(origin)
  const { state, since, why } = node.standings.of(log)
  return {
    origin,
    domain: domainOf(origin),
    size: head?.size ?? 0,
    root: printBase64(head?.root ?? emptyRoot(native)),
    held: edge.size,
    own: origin === node.opened.origin,
    state,
    confirmed: confirmationOf(node, origin),
    why,
    since: timeView(since),
    ...(frozen === undefined ? {} : { frozen: frozenView(frozen) }),
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

function frozenView({ id, at, proven: { commonSizeMax } }: Held) {
  return { since: timeView(at), proof: printHex(id), commonSizeMax }
}
