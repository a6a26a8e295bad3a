/** How faithfully a field of an imported record was carried over. */
import { vocabulary } from '../vocabulary.ts'

export const MAPPING_STATUSES = vocabulary({
  id: 'candor/mapping-status',
  version: 1,
  open: 'none',
  terms: [
    { id: 'direct', label: 'Carried over as it is' },
    { id: 'partial', label: 'Carried over in part' },
    { id: 'approximate', label: 'Carried over by judgement' },
    { id: 'unmapped', label: 'Not carried over' },
  ],
})

/** States of a reporting duty. The duties and their periods are data of another vocabulary. */
export const CLOCK_STATES = vocabulary({
  id: 'candor/clock-state',
  version: 1,
  open: 'none',
  terms: [
    { id: 'running', label: 'Running' },
    { id: 'filed', label: 'Filed' },
    { id: 'closed', label: 'Closed' },
    { id: 'not_applicable', label: 'Does not apply' },
  ],
})
