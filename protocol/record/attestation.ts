/**
 * What a member states about a record, its own or another's. Each is a statement of its own and overwrites
 * nothing; `correction`, `supersede` and `retract` count only from the target's author. DESIGN §5, spec 05 §5.
 */
import * as v from 'valibot'
import { closedTerm, count, date, integer, line, list, name, openTerm, strict, text } from './field.ts'
import {
  CLASSIFICATIONS_MAX,
  ClassificationSchema,
  LINK_ENTRIES,
  MadeBySchema,
  reason,
  ReferenceSchema,
  SCORES_MAX,
  ScoreSchema,
  TargetSchema,
} from './shared-fields.ts'
import { ERASURE_BASES, RETRACTION_REASONS, SIGHTINGS } from './vocabulary/attestation.ts'
import { HARM_TYPES, OECD_SEVERITIES, REALISATIONS } from './vocabulary/harm.ts'
import { SYSTEM_TYPES } from './vocabulary/system.ts'

/** Parts that can be erased; a public one only where the statement stands in the log of its target (spec 03 §7.1). */
const ERASED_TIERS = ['public', 'partner', 'research'] as const

const EVIDENCE_MAX = 32
const CHANGES_MAX = 64

const evidence = () => v.exactOptional(list(ReferenceSchema, EVIDENCE_MAX))
const madeBy = () => v.exactOptional(MadeBySchema)

/** Dotted path of a field, such as `harms.0.type`. */
const path = () =>
  v.pipe(
    v.string(),
    v.regex(/^[a-z_]+(?:\.(?:[a-z_]+|\d{1,5}))*$/, 'must be the path of a field, such as harms.0.type'),
  )

export const SightingSchema = strict({
  value: closedTerm(SIGHTINGS),
  at: v.exactOptional(date()),
  count: v.exactOptional(count()),
  system: v.exactOptional(
    strict({
      type: closedTerm(SYSTEM_TYPES),
      name: v.exactOptional(name()),
      version: v.exactOptional(name()),
      provider: v.exactOptional(name()),
    }),
  ),
  note: v.exactOptional(reason()),
  evidence: evidence(),
  made_by: madeBy(),
})

/** 0 is "I strongly disagree", 100 "I strongly agree". A number without a reason convinces nobody. */
export const OpinionSchema = strict({
  value: integer(0, 100),
  reason: reason(),
  evidence: evidence(),
  made_by: madeBy(),
})

export const SeveritySchema = v.pipe(
  strict({
    scores: v.exactOptional(list(ScoreSchema, SCORES_MAX)),
    harms: v.exactOptional(
      list(
        strict({
          type: openTerm(HARM_TYPES),
          realised: closedTerm(REALISATIONS),
          oecd_severity: closedTerm(OECD_SEVERITIES),
        }),
        32,
      ),
    ),
    reason: v.exactOptional(reason()),
    evidence: evidence(),
    made_by: madeBy(),
  }),
  v.check(({ scores, harms }) => scores !== undefined || harms !== undefined, 'must say scores or harms'),
)

/** Terms of any taxonomy. Causes use the scheme `candor/cause-class`, with their basis. */
export const ClassificationsSchema = strict({
  terms: list(ClassificationSchema, CLASSIFICATIONS_MAX),
  reason: v.exactOptional(reason()),
  evidence: evidence(),
  made_by: madeBy(),
})

/** Dissent travels with what it disputes. */
export const DisputeSchema = strict({
  reason: reason(),
  fields: v.exactOptional(list(path(), CHANGES_MAX)),
  position: v.exactOptional(text(2_000)),
  evidence: evidence(),
  made_by: madeBy(),
})

/** From the record the statement is on, to the target. */
export const LinkStatementSchema = strict({
  ...LINK_ENTRIES,
  evidence: evidence(),
  made_by: madeBy(),
})

/** What was wrong, field by field, and what is right. No `correct` means the field should not be there. */
export const CorrectionSchema = strict({
  reason: reason(),
  changes: v.exactOptional(
    list(
      strict({ path: path(), correct: v.exactOptional(text(2_000)), note: v.exactOptional(line(400)) }),
      CHANGES_MAX,
    ),
  ),
  evidence: evidence(),
  made_by: madeBy(),
})

/** The record the statement is on is replaced by another record, or by a later version of itself. */
export const SupersedeSchema = strict({ by: TargetSchema, reason: reason(), made_by: madeBy() })

/**
 * Bytes, openings and tier secrets of these tiers are deleted everywhere; the entry stays. It names no person and says
 * no more than on what basis, because it is never erased itself. DESIGN §2.
 */
export const EraseSchema = strict({
  tiers: v.pipe(
    list(v.picklist(ERASED_TIERS, 'must be public, partner or research'), ERASED_TIERS.length),
    v.check((tiers) => new Set(tiers).size === tiers.length, 'must name each tier once'),
  ),
  basis: closedTerm(ERASURE_BASES),
  made_by: madeBy(),
})

export const RetractSchema = strict({
  class: openTerm(RETRACTION_REASONS),
  reason: reason(),
  made_by: madeBy(),
})
