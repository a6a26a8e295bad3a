/** Who made a record, with how much help from AI, and who looked at it. */
import { vocabulary } from '../vocabulary.ts'

export const AUTHOR_ROLES = vocabulary({
  id: 'candor/author-role',
  version: 1,
  open: 'other',
  terms: [
    { id: 'developer', label: 'Developer of the system' },
    { id: 'deployer', label: 'Deployer of the system' },
    { id: 'user', label: 'User of the system' },
    { id: 'affected', label: 'Affected party' },
    { id: 'researcher', label: 'Researcher' },
    { id: 'regulator', label: 'Regulator' },
    { id: 'observer', label: 'Third-party observer' },
    { id: 'importer', label: 'Importer of a record made by others' },
  ],
})

export const AI_ASSISTANCE = vocabulary({
  id: 'candor/ai-assistance',
  version: 1,
  open: 'none',
  terms: [
    { id: 'none', label: 'None' },
    { id: 'assisted', label: 'AI-assisted' },
    { id: 'generated', label: 'AI-generated' },
    { id: 'unknown', label: 'Not known' },
  ],
})

export const REVIEW_STATES = vocabulary({
  id: 'candor/review-state',
  version: 1,
  open: 'none',
  terms: [
    { id: 'unreviewed', label: 'Not reviewed' },
    { id: 'self-reviewed', label: 'Reviewed by its author' },
    { id: 'peer-reviewed', label: 'Reviewed by another person' },
    { id: 'multi-party-reviewed', label: 'Reviewed by several parties' },
    { id: 'unknown', label: 'Not known' },
  ],
})
