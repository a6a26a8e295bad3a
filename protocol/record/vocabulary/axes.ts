/** The three orthogonal axes of an incident. OECD, AIID, CSET, AHRQ, VERIS, STIX, ATLAS and AVID fit into their product. */
import { vocabulary } from '../vocabulary.ts'

export const INCIDENT_KINDS = vocabulary({
  id: 'candor/incident-kind',
  version: 1,
  open: 'none',
  terms: [
    { id: 'harm_event', label: 'Harm event: somebody or something was harmed' },
    { id: 'near_miss', label: 'Near miss: it happened, and something stopped it from reaching anybody' },
    { id: 'hazard', label: 'Hazard: a condition that could lead to harm' },
    { id: 'vulnerability', label: 'Vulnerability: a weakness that somebody could use' },
    { id: 'exercise', label: 'Exercise: a test, study or demonstration' },
  ],
})

export const VERIFICATIONS = vocabulary({
  id: 'candor/verification',
  version: 1,
  open: 'none',
  terms: [
    { id: 'reported', label: 'Reported' },
    { id: 'suspected', label: 'Suspected' },
    { id: 'confirmed', label: 'Confirmed' },
    { id: 'disputed', label: 'Disputed' },
    { id: 'refuted', label: 'Refuted' },
  ],
})

export const STATUSES = vocabulary({
  id: 'candor/status',
  version: 1,
  open: 'none',
  terms: [
    { id: 'open', label: 'Open' },
    { id: 'under_review', label: 'Under review' },
    { id: 'mitigating', label: 'Being mitigated' },
    { id: 'closed', label: 'Closed' },
    { id: 'withdrawn', label: 'Withdrawn' },
    { id: 'superseded', label: 'Superseded' },
    { id: 'merged', label: 'Merged into another record' },
  ],
})
