/** The systems and parties involved, and how a system was deployed and controlled. */
import { vocabulary } from '../vocabulary.ts'

export const SYSTEM_TYPES = vocabulary({
  id: 'candor/system-type',
  version: 1,
  open: 'none',
  terms: [
    { id: 'dataset', label: 'Data set' },
    { id: 'model', label: 'Model' },
    { id: 'system', label: 'System' },
    { id: 'agent', label: 'Agent' },
  ],
})

export const PARTY_ROLES = vocabulary({
  id: 'candor/party-role',
  version: 1,
  open: 'none',
  terms: [
    { id: 'developer', label: 'Developer' },
    { id: 'deployer', label: 'Deployer' },
    { id: 'harmed', label: 'Harmed or nearly harmed' },
    { id: 'actor', label: 'Acting party, attacker' },
    { id: 'target', label: 'Target' },
    { id: 'reporter', label: 'Reporter' },
  ],
})

export const BREADTHS = vocabulary({
  id: 'candor/breadth',
  version: 1,
  open: 'none',
  terms: [
    { id: 'pilot', label: 'Pilot' },
    { id: 'narrow', label: 'Narrow' },
    { id: 'broad', label: 'Broad' },
    { id: 'widespread', label: 'Widespread' },
    { id: 'unknown', label: 'Not known' },
  ],
})

export const AUTONOMIES = vocabulary({
  id: 'candor/autonomy',
  version: 1,
  open: 'none',
  terms: [
    { id: 'none', label: 'No action without a person' },
    { id: 'low', label: 'A person decides, the system supports' },
    { id: 'medium', label: 'A person can step in' },
    { id: 'high', label: 'The system acts by itself' },
    { id: 'unknown', label: 'Not known' },
  ],
})

export const CONTROL_STATES = vocabulary({
  id: 'candor/control-state',
  version: 1,
  open: 'none',
  terms: [
    { id: 'absent', label: 'Absent' },
    { id: 'failed', label: 'Failed' },
    { id: 'bypassed', label: 'Bypassed' },
    { id: 'worked', label: 'Worked' },
  ],
})
