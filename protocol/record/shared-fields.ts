/** Fields that several schemas share: markings, references, targets, scores, classifications, authorship. */
import * as v from 'valibot'
import {
  closedTerm,
  date,
  decimal,
  digest,
  EXTERNAL_ID_LENGTH_MAX,
  integer,
  line,
  list,
  openTerm,
  origin,
  recordId,
  strict,
  text,
  token,
  url,
} from './field.ts'
import { LINK_RELATIONS } from './vocabulary/attestation.ts'
import { AI_ASSISTANCE, AUTHOR_ROLES, REVIEW_STATES } from './vocabulary/authorship.ts'
import { BASES } from './vocabulary/cause.ts'
import { IEP_ACTIONS, IEP_ANSWERS, TLP } from './vocabulary/marking.ts'
import { MAPPING_STATUSES } from './vocabulary/mapping.ts'

/** Characters of a reason, a note or an explanation. */
const REASON_LENGTH_MAX = 2_000

export const REFERENCES_MAX = 64
export const SCORES_MAX = 16
export const CLASSIFICATIONS_MAX = 64
export const MAPPINGS_MAX = 64
const EXTERNAL_IDS_MAX = 64

export function reason() {
  return text(REASON_LENGTH_MAX)
}

/** TLP 2.0 and IEP 2.0. Markings AND together; the stricter wins. */
export const PolicySchema = strict({
  tlp: closedTerm(TLP),
  iep: v.exactOptional(
    strict({
      permitted_actions: v.exactOptional(closedTerm(IEP_ACTIONS)),
      affected_party_notifications: v.exactOptional(closedTerm(IEP_ANSWERS)),
      attribution: v.exactOptional(closedTerm(IEP_ANSWERS)),
      unmodified_resale: v.exactOptional(closedTerm(IEP_ANSWERS)),
      encrypt_in_transit: v.exactOptional(closedTerm(IEP_ANSWERS)),
      start_date: v.exactOptional(date()),
      end_date: v.exactOptional(date()),
    }),
  ),
})

export const ReferenceSchema = strict({
  url: url(),
  label: v.exactOptional(line(400)),
  type: v.exactOptional(line(40)),
})

/** An identifier in somebody else's catalogue. */
const ExternalIdSchema = strict({ scheme: token(), id: line(EXTERNAL_ID_LENGTH_MAX) })

/** A record of this network, named by the author of its first version, or an entry of another catalogue. */
export const TargetSchema = v.union(
  [
    strict({
      origin: origin(),
      record: recordId(),
      version: v.exactOptional(integer(1, Number.MAX_SAFE_INTEGER)),
    }),
    ExternalIdSchema,
  ],
  'must be {origin, record, version?} or {scheme, id}',
)

/** A typed link, with confidence in percent. Never transitive. */
export const LINK_ENTRIES = {
  rel: closedTerm(LINK_RELATIONS),
  target: TargetSchema,
  confidence: v.exactOptional(integer(0, 100)),
  note: v.exactOptional(reason()),
}

export const LinkSchema = strict(LINK_ENTRIES)

/** A severity on its own scale. Scales stand side by side; none is converted into another. */
export const ScoreSchema = v.pipe(
  strict({
    system: token(),
    version: v.exactOptional(line(20)),
    vector: v.exactOptional(line(400)),
    value: v.exactOptional(decimal()),
    label: v.exactOptional(line(80)),
  }),
  v.check(
    (score) => score.vector !== undefined || score.value !== undefined || score.label !== undefined,
    'must say a vector, a value or a label',
  ),
)

/** A term of any taxonomy, named by scheme and id. */
export const ClassificationSchema = strict({
  scheme: token(),
  version: v.exactOptional(line(20)),
  id: line(EXTERNAL_ID_LENGTH_MAX),
  label: v.exactOptional(line(400)),
  basis: v.exactOptional(closedTerm(BASES)),
})

export const MadeBySchema = strict({
  role: openTerm(AUTHOR_ROLES),
  ai_assistance: v.exactOptional(closedTerm(AI_ASSISTANCE)),
  review: v.exactOptional(closedTerm(REVIEW_STATES)),
})

/** Where a record of others came from, and what became of each of its fields. */
export const SourceSchema = strict({
  origin: token(),
  external_ids: list(ExternalIdSchema, EXTERNAL_IDS_MAX),
  licence: line(80),
  attribution: v.exactOptional(line(400)),
  original_digest: digest(),
  comparison_digest: v.exactOptional(digest()),
  mapping: v.exactOptional(
    list(
      strict({
        field: line(120),
        status: closedTerm(MAPPING_STATUSES),
        to: v.exactOptional(line(120)),
        note: v.exactOptional(line(400)),
      }),
      MAPPINGS_MAX,
    ),
  ),
})
