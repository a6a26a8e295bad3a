/**
 * How words of the AI Vulnerability Database translate, where they do. Judgement, so every use of these tables
 * is marked `approximate`. What is not listed stays a classification under AVID's own scheme.
 */
import type { TermId } from '../../protocol/record/vocabulary.ts'
import type { INCIDENT_KINDS } from '../../protocol/record/vocabulary/axes.ts'
import type { HARM_TYPES } from '../../protocol/record/vocabulary/harm.ts'

type IncidentKind = TermId<typeof INCIDENT_KINDS>
type HarmType = TermId<typeof HARM_TYPES>

/** By `problemtype.type`. */
export const KIND_OF_TYPE: ReadonlyMap<string, IncidentKind> = new Map([
  ['Advisory', 'vulnerability'],
  ['Detection', 'harm_event'],
  ['Issue', 'hazard'],
  ['Measurement', 'exercise'],
])

/** By `problemtype.classof`, for records without a type. */
export const KIND_OF_CLASS: ReadonlyMap<string, IncidentKind> = new Map([
  ['AIID Incident', 'harm_event'],
  ['ATLAS Case Study', 'exercise'],
  ['CVE Entry', 'vulnerability'],
  ['LLM Evaluation', 'exercise'],
])

/** By code of the SEP taxonomy; the letter alone stands for the codes that are not listed. */
export const HARM_OF_SEP: ReadonlyMap<string, HarmType> = new Map([
  ['S', 'security_compromise'],
  ['S0301', 'privacy'],
  ['E0100', 'rights_discrimination'],
  ['E0101', 'rights_discrimination'],
  ['E0102', 'rights_discrimination'],
  ['E0301', 'psychological'],
  ['E0302', 'information_integrity'],
  ['E0401', 'information_integrity'],
  ['E0402', 'information_integrity'],
  ['P0401', 'psychological'],
  ['P0402', 'physical_health'],
  ['P0403', 'economic'],
  ['P0404', 'environment'],
])

/** Artifacts by type. */
export const SYSTEM_OF_ARTIFACT: ReadonlyMap<string, 'dataset' | 'model' | 'system'> = new Map([
  ['dataset', 'dataset'],
  ['model', 'model'],
  ['system', 'system'],
])
