/** Who confirmed the heads of audited logs, by the keys that the members' logs declare. */
import { checkedPrimitives } from '../node/api/client.ts'
import { confirmHead, countingNow, othersOf } from '../protocol/audit/confirmation.ts'
import type { LogReport } from '../protocol/audit/report.ts'
import type { CharterState } from '../protocol/governance/charter.ts'
import type { KeyState } from '../protocol/identity/keystate.ts'
import type { AuditedLog } from './audit.ts'
import { keysInForce } from './audit-counting.ts'

/** Beside the audited logs: key states of logs that were not audited, and files that may prove something against a cosigner. */
export type Beside = { readonly others?: readonly KeyState[]; readonly proofs?: readonly Uint8Array[] }

/** The same reports with the members whose mirrors confirmed each head. */
export function withCosigners(
  charter: CharterState,
  audited: readonly AuditedLog[],
  reports: readonly LogReport[],
  { others = [], proofs = [] }: Beside = {},
): readonly LogReport[] {
  const { counted } = keysInForce({ charter, audited, others, proofs })
  return reports.map((report) => {
    const note = audited.find((one) => one.report.origin === report.origin)?.note
    if (note === undefined) return report
    const { mirrors } = confirmHead(
      checkedPrimitives(),
      note,
      countingNow(counted),
      othersOf(charter, report.origin),
    )
    return { ...report, cosigners: mirrors }
  })
}
