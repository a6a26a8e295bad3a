/**
 * One table of the kinds of content this version knows. A new kind is one row here, its schema, one section
 * of spec 05 and one vector; nothing else changes. Kinds that are not listed are not invalid: an older node
 * keeps their bytes and shows them marked, so that a coalition never has to upgrade on one day.
 */
import type * as v from 'valibot'
import {
  ClassificationsSchema,
  CorrectionSchema,
  DisputeSchema,
  EraseSchema,
  LinkStatementSchema,
  OpinionSchema,
  RetractSchema,
  SeveritySchema,
  SightingSchema,
  SupersedeSchema,
} from './attestation.ts'
import { ObservedSchema } from './observed.ts'
import { IncidentPublicSchema } from './incident-public.ts'
import { IncidentPartnerSchema, IncidentResearchSchema } from './incident-restricted.ts'

export type KindRule = {
  readonly public: v.GenericSchema
  readonly partner?: v.GenericSchema
  readonly research?: v.GenericSchema
  /** Whether the statement names another statement as its target. */
  readonly on: 'never' | 'required'
  /** Whether it counts only from the target's author (or by a decision). */
  readonly countsFrom: 'anybody' | 'target-author'
  /** Whether its parts may be erased later. */
  readonly erasable: boolean
}

export const KINDS = {
  incident: {
    public: IncidentPublicSchema,
    partner: IncidentPartnerSchema,
    research: IncidentResearchSchema,
    on: 'never',
    countsFrom: 'anybody',
    erasable: true,
  },
  sighting: { public: SightingSchema, on: 'required', countsFrom: 'anybody', erasable: true },
  opinion: { public: OpinionSchema, on: 'required', countsFrom: 'anybody', erasable: true },
  severity: { public: SeveritySchema, on: 'required', countsFrom: 'anybody', erasable: true },
  classification: { public: ClassificationsSchema, on: 'required', countsFrom: 'anybody', erasable: true },
  dispute: { public: DisputeSchema, on: 'required', countsFrom: 'anybody', erasable: true },
  link: { public: LinkStatementSchema, on: 'required', countsFrom: 'anybody', erasable: true },
  correction: { public: CorrectionSchema, on: 'required', countsFrom: 'target-author', erasable: true },
  supersede: { public: SupersedeSchema, on: 'required', countsFrom: 'target-author', erasable: true },
  retract: { public: RetractSchema, on: 'required', countsFrom: 'target-author', erasable: true },
  erase: { public: EraseSchema, on: 'required', countsFrom: 'target-author', erasable: false },
  observed: { public: ObservedSchema, on: 'never', countsFrom: 'anybody', erasable: false },
} as const satisfies Record<string, KindRule>

export type Kind = keyof typeof KINDS

export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(KINDS, kind)
}
