/** The demo coalition's records and what its members say about one another's. Synthetic. */
import type { DemoAttestation, DemoRecord } from './told.ts'

export const demoRecords: readonly DemoRecord[] = []

export const demoAttestations: readonly DemoAttestation[] = []
