/** Markings: Traffic Light Protocol 2.0 and the Information Exchange Policy 2.0 (both by FIRST), and purposes of access. */
import { vocabulary } from '../vocabulary.ts'

export const TLP = vocabulary({
  id: 'first/tlp',
  version: 2,
  open: 'none',
  terms: [
    { id: 'CLEAR', label: 'TLP:CLEAR: no limit on disclosure' },
    { id: 'GREEN', label: 'TLP:GREEN: within the community' },
    { id: 'AMBER', label: 'TLP:AMBER: the organisation and its clients' },
    { id: 'AMBER+STRICT', label: 'TLP:AMBER+STRICT: the organisation only' },
    { id: 'RED', label: 'TLP:RED: named recipients only' },
  ],
})

export const IEP_ACTIONS = vocabulary({
  id: 'first/iep-permitted-actions',
  version: 2,
  open: 'none',
  terms: [
    { id: 'none', label: 'None' },
    { id: 'contact-for-instruction', label: 'Ask first' },
    { id: 'internally-visible-actions', label: 'Internally visible actions' },
    { id: 'externally-visible-indirect-actions', label: 'Externally visible indirect actions' },
    { id: 'externally-visible-direct-actions', label: 'Externally visible direct actions' },
  ],
})

/** The answers of IEP to "may a recipient …?". */
export const IEP_ANSWERS = vocabulary({
  id: 'first/iep-answer',
  version: 2,
  open: 'none',
  terms: [
    { id: 'may', label: 'May' },
    { id: 'must', label: 'Must' },
    { id: 'must-not', label: 'Must not' },
  ],
})

export const PURPOSES = vocabulary({
  id: 'candor/purpose',
  version: 1,
  open: 'none',
  terms: [
    { id: 'own_remediation', label: 'Remediation of own systems' },
    { id: 'research', label: 'Research' },
    { id: 'audit', label: 'Audit' },
    { id: 'regulatory', label: 'Regulatory duty' },
    { id: 'standards', label: 'Standards work' },
    { id: 'victim_support', label: 'Support of those harmed' },
  ],
})
