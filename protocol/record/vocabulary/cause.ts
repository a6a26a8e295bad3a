/** Why it happened, and in which stage of a system's life. */
import { vocabulary } from '../vocabulary.ts'

export const CAUSE_CLASSES = vocabulary({
  id: 'candor/cause-class',
  version: 1,
  open: 'other',
  terms: [
    { id: 'model_failure', label: 'Failure of the model' },
    { id: 'data_training', label: 'Training data' },
    { id: 'data_consent', label: 'Data used without consent' },
    { id: 'deployment_context', label: 'Used in a context it was not made for' },
    { id: 'governance_oversight', label: 'Governance or oversight' },
    { id: 'human_misuse', label: 'Misuse by a person' },
    { id: 'overreliance', label: 'Over-reliance' },
    { id: 'verification_failure', label: 'Output was not verified' },
    { id: 'capability_misrepresentation', label: 'Capability was misrepresented' },
    { id: 'adversarial_attack', label: 'Adversarial attack' },
    { id: 'supply_chain', label: 'Supply chain' },
    { id: 'integration_software', label: 'Integration or ordinary software' },
    { id: 'monitoring_gap', label: 'Gap in monitoring' },
    { id: 'unknown', label: 'Not known' },
  ],
})

/** Whether a classification is grounded in evidence or a conjecture (the distinction of GMF). */
export const BASES = vocabulary({
  id: 'candor/basis',
  version: 1,
  open: 'none',
  terms: [
    { id: 'known', label: 'Known' },
    { id: 'potential', label: 'Potential' },
  ],
})

export const LIFECYCLE_STAGES = vocabulary({
  id: 'candor/lifecycle-stage',
  version: 1,
  open: 'none',
  terms: [
    { id: 'L01', label: 'Business understanding' },
    { id: 'L02', label: 'Data understanding' },
    { id: 'L03', label: 'Data preparation' },
    { id: 'L04', label: 'Model development' },
    { id: 'L05', label: 'Evaluation' },
    { id: 'L06', label: 'Deployment' },
    { id: 'operation', label: 'Operation' },
    { id: 'retired', label: 'Retired' },
  ],
})
