/** Every vocabulary this version knows, in one list: for digests, for printing and for tests. */
import type { Vocabulary } from './vocabulary.ts'
import { ACCESS_END_REASONS, ACK_STATES, DENIAL_REASONS } from './vocabulary/access.ts'
import { ATLAS_TACTICS, ATLAS_TECHNIQUES } from './vocabulary/atlas.ts'
import { ERASURE_BASES, LINK_RELATIONS, RETRACTION_REASONS, SIGHTINGS } from './vocabulary/attestation.ts'
import { AI_ASSISTANCE, AUTHOR_ROLES, REVIEW_STATES } from './vocabulary/authorship.ts'
import { INCIDENT_KINDS, STATUSES, VERIFICATIONS } from './vocabulary/axes.ts'
import { BASES, CAUSE_CLASSES, LIFECYCLE_STAGES } from './vocabulary/cause.ts'
import { DATE_BASES, DATE_PRECISIONS, DETECTION_METHODS } from './vocabulary/detection.ts'
import { HARM_TYPES, OECD_SEVERITIES, REALISATIONS } from './vocabulary/harm.ts'
import { CLOCK_STATES, MAPPING_STATUSES } from './vocabulary/mapping.ts'
import { IEP_ACTIONS, IEP_ANSWERS, PURPOSES, TLP } from './vocabulary/marking.ts'
import { REDACTION_REASONS, REDACTION_TRANSFORMS } from './vocabulary/redaction.ts'
import { SECTORS } from './vocabulary/sector.ts'
import { AUTONOMIES, BREADTHS, CONTROL_STATES, PARTY_ROLES, SYSTEM_TYPES } from './vocabulary/system.ts'

export const VOCABULARIES: readonly Vocabulary[] = [
  ACCESS_END_REASONS,
  ACK_STATES,
  AI_ASSISTANCE,
  ATLAS_TACTICS,
  ATLAS_TECHNIQUES,
  AUTHOR_ROLES,
  AUTONOMIES,
  BASES,
  BREADTHS,
  CAUSE_CLASSES,
  CLOCK_STATES,
  CONTROL_STATES,
  DATE_BASES,
  DATE_PRECISIONS,
  DENIAL_REASONS,
  DETECTION_METHODS,
  HARM_TYPES,
  IEP_ACTIONS,
  IEP_ANSWERS,
  INCIDENT_KINDS,
  LIFECYCLE_STAGES,
  LINK_RELATIONS,
  MAPPING_STATUSES,
  OECD_SEVERITIES,
  PARTY_ROLES,
  PURPOSES,
  REALISATIONS,
  REDACTION_REASONS,
  REDACTION_TRANSFORMS,
  ERASURE_BASES,
  RETRACTION_REASONS,
  REVIEW_STATES,
  SECTORS,
  SIGHTINGS,
  STATUSES,
  SYSTEM_TYPES,
  TLP,
  VERIFICATIONS,
]
