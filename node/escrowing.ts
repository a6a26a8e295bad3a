/** How a running node takes part in escrow: which of its parts it is given. */
import { ESCROW_BOUNDS } from '../protocol/access/escrow-rules.ts'
import { expectWithin } from './escrow/settings.ts'
import { Escrow } from './escrow/escrow.ts'
import { events } from './events.ts'
import { native } from './keys/native.ts'
import { openLogOf } from './log/epochs.ts'
import type { CandorNode } from './node.ts'
import type { Opened } from './opening.ts'

export type { Escrow }

/** Answers to deposits and recalls from now on. Somebody without a log holds nothing for others. */
export async function startEscrow({ escrow, network, opened }: CandorNode): Promise<void> {
  if (opened.role === 'observer') return
  const { publishing, escrow: settings } = opened.configuration
  if (settings !== undefined) expectWithin(settings.tiers, publishing?.maxTier ?? 'research', 'CONFIGURATION')
  await escrow.start()
  await network.serveEscrow((message, peer) => escrow.answer(message, peer))
}

type Escrowing = Pick<
  CandorNode,
  'clock' | 'random' | 'sealer' | 'keys' | 'network' | 'readOnly' | 'disclosure' | 'nodeKey'
>

export function escrowOf(node: Escrowing, opened: Opened): Escrow {
  const { clock, random, sealer, network, disclosure } = node
  const { logs, charter, cosigned, database, keystore, member, origin, configuration } = opened
  return new Escrow({
    primitives: native,
    clock,
    random,
    sealer,
    store: database,
    logs,
    charter,
    domain: member.domain,
    origin,
    signer: () => node.keys.signer('statement'),
    nodeKey: () => node.nodeKey(),
    boxKey: () => disclosure.boxKey(),
    withBox: (box, use) => keystore.withBox(box, use),
    trail: disclosure.trail,
    unlogged: disclosure.unlogged,
    isFresh: () => disclosure.freshness.isFresh(),
    confirmedAt: (domain) => {
      const log = openLogOf(logs, domain)
      return log && cosigned.confirmedAt(log.origin)
    },
    isConnected: (domain) => network.talkEscrow(domain) !== undefined,
    talk: (domain) => network.talkEscrow(domain),
    mayPublish: () => node.readOnly() === undefined,
    free: () => disclosure.free(),
    onError: events.failed,
    settings: configuration.escrow,
    bounds: ESCROW_BOUNDS,
  })
}
