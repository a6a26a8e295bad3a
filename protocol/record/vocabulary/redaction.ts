/** Why something is withheld, and what was done to it. */
import { vocabulary } from '../vocabulary.ts'

export const REDACTION_REASONS = vocabulary({
  id: 'candor/redaction-reason',
  version: 1,
  open: 'none',
  terms: [
    { id: 'personal_data', label: 'Personal data' },
    { id: 'third_party', label: 'Interests of a third party' },
    { id: 'trade_secret', label: 'Trade secret' },
    { id: 'exploit_detail', label: 'Detail that helps an attacker' },
    { id: 'dual_use', label: 'Knowledge with dual use' },
    { id: 'privilege', label: 'Legal privilege' },
    { id: 'investigation', label: 'Investigation under way' },
    { id: 'reporter_safety', label: 'Safety of the reporter' },
    { id: 'regulator_hold', label: 'Held at the request of a regulator' },
  ],
})

export const REDACTION_TRANSFORMS = vocabulary({
  id: 'candor/redaction-transform',
  version: 1,
  open: 'none',
  terms: [
    { id: 'suppress', label: 'Left out' },
    { id: 'generalise', label: 'Generalised' },
    { id: 'bin', label: 'Put into a range' },
    { id: 'pseudonymise', label: 'Pseudonymised' },
    { id: 'aggregate_k', label: 'Aggregated over at least k' },
    { id: 'paraphrase', label: 'Paraphrased' },
    { id: 'commit_only', label: 'Committed to, not shown' },
  ],
})
