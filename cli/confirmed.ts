/** Who confirmed the heads of audited logs, by the keys that the members' logs declare. */
import { checkedPrimitives } from '../node/api/client.ts'
import { confirmHead, cosignerKeys, countingNow, othersOf } from '../protocol/audit/confirmation.ts'
import type { LogReport } from '../protocol/audit/report.ts'
import type { CharterState } from '../protocol/governance/charter.ts'
import type { KeyState } from '../protocol/identity/keystate.ts'
import type { AuditedLog } from './audit.ts'
import { openStates, statesIn } from './audit-report.ts'

/** The same reports with the members whose mirrors confirmed each head. `others`: key states of logs that were not audited. */
export function withCosigners(
  charter: CharterState,
  audited: readonly AuditedLog[],
  reports: readonly LogReport[],
  others: readonly KeyState[] = [],
): readonly LogReport[] {
  const keys = cosignerKeys(charter, openStates([...statesIn(audited), ...others]))
  return reports.map((report) => {
    const note = audited.find((one) => one.report.origin === report.origin)?.note
    if (note === undefined) return report
    const { mirrors } = confirmHead(
      checkedPrimitives(),
      note,
      countingNow(keys),
      othersOf(charter, report.origin),
    )
    return { ...report, cosigners: mirrors }
  })
}
