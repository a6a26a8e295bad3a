/** How it was found, and what a date rests on. */
import { vocabulary } from '../vocabulary.ts'

export const DETECTION_METHODS = vocabulary({
  id: 'candor/detection-method',
  version: 1,
  open: 'other',
  terms: [
    { id: 'internal_monitoring', label: 'Internal monitoring' },
    { id: 'internal_report', label: 'Internal report' },
    { id: 'user', label: 'User' },
    { id: 'researcher', label: 'Researcher' },
    { id: 'actor', label: 'The acting party itself' },
    { id: 'media', label: 'Media' },
    { id: 'regulator', label: 'Regulator' },
    { id: 'law_enforcement', label: 'Law enforcement' },
    { id: 'automated', label: 'Automated test or scan' },
    { id: 'unknown', label: 'Not known' },
  ],
})

export const DATE_PRECISIONS = vocabulary({
  id: 'candor/date-precision',
  version: 1,
  open: 'none',
  terms: [
    { id: 'year', label: 'Year' },
    { id: 'quarter', label: 'Quarter' },
    { id: 'month', label: 'Month' },
    { id: 'day', label: 'Day' },
    { id: 'hour', label: 'Hour (UTC)' },
    { id: 'unknown', label: 'Not known' },
  ],
})

export const DATE_BASES = vocabulary({
  id: 'candor/date-basis',
  version: 1,
  open: 'none',
  terms: [
    { id: 'occurred', label: 'When it happened' },
    { id: 'first_harm', label: 'When the first harm happened' },
    { id: 'filed', label: 'When it was filed with a court or an authority' },
    { id: 'reported', label: 'When it was reported' },
  ],
})
