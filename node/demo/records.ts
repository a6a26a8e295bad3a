/** The demo coalition's records. Synthetic throughout. */
import { healthRecords } from './health.ts'
import { mixedRecords } from './mixed.ts'
import { publicSectorRecords } from './public-sector.ts'
import type { DemoRecord } from './told.ts'

export const demoRecords: readonly DemoRecord[] = [...healthRecords, ...publicSectorRecords, ...mixedRecords]
