/** The public part of an incident: for everybody, read whole, at most 64 KiB. DESIGN §5, spec 05 §2. */
import * as v from 'valibot'
import { daysOf, isDateOf } from './date.ts'
import { closedTerm, count, date, line, list, name, openTerm, strict, text } from './field.ts'
import {
  CLASSIFICATIONS_MAX,
  ClassificationSchema,
  LinkSchema,
  MadeBySchema,
  PolicySchema,
  reason,
  REFERENCES_MAX,
  ReferenceSchema,
  SCORES_MAX,
  ScoreSchema,
  SourceSchema,
} from './shared-fields.ts'
import { INCIDENT_KINDS, STATUSES, VERIFICATIONS } from './vocabulary/axes.ts'
import { LIFECYCLE_STAGES } from './vocabulary/cause.ts'
import { DATE_BASES, DATE_PRECISIONS, DETECTION_METHODS } from './vocabulary/detection.ts'
import { HARM_TYPES, OECD_SEVERITIES, REALISATIONS } from './vocabulary/harm.ts'
import { REDACTION_REASONS, REDACTION_TRANSFORMS } from './vocabulary/redaction.ts'
import { SECTORS } from './vocabulary/sector.ts'
import { PARTY_ROLES, SYSTEM_TYPES } from './vocabulary/system.ts'

/** A title fits a line of a list. */
export const TITLE_LENGTH_MAX = 200
/** A summary fits one gossip message with everything around it. */
export const SUMMARY_LENGTH_MAX = 400
/** Longer accounts belong into the partner narrative. */
export const DESCRIPTION_LENGTH_MAX = 2_000

export const SYSTEMS_MAX = 64
export const PARTIES_MAX = 64
export const HARMS_MAX = 32
export const LINKS_MAX = 64
const REGIONS_MAX = 64
const SECTORS_MAX = 16
const WITHHELD_MAX = 64

/** When it happened, no more precisely than is known or may be told. */
const OccurredSchema = v.pipe(
  strict({
    start: v.exactOptional(v.string()),
    end: v.exactOptional(v.string()),
    precision: closedTerm(DATE_PRECISIONS),
    basis: closedTerm(DATE_BASES),
  }),
  v.check(
    ({ start, precision }) => (start === undefined) === (precision === 'unknown'),
    'must have a start, unless the precision is unknown',
  ),
  v.check(
    ({ start, end, precision }) => [start, end].every((at) => at === undefined || isDateOf(at, precision)),
    'must write its dates as the precision says: 2024, 2024-04 (quarter and month), 2024-04-09, 2024-04-09T13Z',
  ),
  v.check(({ start, end, precision }) => {
    if (end === undefined || start === undefined) return end === undefined
    return daysOf(start, precision) === undefined || start <= end
  }, 'must not end before it starts'),
)

/** ISO 3166-1 alpha-2 or a UN M49 area. Nothing finer: a town can name a person. */
const RegionSchema = v.pipe(
  v.string(),
  v.regex(/^(?:[A-Z]{2}|\d{3})$/, 'must be a country (two capital letters) or a UN M49 area (three digits)'),
)

export const IncidentPublicSchema = strict({
  kind: closedTerm(INCIDENT_KINDS),
  verification: closedTerm(VERIFICATIONS),
  status: closedTerm(STATUSES),
  title: line(TITLE_LENGTH_MAX),
  summary: text(SUMMARY_LENGTH_MAX),
  /** True when the summary is the beginning of a longer one. */
  summary_partial: v.exactOptional(v.boolean()),
  description: v.exactOptional(text(DESCRIPTION_LENGTH_MAX)),
  occurred: OccurredSchema,
  detected: v.exactOptional(strict({ at: v.exactOptional(date()), method: openTerm(DETECTION_METHODS) })),
  sectors: v.exactOptional(list(openTerm(SECTORS), SECTORS_MAX)),
  regions: v.exactOptional(list(RegionSchema, REGIONS_MAX)),
  lifecycle: v.exactOptional(list(closedTerm(LIFECYCLE_STAGES), LIFECYCLE_STAGES.terms.length)),
  harms: v.exactOptional(
    list(
      strict({
        type: openTerm(HARM_TYPES),
        realised: closedTerm(REALISATIONS),
        oecd_severity: v.exactOptional(closedTerm(OECD_SEVERITIES)),
      }),
      HARMS_MAX,
    ),
  ),
  scores: v.exactOptional(list(ScoreSchema, SCORES_MAX)),
  systems: v.exactOptional(
    list(
      strict({
        type: closedTerm(SYSTEM_TYPES),
        name: v.exactOptional(name()),
        version: v.exactOptional(name()),
        provider: v.exactOptional(name()),
      }),
      SYSTEMS_MAX,
    ),
  ),
  parties: v.exactOptional(
    list(
      strict({ role: closedTerm(PARTY_ROLES), name: name(), alleged: v.exactOptional(v.boolean()) }),
      PARTIES_MAX,
    ),
  ),
  classifications: v.exactOptional(list(ClassificationSchema, CLASSIFICATIONS_MAX)),
  references: v.exactOptional(list(ReferenceSchema, REFERENCES_MAX)),
  policy: PolicySchema,
  /** That something is withheld and why; never what. */
  withheld: v.exactOptional(
    list(
      strict({
        tier: v.picklist(['public', 'partner', 'research'], 'must be public, partner or research'),
        reason: closedTerm(REDACTION_REASONS),
        transform: closedTerm(REDACTION_TRANSFORMS),
        count: count(),
        note: v.exactOptional(reason()),
      }),
      WITHHELD_MAX,
    ),
  ),
  links: v.exactOptional(list(LinkSchema, LINKS_MAX)),
  source: v.exactOptional(SourceSchema),
  made_by: MadeBySchema,
})

export type IncidentPublic = v.InferOutput<typeof IncidentPublicSchema>
