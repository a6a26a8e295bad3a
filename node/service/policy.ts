/** The trust policy of the coalition as this node's copies of the logs make it: text for any C2SP verifier. */
import { parties } from '../../protocol/governance/charter.ts'
import { policyOf } from '../../protocol/governance/trust.ts'
import { printPolicy } from '../../protocol/log/policy.ts'
import { NodeError } from '../errors.ts'
import { native } from '../keys/native.ts'
import { epochsOf } from '../log/epochs.ts'
import type { CandorNode } from '../node.ts'

/** For one log, or for all that are held when none is named. Epochs that their member left behind are not in it. */
export function policyText(node: CandorNode, origin: string | undefined): Uint8Array {
  const { charter, logs } = node.opened
  const domains = parties(charter).map(({ domain }) => domain)
  const origins = domains.flatMap((domain) =>
    epochsOf(logs, domain, () => 0)
      .filter(({ state }) => state.kind !== 'void')
      .map((epoch) => epoch.origin),
  )
  const known = origins.flatMap((name) => {
    const log = logs.get(name)
    return log?.keys === undefined ? [] : [{ state: log.keys, size: log.edge.size }]
  })
  const policy = policyOf(charter, known, origin)
  if (policy.ok) return printPolicy(native, policy.value)
  throw new NodeError(
    'NOT_FOUND',
    'this node does not hold the logs of enough members to name their mirrors',
    {
      fix: 'candor peers',
    },
  )
}
