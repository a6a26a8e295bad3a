/** The key state of a log of a lab, from all of its entries. */
import { native } from '../../node/keys/native.ts'
import { auditLeaves, openAudit } from '../../protocol/audit/verify.ts'
import type { KeyState } from '../../protocol/identity/keystate.ts'
import type { BundleLab, LogInBytes } from './bundles.ts'

export function foldedKeys(lab: BundleLab, { origin, leaves }: LogInBytes): KeyState {
  const opened = openAudit({ origin, charter: lab.charter, scope: new Set() })
  if (!opened.ok) throw new Error('bug: a log of the lab')
  const { keys } = auditLeaves(native, opened.value, leaves).judgement
  if (keys === undefined) throw new Error('bug: a log of the lab has keys')
  return keys
}
