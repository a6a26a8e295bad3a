/** `candor verify --bundle`: what a file shows to whoever brings a charter or a policy. No node is asked, no socket opened. */
import { checkedPrimitives } from '../../node/api/client.ts'
import { checkBundle } from '../../protocol/audit/bundle-check.ts'
import { findingsOfBundle, verdictOfBundle } from '../../protocol/audit/bundle-verdict.ts'
import { readBundle } from '../bundle-file.ts'
import { usage, type Context } from '../context.ts'
import { explainBundle } from '../explain.ts'
import { renderBundle, viewOfBundle } from '../render/bundle.ts'
import { renderExplained, viewOfExplained } from '../render/explain.ts'
import { trustFrom, trustOfNode } from '../trust.ts'
import { headIn } from './bundle.ts'
import { EXITS } from './verify.ts'

export type BundleOptions = {
  readonly trust?: string
  readonly charter?: string
  readonly since?: string
  readonly offline?: true
  readonly explain?: true
}

export async function verifyBundle(at: Context, file: string, options: BundleOptions): Promise<void> {
  const { trust: named, charter, since, offline, explain } = options
  if (named !== undefined && charter !== undefined) throw usage('--trust and --charter name the same thing')
  const option = named ?? charter
  if (option === undefined && offline === true)
    throw usage('without a node, say whom you trust: --trust CHARTER, --trust POLICY or --trust sha256:HASH')
  const { bytes, bundle } = readBundle(file)
  const brought = option === undefined ? await trustOfNode(at.client) : trustFrom(option, bundle.policy)
  const earlier = since === undefined ? [] : [headIn(since)]
  const checked = checkBundle(checkedPrimitives(), bundle, brought.trust, earlier)
  const verdict = verdictOfBundle(checked)
  at.setExit(EXITS[verdict])
  const findings = findingsOfBundle(checked)
  const view = viewOfBundle({ bytes, bundle, brought, checked, findings, verdict, earlier })
  const explained = explain === true ? explainBundle(bundle) : []
  const data = { ...view, ...(explain === true ? { explained: viewOfExplained(explained) } : {}) }
  await at.answer('verified-bundle', data, () => [
    ...renderBundle(at.look, view),
    ...renderExplained(at.look, explained),
  ])
}
