/** What was harmed, whether it really was, and how severe the OECD calls it. Scales are never converted into one another. */
import { vocabulary } from '../vocabulary.ts'

export const HARM_TYPES = vocabulary({
  id: 'candor/harm-type',
  version: 1,
  open: 'other',
  terms: [
    { id: 'physical_health', label: 'Physical health or life' },
    { id: 'psychological', label: 'Psychological harm' },
    { id: 'economic', label: 'Economic loss' },
    { id: 'property', label: 'Damage to property' },
    { id: 'ip_intangible', label: 'Intellectual property and other intangibles' },
    { id: 'reputation', label: 'Reputation' },
    { id: 'critical_service', label: 'Disruption of a critical service' },
    { id: 'rights_discrimination', label: 'Fundamental rights, discrimination' },
    { id: 'privacy', label: 'Privacy' },
    { id: 'information_integrity', label: 'Integrity of information' },
    { id: 'environment', label: 'Environment' },
    { id: 'security_compromise', label: 'Compromise of security' },
  ],
})

export const REALISATIONS = vocabulary({
  id: 'candor/realisation',
  version: 1,
  open: 'none',
  terms: [
    { id: 'actual', label: 'It happened' },
    { id: 'potential', label: 'It could have happened' },
    { id: 'unknown', label: 'Not known' },
  ],
})

export const OECD_SEVERITIES = vocabulary({
  id: 'oecd/severity',
  version: 1,
  open: 'none',
  terms: [
    { id: 'hazard', label: 'AI hazard' },
    { id: 'serious_hazard', label: 'Serious AI hazard' },
    { id: 'incident', label: 'AI incident' },
    { id: 'serious_incident', label: 'Serious AI incident' },
    { id: 'disaster', label: 'AI disaster' },
  ],
})
