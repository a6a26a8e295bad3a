/** The demo coalition's records. Synthetic throughout. */
import { financeRisks } from './finance-risks.ts'
import { financeRecords } from './finance.ts'
import { healthRecords } from './health.ts'
import { mixedRecords } from './mixed.ts'
import { publicSectorRecords } from './public-sector.ts'
import { technologyRisks } from './technology-risks.ts'
import { technologyRecords } from './technology.ts'
import type { DemoRecord } from './told.ts'
import { transportRisks } from './transport-risks.ts'
import { transportRecords } from './transport.ts'

export const demoRecords: readonly DemoRecord[] = [
  ...technologyRecords,
  ...technologyRisks,
  ...financeRecords,
  ...financeRisks,
  ...healthRecords,
  ...transportRecords,
  ...transportRisks,
  ...publicSectorRecords,
  ...mixedRecords,
]
