/** How a running node takes part in disclosure: which of its parts the gate and the reader are given. */
import { Disclosure } from './disclosure/disclosure.ts'
import { events } from './events.ts'
import { endOf } from './log/epochs.ts'
import type { CandorNode } from './node.ts'
import type { Opened } from './opening.ts'

/** Mean time between two batches of leaves that account for disclosures. */
const ACCOUNT_MS = 3_600_000

type Disclosing = Pick<
  CandorNode,
  'clock' | 'random' | 'sealer' | 'keys' | 'publisher' | 'network' | 'readOnly'
>

export function disclosureOf(
  node: Disclosing,
  opened: Opened,
  accountMs: number | undefined = ACCOUNT_MS,
): Disclosure {
  const { clock, random, sealer } = node
  const { evidence, logs } = opened
  return new Disclosure(opened, {
    clock,
    random,
    sealer,
    signer: () => node.keys.signer('statement'),
    isOver: (origin) => evidence.frozen(origin) !== undefined || endOf(logs, origin) !== undefined,
    mayPublish: () => node.readOnly() === undefined,
    publish: (contents) => node.publisher.publish(contents),
    ask: (domain, message) => node.network.askAccess(domain, message),
    serve: (answer) => node.network.serveAccess(answer),
    onError: events.failed,
    accountMs,
  })
}
