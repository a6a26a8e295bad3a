/** The demo coalition's records. Synthetic throughout. */
import { financeRecords } from './finance.ts'
import { healthRecords } from './health.ts'
import { mixedRecords } from './mixed.ts'
import { publicSectorRecords } from './public-sector.ts'
import { technologyRecords } from './technology.ts'
import type { DemoRecord } from './told.ts'
import { transportRecords } from './transport.ts'

export const demoRecords: readonly DemoRecord[] = [
  ...technologyRecords,
  ...financeRecords,
  ...healthRecords,
  ...transportRecords,
  ...publicSectorRecords,
  ...mixedRecords,
]
